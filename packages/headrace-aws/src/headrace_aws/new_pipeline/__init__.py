"""A new pipeline: its file, its place in the list of pipelines, and its part of the stacks."""
