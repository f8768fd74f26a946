"""Runs as lines of a table, and the moment from which they are listed."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from headrace.errors import ConfigurationError
from headrace_aws import formatting
from headrace_aws.runs.records.run_record import RunRecord

HEADLINES = ("log_loss", "maximum_psi", "rows")  # the first that a run has stands for it
_AGE = re.compile(r"(\d{1,6})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_COMMIT_LENGTH = 8
_WORDS_LENGTH = 40


def listing_lines(runs: Sequence[RunRecord], *, with_model: bool) -> list[str]:
    """Return a line for each run, in columns under a head; `with_model` adds the model's name."""
    heads = ["started (UTC)", "pipeline", "status", "took", "figure", "version", "commit", "run"]
    rows = [heads, *(_cells(run) for run in runs)]
    if with_model:
        rows = [
            [model, *row] for model, row in zip(["model", *(run.model for run in runs)], rows, strict=True)
        ]
    return formatting.columns(rows)


def headline(run: RunRecord) -> str:
    """Return what a run is known by: its error, one of its figures, or the beginning of its summary."""
    if run.error:
        return _shortened(run.error)
    numbers = {name: value for name, value in run.metrics.items() if isinstance(value, int | float)}
    for name in (*HEADLINES, *numbers):
        if name in numbers:
            return f"{name} {formatting.figure(numbers[name])}"
    return _shortened(run.summary) or "-"


def since_text(given: str, now: datetime) -> str:
    """Return a moment as the run table writes it, from a date, a time or an age before `now`, such as `7d`.

    Raises `ConfigurationError` when it is none of them. A time without an offset is UTC.
    """
    age = _AGE.fullmatch(given)
    try:
        when = now - timedelta(**{_UNITS[age[2]]: int(age[1])}) if age else datetime.fromisoformat(given)
        when = when.astimezone(UTC) if when.tzinfo else when
    except (ValueError, OverflowError) as error:
        raise ConfigurationError(
            f"--since: {given!r} is no moment; give a date such as 2026-01-31, or an age such as 24h, 7d or 4w"
        ) from error
    return f"{when:%Y-%m-%dT%H:%M:%S}"


def _cells(run: RunRecord) -> list[str]:
    return [
        formatting.moment(run.started_at),
        run.pipeline,
        run.status,
        formatting.duration(run.seconds),
        headline(run),
        run.version or "-",
        run.commit[:_COMMIT_LENGTH] or "-",
        run.name,
    ]


def _shortened(text: str) -> str:
    first = text.partition("\n")[0]
    return first if len(first) <= _WORDS_LENGTH else f"{first[: _WORDS_LENGTH - 3]}..."
