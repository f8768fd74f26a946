"""The report of a run, written into a file."""

from pathlib import Path

from infra.aws import Clients
from infra.run_report.facts import facts_of
from infra.run_report.page import run_report
from pipelines.project import ROOT, Project

REPORTS = ROOT / "runs"


def write_run_report(  # noqa: PLR0913 - what names a run, each in its own way
    found: Clients, project: Project, model: str, pipeline: str, execution: str, *, folder: Path = REPORTS
) -> Path:
    """Write `<folder>/<execution>/run.html` and return the file; raise `ConfigurationError` for an unknown run."""
    text = run_report(facts_of(found, project, model, pipeline, execution))
    file = folder / execution / "run.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
