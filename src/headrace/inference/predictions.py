"""Predictions: one row per example with its score, between jobs and as they are published."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from headrace.arrays import Scores
from headrace.errors import ConfigurationError, DataError
from headrace.examples import Examples, example_files
from headrace.model import Model
from headrace.settings import Record, Settings, faults_of

FILE = "predictions.parquet"
MANIFEST = "_manifest.json"
SCORED = ("time", "score")  # what a published row has beyond its entity


class Manifest(Record):
    """The content of `_manifest.json` beside published predictions; the state machine writes it."""

    date: str
    rows: int
    model_package_arn: str
    data_fingerprint: str
    execution: str
    key: str
    version_id: str | None = None
    sha256: str


@dataclass(frozen=True)
class Published:
    """The predictions of one run date: one column for each of the entity's, then `time` and `score`."""

    date: str
    frame: pl.DataFrame
    manifest: Manifest


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


def read_published(folder: Path) -> list[Published]:
    """Return the predictions of each run date in a folder, oldest first.

    Raises `DataError` when there are none, and for a date whose manifest or table cannot be read or do not agree.
    """
    dates = sorted(path.parent for path in folder.glob(f"*/{FILE}"))
    lonely = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}") if path.parent not in dates)
    if lonely:
        raise DataError(f"{lonely[0]} has a {MANIFEST} and no {FILE}; run the inference of that date again")
    if not dates:
        raise DataError(f"no predictions in {folder}: expected <run date>/{FILE}; run the inference first")
    return [_published(path) for path in dates]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _published(folder: Path) -> Published:
    remedy = f"run the inference of {folder.name} again"
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{folder.name}/{MANIFEST} is missing beside {FILE}; {remedy}") from error
    except (OSError, ValueError) as error:
        faults = "; ".join(faults_of(error, MANIFEST)) if isinstance(error, ValidationError) else error
        raise DataError(f"{folder.name}/{MANIFEST} cannot be read: {faults}; {remedy}") from error
    try:
        frame = pl.read_parquet(folder / FILE)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{folder.name}/{FILE} cannot be read: {error}; {remedy}") from error
    missing = [name for name in SCORED if name not in frame.columns]
    if missing:
        raise DataError(f"{folder.name}/{FILE} has no column {missing[0]!r}; {remedy}")
    if len(frame) != manifest.rows or sha256_of(folder / FILE) != manifest.sha256:
        raise DataError(
            f"{folder.name}/{FILE} is not what its manifest says ({len(frame):,} rows, {manifest.rows:,} by the "
            f"manifest); {remedy}"
        )
    return Published(folder.name, frame, manifest)


def _read(folder: Path, columns: list[str], noun: str, job: str) -> pl.DataFrame:
    files = example_files(folder)
    if not files:
        raise DataError(f"no {noun} in {folder}: expected *.parquet from the {job} job")
    try:
        frame = pl.read_parquet(files, columns=columns)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{noun} in {folder} cannot be read: {reason}; run the {job} job again") from error
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
    told = [
        f"{len(rows):,} {words}, first {rows.row(0, named=True)}"
        for rows, words in (
            (lacking, "rows of the batch have no score"),
            (foreign, "scores belong to no row of the batch"),
            (repeated, "scores share their row with another"),
        )
        if len(rows)
    ]
    raise DataError(f"predictions and batch do not match: {'; '.join(told)}; {remedy}")


def _columns(frame: pl.DataFrame) -> str:
    return ", ".join(f"{name} {dtype}" for name, dtype in frame.schema.items())
