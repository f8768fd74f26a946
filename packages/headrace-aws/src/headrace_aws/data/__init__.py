"""Raw tables: put into the data bucket, and found again as a run read them."""
