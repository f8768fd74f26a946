"""Runs of pipelines: start, follow, stop, their logs, their page and their records."""
