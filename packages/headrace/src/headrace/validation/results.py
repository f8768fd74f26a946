"""Results: what each trial left in its folder."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import polars as pl

from headrace.errors import DataError
from headrace.examples import example_files
from headrace.stored_files import read_parquet, read_record
from headrace.validation.cross_validation import TrialResult


def evaluation_in(folder: Path) -> TrialResult:
    """Return a trial's evaluation; raise `DataError` when it cannot be read."""
    path = folder / "evaluation.json"
    return read_record(TrialResult, path, DataError, "it is the result of a trial: evaluate the trial again")


def predictions_in(folder: Path) -> pl.DataFrame:
    """Return a trial's `entity`, `time`, `score` and `label`, in order of time.

    Raises `DataError` when they cannot be read, or when a row has no label or a score that is no probability.
    """
    needed = "they are the result of a trial: predict its test rows again"
    files = example_files(folder)
    if not files:
        raise DataError(f"no predictions in {folder}: expected *.parquet; {needed}")
    rows = read_parquet(files, DataError, needed, ["entity", "time", "score", "label"])
    odd = rows.filter(~pl.col("score").is_between(0, 1).fill_null(value=False) | pl.col("label").is_null())
    if len(odd):
        raise DataError(
            f"{len(odd):,} predictions in {folder} have no label or a score that is no probability, first "
            f"{odd.row(0, named=True)}; predict the trial's test rows again"
        )
    return rows.sort("time", "entity")


def check_same_rows(predictions: Mapping[int, pl.DataFrame]) -> None:
    """Raise `DataError` unless each model scored what the next one scored; they go by number, oldest first."""
    for (older, rows), (newer, later) in pairwise(predictions.items()):
        shared = rows.filter(pl.col("time") >= later["time"][0])
        if not shared.select("entity", "time", "label").equals(later.select("entity", "time", "label")):
            raise DataError(
                f"predictions of cutoff-{older + 1} and cutoff-{newer + 1} are not of the same rows: "
                f"{len(shared):,} and {len(later):,} from {later['time'][0]} on; predict both again"
            )
