"""Predictions as they are published: one Parquet file for each run date, which says itself what it holds.

Its facts are key-value metadata of the file, so table and facts are one object in S3, and appear at once.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException

from headrace.container import named
from headrace.errors import DataError
from headrace.examples import write_whole
from headrace.inference.predictions import FILE, SCORED, sha256_of
from headrace.settings import Record
from headrace.stored_files import fault_of

UNKNOWN = "unknown"
MOST_BYTES = 5 * 1024**3  # of an object that S3 copies at once (Amazon S3 API Reference, CopyObject)
LONGEST_REASON = 300  # characters; the state machine reads all reasons
TIME = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Facts:
    """What a file of predictions says of itself; unknown is what nobody said, as by hand."""

    date: str = UNKNOWN  # of the run
    rows: str = UNKNOWN  # texts, as all metadata of Parquet
    model_package_arn: str = UNKNOWN
    data_fingerprint: str = UNKNOWN  # SHA-256 over the raw tables of the batch


@dataclass(frozen=True)
class Published:
    """The predictions of one run date: one column for each of the entity's, then `time` and `score`."""

    date: str
    frame: pl.DataFrame
    facts: Facts


class Table(Record):
    """The content of `table.json`: the file of predictions that is to be published."""

    rows: int
    sha256: str
    columns: tuple[str, ...]
    data_fingerprint: str


class Skipped(Record):
    """A run date whose predictions cannot be measured, and why."""

    date: str
    reason: str


def write_published(rows: pl.DataFrame, folder: Path, facts: Facts) -> Table:
    """Write predictions with their facts into a folder, whole or not at all, and return what the file is.

    Raises `DataError` when the file is larger than what S3 copies at once, which is how it is published.
    """
    path = write_whole(rows, folder, FILE, asdict(facts))
    size = path.stat().st_size
    if size > MOST_BYTES:
        path.unlink()
        raise DataError(
            f"the {len(rows):,} predictions are {size:,} bytes, and S3 copies at most {MOST_BYTES:,} at once, as "
            f"publishing does; predict a narrower window"
        )
    return Table(
        rows=len(rows),
        sha256=sha256_of(path),
        columns=tuple(rows.columns),
        data_fingerprint=facts.data_fingerprint,
    )


def read_published(folder: Path, entity: Mapping[str, pl.DataType]) -> tuple[list[Published], list[Skipped]]:
    """Return the predictions of each run date in a folder, oldest first, and the dates that cannot be used.

    `entity` are the columns that name a row, with their types. Raises `DataError` when there are no predictions at
    all, and when none can be used.
    """
    paths = sorted(folder.glob(f"*/{FILE}"))
    if not paths:
        raise DataError(f"no predictions in {folder}: expected <run date>/{FILE}; run the inference first")
    published, skipped = [], []
    for path in paths:
        try:
            published.append(_published(path, entity))
        except DataError as error:
            skipped.append(Skipped(date=path.parent.name, reason=named(str(error))[:LONGEST_REASON]))
    if not published:
        raise DataError(
            f"the predictions of none of {len(skipped)} run dates can be used; {skipped[-1].date}: {skipped[-1].reason}; "
            f"run the inference again"
        )
    return published, skipped


def _published(path: Path, entity: Mapping[str, pl.DataType]) -> Published:
    """Return the predictions of one file; raise `DataError` with the reason why they cannot be used."""
    date = path.parent.name
    try:
        metadata = pl.read_parquet_metadata(path)
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError, PanicException) as error:
        raise DataError(f"{path} {fault_of(error)}") from error
    facts = Facts(**{name: metadata[name] for name in asdict(Facts()) if name in metadata})
    wanted = {"time": TIME, "score": pl.Float64(), **entity}
    found = {name: frame.schema.get(name) for name in wanted}
    if found != wanted:
        raise DataError(
            f"it has the columns {_words(frame.schema)}, and not {_words(wanted)}"[:LONGEST_REASON]
        )
    if facts.date not in {date, UNKNOWN}:
        raise DataError(f"it says that it is of {facts.date}")
    if facts.rows not in {str(len(frame)), UNKNOWN}:
        raise DataError(f"it says that it has {facts.rows} rows, and has {len(frame)}")
    odd = frame.filter(~pl.col("score").is_between(0, 1).fill_null(value=False) | pl.col("time").is_null())
    if len(odd):
        raise DataError(f"{len(odd):,} of its rows have no time, or a score that is no probability")
    columns = [*entity, *(name for name in SCORED if name not in entity)]
    return Published(date, frame.select(columns), facts)


def _words(schema: Mapping[str, pl.DataType | None]) -> str:
    return ", ".join(f"{name} {dtype}" for name, dtype in schema.items())
