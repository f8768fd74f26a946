"""Headrace on AWS: pipelines as state machines, and the commands that deploy and run them."""
