"""The report of an evaluation: one HTML document that needs no network, no script and no other file."""

from headrace.report.document import evaluation_report

__all__ = ["evaluation_report"]
