"""Results: what each trial left in its folder."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import polars as pl

from headrace.errors import DataError
from headrace.examples import example_files
from headrace.settings import record_of
from headrace.validation.cross_validation import TrialResult


def evaluation_in(folder: Path) -> TrialResult:
    """Return a trial's evaluation; raise `DataError` when it cannot be read."""
    path = folder / "evaluation.json"
    try:
        return record_of(TrialResult, path.read_bytes(), path.name)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}; evaluate the trial again") from error


def predictions_in(folder: Path) -> pl.DataFrame:
    """Return a trial's `entity`, `time`, `score` and `label`, in order of time.

    Raises `DataError` when they cannot be read, or when a row has no label or a score that is no probability.
    """
    try:
        rows = pl.read_parquet(example_files(folder), columns=["entity", "time", "score", "label"])
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"predictions in {folder} cannot be read: {error}; predict again") from error
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
