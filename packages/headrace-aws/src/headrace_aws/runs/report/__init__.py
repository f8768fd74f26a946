"""The page of one run: what its execution did, as HTML that needs neither network nor script."""
