"""The report of one run: what its execution did, as one HTML page that needs neither network nor script."""

from headrace_aws.runs.report.collect import RunFacts, facts_of
from headrace_aws.runs.report.page import run_report
from headrace_aws.runs.report.write import write_run_report

__all__ = ["RunFacts", "facts_of", "run_report", "write_run_report"]
