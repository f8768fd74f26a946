"""Offline checks of rendered definitions: `python -m headrace_aws.asl.checks` runs them all."""
