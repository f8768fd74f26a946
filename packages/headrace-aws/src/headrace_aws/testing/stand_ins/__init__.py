"""Stand-ins for what is not on this machine; the README beside this file says for what."""
