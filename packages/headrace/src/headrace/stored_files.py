"""Files that a job reads: what is wrong with one that cannot be used, in one line that names it.

A message names a file by its path. `headrace.container.named` puts S3 URIs in place of the paths of a job's inputs.
"""

from pathlib import Path
from typing import TypeVar

import polars as pl
from polars.exceptions import PanicException

from headrace.errors import HeadraceError
from headrace.settings import Record, record_of
from headrace.strict_json import JsonError

FAULT_LENGTH = 400  # characters

RecordT = TypeVar("RecordT", bound=Record)


def read_record(kind: type[RecordT], path: Path, error: type[HeadraceError], needed: str) -> RecordT:
    """Return the record in a JSON file; raise `error` when it is missing, empty, damaged or of another version.

    `needed` ends the message: what the file is needed for, and the remedy.
    """
    try:
        content = path.read_bytes()
    except OSError as cause:
        raise error(f"{path} {fault_of(cause)}; {needed}") from cause
    if not content.strip():
        raise error(f"{path} is empty; {needed}")
    try:
        return record_of(kind, content, str(path))
    except JsonError as cause:
        raise error(f"{first_line(cause)}; {needed}") from cause


def read_parquet(
    files: list[Path], error: type[HeadraceError], needed: str, columns: list[str] | None = None
) -> pl.DataFrame:
    """Return the rows of one or more Parquet files; raise `error` that names the file that cannot be read."""
    try:
        return pl.read_parquet(files, columns=columns)
    except (pl.exceptions.PolarsError, OSError, PanicException) as cause:
        for path in files:
            _check_parquet(path, error, needed, columns)
        # Each by itself can be read: they do not have the same columns.
        raise error(
            f"the files in {files[0].parent} do not fit together: {first_line(cause)}; {needed}"
        ) from cause


def _check_parquet(path: Path, error: type[HeadraceError], needed: str, columns: list[str] | None) -> None:
    try:
        pl.read_parquet(path, columns=columns)
    except (pl.exceptions.PolarsError, OSError, PanicException) as cause:
        raise error(f"{path} {fault_of(cause)}; {needed}") from cause


def fault_of(error: BaseException) -> str:
    """Return in words that follow a file's name why it cannot be used."""
    if isinstance(error, FileNotFoundError):
        return "is missing"
    return f"cannot be read: {first_line(error)}"


def first_line(text: object) -> str:
    """Return the first line of an error or a text, cut to a length that a message can hold."""
    first = next(iter(str(text).splitlines()), "") or type(text).__name__
    return first if len(first) <= FAULT_LENGTH else f"{first[:FAULT_LENGTH]}..."
