"""A batch: the rows of a window of time, in parts of even size, to be predicted."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import polars as pl
from pydantic import Field

from headrace.errors import ConfigurationError, DataError
from headrace.examples import Examples
from headrace.settings import Record, Window
from headrace.stored_files import read_record
from headrace.timestamps import later, parse_timestamp

FILE = "batch.json"


class Batch(Record):
    """The content of `batch.json`."""

    rows: int
    first: str = Field(description="Time of the oldest row, UTC, ISO 8601.")
    last: str
    data_fingerprint: str = Field(description="SHA-256 over the raw tables.")
    raw_rows: dict[str, int] = Field(description="Rows of each raw table.")


@dataclass(frozen=True)
class Ends:
    """The ends of a window in time, UTC: rows from `first` on and before `until`; None is open."""

    first: datetime | None
    until: datetime | None

    def __str__(self) -> str:
        first = f"from {_iso(self.first)} on" if self.first else ""
        until = f"before {_iso(self.until)}" if self.until else ""
        return " and ".join(filter(None, [first, until])) or "in the open window"


def ends_of(window: Window, run_date: date | None = None) -> Ends:
    """Return the ends of a window, whose days are counted from the midnight that a run's date begins with.

    Raises `ConfigurationError` for an end that is no time, for days without a date, and when the window is inverted.
    """
    if window.days is not None:
        if run_date is None:
            raise ConfigurationError(
                f"the window is {window.days:g} days from the run's date on, and no date is given; give --date as 2026-03-31"
            )
        start = parse_timestamp(run_date.isoformat(), "the run's date")
        return Ends(start, later(start, window.days, "the window"))
    first = None if window.first is None else parse_timestamp(window.first, "first")
    until = None if window.until is None else parse_timestamp(window.until, "until")
    return Ends(first, until)


def rows_within(examples: Examples, ends: Ends) -> Examples:
    """Return the examples of a window; raise `DataError` when there is none, which says what there is."""
    time = pl.col("time")
    frame = examples.frame
    if ends.first:
        frame = frame.filter(time >= ends.first)
    if ends.until:
        frame = frame.filter(time < ends.until)
    if frame.is_empty():
        there_is = (
            "the raw tables give no row at all"
            if examples.frame.is_empty()
            else f"the raw tables have {len(examples.frame):,} rows from {examples.first} to {examples.last}"
        )
        raise DataError(f"no row lies {ends}: {there_is}; give another window, or newer tables")
    return Examples(frame)


def parts_of(examples: Examples, parts: int) -> list[Examples]:
    """Return examples in at most `parts` parts of even size, in order; none is empty."""
    rows, count = len(examples.frame), min(parts, len(examples.frame))
    starts = [rows * part // count for part in range(count + 1)]
    return [Examples(examples.frame[start:end]) for start, end in pairwise(starts)]


def read_batch(folder: Path) -> Batch:
    """Return what the batch job says of its batch; raise `DataError` when it cannot be read."""
    needed = "the rows of the batch are counted by it: run the batch job again"
    return read_record(Batch, folder / FILE, DataError, needed)


def _iso(moment: datetime) -> str:
    return f"{moment.replace(tzinfo=None).isoformat()}Z"
