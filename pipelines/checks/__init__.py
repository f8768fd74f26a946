"""Offline checks of rendered definitions: `python -m pipelines.checks` runs them all."""
