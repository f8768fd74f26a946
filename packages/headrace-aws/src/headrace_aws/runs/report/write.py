"""The report of a run, written into a file."""

from pathlib import Path

from headrace_aws.session import AwsSession
from headrace_aws.runs.report.collect import facts_of
from headrace_aws.runs.report.page import run_report
from headrace_aws.config.project import Project
from headrace_aws.config.root import project_root

REPORTS = "runs"


def write_run_report(  # noqa: PLR0913 - what names a run, each in its own way
    aws: AwsSession, project: Project, model: str, pipeline: str, execution: str, *, folder: Path | None = None
) -> Path:
    """Write `<folder>/<execution>/run.html` and return the file; raise `ConfigurationError` for an unknown run."""
    text = run_report(facts_of(aws, project, model, pipeline, execution))
    file = (folder or project_root() / REPORTS) / execution / "run.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
