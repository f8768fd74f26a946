"""A batch: the rows of a window of time, in parts of even size, to be predicted."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path

import polars as pl
from pydantic import Field

from headrace.errors import ConfigurationError, DataError
from headrace.examples import Examples
from headrace.moments import moment_of
from headrace.settings import Record, Window

FILE = "batch.json"


class Batch(Record):
    """The content of `batch.json`."""

    rows: int
    first: str = Field(description="Time of the oldest row, UTC, ISO 8601.")
    last: str
    data_fingerprint: str = Field(description="SHA-256 over the raw tables.")
    raw_rows: dict[str, int] = Field(description="Rows of each raw table.")


def ends_of(window: Window) -> tuple[datetime | None, datetime | None]:
    """Return both ends of a window; raise `ConfigurationError` for one that is no time, or when it is inverted."""
    first = None if window.first is None else moment_of(window.first, "first")
    until = None if window.until is None else moment_of(window.until, "until")
    if first and until and first >= until:
        raise ConfigurationError(
            f"the window ends before it begins: first {window.first!r} is not before until {window.until!r}"
        )
    return first, until


def rows_within(examples: Examples, window: Window) -> Examples:
    """Return the examples of a window; raise `DataError` when there is none, which says what there is."""
    first, until = ends_of(window)
    time = pl.col("time")
    frame = examples.frame
    if first:
        frame = frame.filter(time >= first)
    if until:
        frame = frame.filter(time < until)
    if frame.is_empty():
        there_is = (
            "the raw tables give no row at all"
            if examples.frame.is_empty()
            else f"the raw tables have {len(examples.frame):,} rows from {examples.first} to {examples.last}"
        )
        raise DataError(f"no row lies {_words(window)}: {there_is}; give another window, or newer tables")
    return Examples(frame)


def parts_of(examples: Examples, parts: int) -> list[Examples]:
    """Return examples in at most `parts` parts of even size, in order; none is empty."""
    rows, count = len(examples.frame), min(parts, len(examples.frame))
    starts = [rows * part // count for part in range(count + 1)]
    return [Examples(examples.frame[start:end]) for start, end in pairwise(starts)]


def read_batch(folder: Path) -> Batch:
    """Return what the batch job says of its batch; raise `DataError` when it cannot be read."""
    try:
        return Batch.model_validate_json((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"no {FILE} in {folder} that can be read: {error}; run the batch job again"
        ) from error


def _words(window: Window) -> str:
    first = f"from {window.first} on" if window.first else ""
    until = f"before {window.until}" if window.until else ""
    return " and ".join(filter(None, [first, until])) or "in the open window"
