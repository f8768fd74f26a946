"""Parts: rows that one model of a cross-validation or a backtest trains, stops and is tested on."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from pydantic import Field

from headrace.errors import DataError
from headrace.examples import Examples
from headrace.settings import Record
from headrace.timestamps import later

PURPOSES = {"train": "train on", "validation": "stop the training by", "test": "test on"}


@dataclass(frozen=True)
class Part:
    """A fold, or what lies around a cut-off."""

    name: str
    train: Examples
    validation: Examples  # stops the training
    test: Examples
    cutoff: str | None = None  # ISO 8601, where the part has one

    @property
    def splits(self) -> dict[str, Examples]:
        """The three by the names of the jobs' folders."""
        return {"train": self.train, "validation": self.validation, "test": self.test}


class PartFacts(Record):
    """What a part holds. All times are UTC, ISO 8601, of the oldest and the newest row."""

    part: str
    cutoff: str | None = None
    train_first: str
    train_last: str
    validation_first: str
    validation_last: str
    test_first: str
    test_last: str
    rows: dict[str, int] = Field(description="By train, validation and test; likewise below.")
    positives: dict[str, int] = Field(description="Rows whose label is 1.")

    @property
    def share_before_test(self) -> float:
        """Share of positive rows among those that the model may learn from."""
        known = "train", "validation"
        return sum(self.positives[name] for name in known) / sum(self.rows[name] for name in known)


def facts_of(part: Part) -> PartFacts:
    """Return what a part holds; raise `DataError` when a split lacks one of the two classes.

    A model cannot be fitted or judged then, and which fold it is says where in the data to look.
    """
    rows = {name: len(split.frame) for name, split in part.splits.items()}
    positives = {name: int(split.frame["label"].sum()) for name, split in part.splits.items()}
    for name, count in rows.items():
        if not 0 < positives[name] < count:
            missing = "negative" if positives[name] else "positive"
            counts = ", ".join(f"{each} {rows[each]:,} with {positives[each]:,} positive" for each in rows)
            raise DataError(
                f"{part.name} has no {missing} row to {PURPOSES[name]} (rows: {counts}); "
                f"take fewer or longer parts, or give more data"
            )
    return PartFacts(
        part=part.name,
        cutoff=part.cutoff,
        rows=rows,
        positives=positives,
        **{
            f"{name}_{end}": getattr(split, end)
            for name, split in part.splits.items()
            for end in ("first", "last")
        },
    )


def timestamp_start(frame: pl.DataFrame, row: int) -> int:
    """Return the first row with the timestamp of a row; rows are in order of `time`."""
    if row >= len(frame):
        return len(frame)
    return int(frame["time"].search_sorted(frame["time"][row], side="left"))


def known_rows(frame: pl.DataFrame, timestamp: datetime, label_delay_days: float) -> int:
    """Return how many rows, in order of `time`, lie before a timestamp and have a label that is known by then."""
    before = frame["time"].search_sorted(timestamp, side="left")
    known = frame["time"].search_sorted(later(timestamp, -label_delay_days, "label_delay_days"), side="right")
    return int(min(before, known))


def without_newest(frame: pl.DataFrame, share: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows, in order of `time`, before and in the newest share of them; rows of one timestamp stay together."""
    row = timestamp_start(frame, round(len(frame) * (1 - share)))
    return frame[:row], frame[row:]
