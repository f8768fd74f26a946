"""Predictions: one row per example with its score, between jobs and as the one table of a batch."""

import hashlib
from pathlib import Path

import polars as pl

from headrace.arrays import Scores
from headrace.errors import ConfigurationError, DataError
from headrace.examples import Examples, example_files
from headrace.model import Model
from headrace.settings import Settings
from headrace.stored_files import read_parquet

FILE = "predictions.parquet"
SCORED = ("time", "score")  # what a published row has beyond its entity


def check_entity(model: Model[Settings]) -> None:
    """Raise `ConfigurationError` when a column of the entity cannot stand in a table of predictions."""
    taken = [name for name in model.entity if name == "score" or (name == "time" and model.time != "time")]
    if taken:
        raise ConfigurationError(
            f"entity column {taken[0]!r} has the name of another column of predictions; rename it in `load`"
        )


def scored(examples: Examples, score: Scores) -> pl.DataFrame:
    """Return the predictions of examples, in their order: `entity`, `time`, `score` and `label`."""
    return examples.frame.select("entity", "time", pl.Series("score", score, pl.Float64), "label")


def keys_in(folder: Path) -> pl.DataFrame:
    """Return `entity` and `time` of a batch; raise `DataError` when there is none."""
    return _read(folder, ["entity", "time"], "examples", "batch")


def features_in(folder: Path) -> pl.DataFrame:
    """Return one column per feature of a batch; raise `DataError` when there is none."""
    return _read(folder, ["feature"], "examples", "batch")["feature"].struct.unnest()


def scores_in(folder: Path) -> pl.DataFrame:
    """Return `entity`, `time` and `score` of what the predict job wrote; raise `DataError` when it did not."""
    return _read(folder, ["entity", "time", "score"], "predictions", "predict")


def score_in(folder: Path) -> Scores:
    """Return the scores of a batch, shape (rows,); raise `DataError` when there are none."""
    return _read(folder, ["score"], "predictions", "collect")["score"].to_numpy()


def table_of(scores: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Return the predictions of a whole batch, of which there are keys, as they are published: by time and entity.

    Raises `DataError` when a row of the batch has no score, or more than one, when a score belongs to no row of
    it, and when a score is no probability.
    """
    odd = scores.filter(~pl.col("score").is_between(0, 1).fill_null(value=False))
    if len(odd):
        raise DataError(
            f"{len(odd):,} predictions have a score that is no probability: {odd['score'][0]} for {odd['entity'][0]}; "
            f"correct the model's predict"
        )
    table = _flat(scores)
    found, wanted = table.drop("score"), _flat(keys)
    if not found.equals(wanted):
        _tell_difference(found, wanted)
    return table


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _read(folder: Path, columns: list[str], noun: str, job: str) -> pl.DataFrame:
    files = example_files(folder)
    if not files:
        raise DataError(f"no {noun} in {folder}: expected *.parquet from the {job} job")
    frame = read_parquet(
        files, DataError, f"the batch needs all its {noun}: run the {job} job again", columns
    )
    if frame.is_empty():
        raise DataError(f"the {noun} in {folder} have no rows; run the {job} job again")
    return frame


def _flat(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows in order of time and entity, with a column for each of the entity's instead of the struct."""
    entity = rows["entity"].struct.unnest()
    # An entity may hold the time column under this very name.
    others = rows.select(name for name in SCORED if name in rows.columns and name not in entity.columns)
    return pl.concat([entity, others], how="horizontal").sort("time", *entity.columns)


def _tell_difference(found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    """Raise `DataError` that counts and quotes the rows in which predictions and batch differ."""
    remedy = "run the batch and predict jobs again, on empty folders"
    if found.schema != wanted.schema:
        raise DataError(
            f"the predictions have the keys {_columns(found)}, and the batch has {_columns(wanted)}; {remedy}"
        )
    repeated = found.filter(found.is_duplicated())
    lacking = wanted.join(found, on=wanted.columns, how="anti", nulls_equal=True)
    foreign = found.join(wanted, on=wanted.columns, how="anti", nulls_equal=True)
    faults = [
        f"{len(rows):,} {words}, first {rows.row(0, named=True)}"
        for rows, words in (
            (lacking, "rows of the batch have no score"),
            (foreign, "scores belong to no row of the batch"),
            (repeated, "scores share their row with another"),
        )
        if len(rows)
    ]
    raise DataError(f"predictions and batch do not match: {'; '.join(faults)}; {remedy}")


def _columns(frame: pl.DataFrame) -> str:
    return ", ".join(f"{name} {dtype}" for name, dtype in frame.schema.items())
