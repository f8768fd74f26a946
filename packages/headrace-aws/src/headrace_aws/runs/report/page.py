"""The page of a run: its snapshot put into a template."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from headrace import strict_json
from headrace_aws import formatting
from headrace_aws.asl.diagrams.drawing import svg
from headrace_aws.asl.diagrams.marks import duration
from headrace_aws.config.root import project_root
from headrace_aws.naming import log_group
from headrace_aws.runs.jobs import JobRun
from headrace_aws.runs.report import links
from headrace_aws.runs.report.overlay import overlay
from headrace_aws.runs.report.timeline import timeline
from headrace_aws.runs.snapshot import RunSnapshot
from headrace_aws.runs.summary import remedy
from headrace_aws.whole_files import write_whole

TEXT_LIMIT = 20_000  # characters of an input, an output, a message
OBJECTS_LIMIT = 200  # rows of a table
_TRIGGERS = ("triggered_by", "trigger", "reason", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID")
_UNNAMED = re.compile(r"\$\{\w+\}")  # a placeholder that nobody filled
_LONGEST = 1000  # characters of a sentence
_WORDS = {
    "RUNNING": ("Running", "running"),
    "SUCCEEDED": ("Succeeded", "passed"),
    "FAILED": ("Failed", "refused"),
    "ABORTED": ("Stopped", "refused"),
    "TIMED_OUT": ("Timed out", "refused"),
    "PENDING_REDRIVE": ("Waiting to be redriven", "running"),
}


@dataclass(frozen=True)
class Headline:
    """How the run stands: in a word, in a sentence, and as a class of the style sheet."""

    word: str
    sentence: str
    style: str


def run_report(snapshot: RunSnapshot) -> str:
    """Return the report as one HTML document. Everything that comes from data is escaped."""
    title = f"Run of {snapshot.pipeline} for {snapshot.model}"
    return _template().render(
        title=title,
        snapshot=snapshot,
        headline=headline(snapshot),
        failure=snapshot.failure,
        remedy=remedy(snapshot.failure) if snapshot.failure else "",
        graph=Markup(svg(snapshot.definition, title, overlay(snapshot))),  # noqa: S704 - it escapes its texts
        timeline=timeline(snapshot),
        trigger=_trigger(_json(snapshot.execution.get("input", "{}"))),
        made_of=_made_of(snapshot.definition),
        given=_pretty(snapshot.execution.get("input")),
        returned=_pretty(snapshot.execution.get("output")),
        objects_limit=OBJECTS_LIMIT,
        links=links,
        logs_command=lambda job: _logs_command(snapshot, job),
        log_group=lambda run: log_group(run.job.kind),
    )


def reports_folder(execution: str) -> Path:
    """Return the folder of the work tree that holds the page and the report of an execution, by its name."""
    return project_root() / "runs" / execution


def write_run_report(snapshot: RunSnapshot, folder: Path) -> Path:
    """Write `run.html` into a folder, and return the file."""
    file = folder / "run.html"
    write_whole(file, run_report(snapshot))
    return file


def headline(snapshot: RunSnapshot) -> Headline:
    """Return how the run stands."""
    status: str = snapshot.execution["status"]
    word, style = _WORDS.get(status, (status.capitalize(), "running"))
    if snapshot.failure is not None:
        state = f"{snapshot.failed.state}: " if snapshot.failed else ""
        first = next(iter(snapshot.failure.words.splitlines()), "")
        return Headline(word, f"{state}{_cut(first, _LONGEST)}", style)
    if status != "SUCCEEDED":
        now = [visit.state for visit in snapshot.visits if visit.exited is None]
        return Headline(word, f"in {', '.join(dict.fromkeys(now))}" if now else "", style)
    output = _json(snapshot.execution.get("output", "{}"))
    if not isinstance(output, Mapping):
        return Headline(word, "", style)
    decision = str(output.get("decision", word)).capitalize()
    verdict = output.get("verdict")
    sentence = verdict.get("summary", "") if isinstance(verdict, Mapping) else output.get("summary", "")
    return Headline(decision, _cut(str(sentence), _LONGEST), "refused" if decision == "Refused" else style)


def _trigger(given: Any) -> str:  # noqa: ANN401 - any JSON may be an input
    """Return who or what started the run, as its input says; empty when it does not."""
    found = (
        next((given[key] for key in _TRIGGERS if given.get(key)), "") if isinstance(given, Mapping) else ""
    )
    return _cut(found if isinstance(found, str) else strict_json.dumps(found), _LONGEST)


def _made_of(definition: Mapping[str, Any]) -> dict[str, str]:
    """Return commit and image that the definition names."""
    found: dict[str, str] = {}
    for key, value in _members(definition):
        name = {
            "HEADRACE_COMMIT": "Commit",
            "commit": "Commit",
            "ImageUri": "Image",
            "TrainingImage": "Image",
        }.get(key)
        text = value.get("S") if isinstance(value, Mapping) else value
        if name and isinstance(text, str) and text and not _UNNAMED.search(text):
            found.setdefault(name, text)
    return found


def _members(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a walk through any JSON
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield key, member
            yield from _members(member)
    elif isinstance(value, list):
        for member in value:
            yield from _members(member)


def _logs_command(snapshot: RunSnapshot, run: JobRun) -> str:
    environment = "" if snapshot.is_local else f" ENV={snapshot.environment}"
    return f"make logs{environment} JOB={run.job.name}"


def _json(text: str | None) -> Any:  # noqa: ANN401 - any JSON
    try:
        return strict_json.loads(text or "null", "the text")
    except ValueError:
        return text


def _pretty(text: str | None) -> str:
    """Return JSON in lines; a text that is none as it is; empty when there is none."""
    if text is None:
        return ""
    return _cut(strict_json.dumps(_json(text), indent=2, ensure_ascii=False), TEXT_LIMIT)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return f"{text[:limit]} … ({len(text) - limit:,} more characters)"


def _framed(html: str) -> Markup:
    """Return a document as the value of a `srcdoc` in single quotes: what could end it or be read twice is escaped."""
    return Markup(html.replace("&", "&amp;").replace("'", "&#39;"))  # noqa: S704 - escaped here


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        moment=formatting.moment,
        duration=duration,
        bytes=formatting.size,
        framed=_framed,
        cut=lambda text: _cut(text, TEXT_LIMIT),
    )
    own = files(__package__)
    shared = files("headrace.report").joinpath("style.css").read_text(encoding="utf-8")
    environment.globals["style"] = shared + own.joinpath("style.css").read_text(encoding="utf-8")
    return environment.from_string(own.joinpath("template.html.jinja").read_text(encoding="utf-8"))
