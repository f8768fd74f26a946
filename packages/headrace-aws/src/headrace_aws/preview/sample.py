"""The raw tables of a preview: the newest rows of the table of events, and all rows of the other tables."""

import gzip
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from headrace.errors import ConfigurationError
from headrace.model import load_model
from headrace.schema import Table
from headrace.tables import read_table, table_files
from headrace_aws.data.raw_data import upload, write_manifest
from headrace_aws.data.raw_objects import is_part_of_table
from headrace_aws.preview.context import Preview
from headrace_aws.s3_objects import download, uri_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Sample:
    """What a preview trains on: `rows` of `of` rows of a table; without a table of events, all rows of all tables."""

    table: str
    rows: int
    of: int


def copy_sample(preview: Preview, say: Callable[[str], None]) -> Sample | None:
    """Put the sample of the model's raw tables under the preview's own prefix, and return what it is.

    None stands for all rows: no table has the model's time. What lies there from before and is not in the sample is
    deleted; the manifest is written last.

    Raises:
        DataError: the table of events is not what the schema of the branch says.
    """
    model = load_model(preview.settings.package)
    tables = [table.name for table in model.tables]
    s3, bucket = preview.context.s3, preview.context.bucket
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _download(s3, bucket, f"{preview.model}/raw/", tables, folder)
        events = table_of_events(model.tables, model.time)
        sample = keep_newest(folder, events, model.time, preview.settings.preview.sample) if events else None
        _delete_others(s3, bucket, preview.raw, tables, folder)
        upload(s3, bucket, preview.raw, folder, say)
    write_manifest(s3, bucket, preview.raw, tables, say)
    return sample


def check_raw_tables(preview: Preview) -> None:
    """Raise `ConfigurationError` when a table that the branch's model reads has no file in this environment."""
    prefix = f"{preview.model}/raw/"
    for table in load_model(preview.settings.package).tables:
        if not _keys(preview.context.s3, preview.context.bucket, prefix, [table.name]):
            raise ConfigurationError(
                f"s3://{preview.context.bucket}/{prefix} has no table {table.name!r}; `make data` puts it there"
            )


def table_of_events(tables: tuple[Table, ...], time: str) -> Table | None:
    """Return the table whose rows are examples: it has the model's time, and, where any table has some, outcomes."""
    timed = [table for table in tables if any(column.name == time for column in table.columns)]
    return next((table for table in timed if table.outcomes()), timed[0] if timed else None)


def keep_newest(folder: Path, table: Table, time: str, share: float) -> Sample:
    """Cut the files of a table down to a share of its rows, the newest; columns, texts and format stay.

    Rows of one moment stay together, so that it may be a few more.
    """
    moment = tuple(column for column in table.columns if column.name == time)
    files = table_files(folder, table)
    # Read as the jobs read it, in the order of the files.
    times = read_table(folder, replace(table, columns=moment, key=()))[time]
    kept = newest(times, share)
    start = 0
    for file in files:
        rows = _rows(file)
        part = kept.slice(start, len(rows))
        start += len(rows)
        if part.any():
            _write(rows.filter(part), file)
        else:
            file.unlink()
    return Sample(table.name, int(kept.sum()), len(kept))


def newest(times: pl.Series, share: float) -> pl.Series:
    """Return for each row whether it is in the newest share of the rows; a row without a time is not."""
    count = math.ceil(share * len(times))
    oldest = times.top_k(count).min()
    return (times >= oldest).fill_null(value=False)


def _download(s3: "S3Client", bucket: str, prefix: str, tables: list[str], folder: Path) -> None:
    for key in _keys(s3, bucket, prefix, tables):
        file, uri = folder / key.removeprefix(prefix), uri_of(bucket, key)
        download(s3, uri, file, "a raw table, of which a sample is taken", "put it there again (make data)")


def _rows(file: Path) -> pl.DataFrame:
    """Return a file with all of its columns; those of a CSV file as the texts that they are."""
    if file.suffix == ".parquet":
        return pl.read_parquet(file)
    return pl.read_csv(file, infer_schema=False)


def _write(rows: pl.DataFrame, file: Path) -> None:
    if file.suffix == ".parquet":
        rows.write_parquet(file)
    elif file.suffix == ".gz":
        # The same rows are the same bytes, and are not uploaded twice.
        file.write_bytes(gzip.compress(rows.write_csv().encode(), mtime=0))
    else:
        rows.write_csv(file)


def _delete_others(s3: "S3Client", bucket: str, prefix: str, tables: list[str], folder: Path) -> None:
    """Delete what an earlier sample had and this one has not: it would be read as a part of a table."""
    for key in _keys(s3, bucket, prefix, tables):
        if not (folder / key.removeprefix(prefix)).exists():
            s3.delete_object(Bucket=bucket, Key=key)


def _keys(s3: "S3Client", bucket: str, prefix: str, tables: list[str]) -> list[str]:
    """Return the keys of the tables below a prefix."""
    return [
        found["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for found in page.get("Contents", [])
        if is_part_of_table(found["Key"].removeprefix(prefix), tables)
    ]
