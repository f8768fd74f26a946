"""The report of one run: what its execution did, as one HTML page that needs neither network nor script."""

from infra.run_report.facts import RunFacts, facts_of
from infra.run_report.page import run_report
from infra.run_report.writing import write_run_report

__all__ = ["RunFacts", "facts_of", "run_report", "write_run_report"]
