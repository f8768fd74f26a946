"""Reports: each one HTML document that needs no network, no script and no other file."""
