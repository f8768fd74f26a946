"""Read raw tables and hold them against their schema: what does not fit is one clear `DataError`."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import polars.selectors as cs

from headrace.csv_faults import csv_fault
from headrace.errors import DataError
from headrace.schema import Column, Table
from headrace.stored_files import first_line

SUFFIXES = (".csv", ".csv.gz", ".parquet")
FIRST_MOMENT, LAST_MOMENT = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
EXAMPLES = 3  # how many offending values a message quotes
COLUMNS_TOLD = 40  # a file that is no table may seem to have thousands
# ISO 8601 with an offset, without one, with a space, and a date alone.
TIMESTAMP_FORMATS = ("%+", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d")
TYPES: dict[str, pl.DataType] = {
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "text": pl.String(),
    "timestamp": pl.Datetime("us", "UTC"),
}


def read_tables(
    folder: Path, tables: tuple[Table, ...], *, with_outcomes: bool = True
) -> dict[str, pl.DataFrame]:
    """Return each table by name, with the columns and types of its schema; raise `DataError` at the first fault.

    Without outcomes, the columns that are known only afterwards are not read and need not be there: they are null.
    """
    if with_outcomes:
        return {table.name: read_table(folder, table) for table in tables}
    return {table.name: _without_outcomes(folder, table) for table in tables}


def _without_outcomes(folder: Path, table: Table) -> pl.DataFrame:
    known = replace(table, columns=tuple(column for column in table.columns if not column.outcome))
    return read_table(folder, known).select(
        pl.lit(None, TYPES[column.type]).alias(column.name) if column.outcome else column.name
        for column in table.columns
    )


def read_table(folder: Path, table: Table) -> pl.DataFrame:
    """Return one table with the columns and types of its schema.

    Raises `DataError` for a missing or unreadable file, a missing column, a value of the wrong type, a null,
    a value out of range, a repeated key, and for a table without rows.
    """
    frames = [_checked(_read(path, table), path.name, table) for path in table_files(folder, table)]
    rows = pl.concat(frames)
    if rows.is_empty():
        raise DataError(f"table {table.name!r} has no rows; put at least one file with rows in its place")
    _check_key(rows, table)
    return rows


def table_files(folder: Path, table: Table) -> list[Path]:
    """Return the files of a table in a folder, sorted by name; raise `DataError` when there is none."""
    single = [path for suffix in SUFFIXES if (path := folder / f"{table.name}{suffix}").is_file()]
    parts = [path for path in sorted((folder / table.name).glob("*")) if path.name.endswith(SUFFIXES)]
    files = single + parts
    if len(single) > 1 or (single and parts):
        found = ", ".join(path.relative_to(folder).as_posix() for path in files[:EXAMPLES])
        raise DataError(f"table {table.name!r} is there more than once: {found}; keep one of them")
    if not files:
        raise DataError(
            f"table {table.name!r} is missing in {folder}; "
            f"expected {table.name}.csv, .csv.gz or .parquet, or a folder {table.name}/ of such files"
        )
    return files


def _read(path: Path, table: Table) -> pl.DataFrame:
    """Read the schema's columns of one file, in whatever types they come."""
    try:
        if path.suffix == ".parquet":
            _check_columns(pl.read_parquet_schema(path), path, table)
            return pl.read_parquet(path, columns=[column.name for column in table.columns])
        _check_columns(pl.read_csv(path, n_rows=0).columns, path, table)
        try:
            return _read_csv(path, table, as_text=False)
        except pl.exceptions.PolarsError:
            # A value that its type cannot be. As text everything is read, and `_cast` finds the value.
            return _read_csv(path, table, as_text=True)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        needed = f"it is, or is a part of, table {table.name!r}: write the file anew"
        place = csv_fault(path) if path.suffix != ".parquet" else ""
        raise DataError(f"{path} cannot be read: {place or first_line(error)}; {needed}") from error


def _read_csv(path: Path, table: Table, *, as_text: bool) -> pl.DataFrame:
    return pl.read_csv(
        path,
        columns=[column.name for column in table.columns],
        schema_overrides={
            column.name: pl.String() if as_text or column.type == "timestamp" else TYPES[column.type]
            for column in table.columns
        },
        null_values=list(table.null_values),
    )


def _check_columns(found: Collection[str], path: Path, table: Table) -> None:
    missing = [column.name for column in table.columns if column.name not in found]
    if missing:
        raise DataError(
            f"{_listed('column', missing)} missing in {path.name} ({path}); expected by the schema of table "
            f"{table.name!r}, it has: {', '.join(map(repr, list(found)[:COLUMNS_TOLD]))}"
        )


def _checked(rows: pl.DataFrame, file: str, table: Table) -> pl.DataFrame:
    rows = rows.select(_cast(rows, column, file) for column in table.columns).with_columns(
        cs.float().fill_nan(None)  # not a number is not a value
    )
    for column in table.columns:
        _check_nulls(rows[column.name], column, file)
        _check_finite(rows[column.name], column, file)
        _check_years(rows[column.name], column, file)
        _check_range(rows[column.name], column, file)
        _check_values(rows[column.name], column, file)
    return rows


def _cast(rows: pl.DataFrame, column: Column, file: str) -> pl.Series:
    values = rows[column.name]
    if values.dtype == TYPES[column.type]:
        return values
    if column.type == "timestamp":
        cast = _timestamps(values)
    elif values.dtype == pl.String and column.type == "integer":
        # pandas writes integers with gaps as 2.0.
        cast = _whole(values.cast(pl.Float64, strict=False))
    elif values.dtype.is_float() and column.type == "integer":
        cast = _whole(values)
    elif values.dtype == pl.String or (values.dtype.is_numeric() and column.type != "text"):
        cast = values.cast(TYPES[column.type], strict=False)
    elif column.type == "text" and isinstance(values.dtype, pl.Categorical | pl.Enum):
        cast = values.cast(pl.String)
    else:
        cast = values.clear(len(values)).cast(TYPES[column.type])
    lost = values.filter(values.is_not_null() & cast.is_null())
    if len(lost):
        raise DataError(
            f"column {column.name!r} of {file} has {_count(lost)} that no {column.type} can be: {_quoted(lost)}; "
            f"correct them, or change the type in the schema"
        )
    return cast


def _whole(numbers: pl.Series) -> pl.Series:
    """Return the numbers as integers; what is no whole number becomes null."""
    return numbers.set(numbers != numbers.floor(), None).cast(pl.Int64, strict=False)


def _timestamps(values: pl.Series) -> pl.Series:
    """Return the values as timestamps in UTC, without an offset too; what is none becomes null."""
    if values.dtype == pl.String:
        parsed = [
            values.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
            for form in TIMESTAMP_FORMATS
        ]
        return pl.select(pl.coalesce(parsed)).to_series().rename(values.name)
    if values.dtype == pl.Date:
        return values.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if isinstance(values.dtype, pl.Datetime):
        in_zone = values if values.dtype.time_zone else values.dt.replace_time_zone("UTC")
        return in_zone.dt.convert_time_zone("UTC").cast(TYPES["timestamp"], strict=False)
    return values.clear(len(values)).cast(TYPES["timestamp"])


def _check_nulls(values: pl.Series, column: Column, file: str) -> None:
    if not column.nullable and values.null_count():
        first = values.is_null().arg_true()[0] + 1
        raise DataError(
            f"column {column.name!r} of {file} has {values.null_count():,} missing value(s), the first in data row "
            f"{first:,}; fill them, or declare the column nullable in the schema"
        )


def _check_finite(values: pl.Series, column: Column, file: str) -> None:
    infinite = values.filter(values.is_infinite()) if values.dtype.is_float() else values.clear()
    if len(infinite):
        raise DataError(
            f"column {column.name!r} of {file} has {_count(infinite)} outside of the finite numbers: {_quoted(infinite)}; correct them, "
            f"or leave them empty"
        )


def _check_years(values: pl.Series, column: Column, file: str) -> None:
    """Raise `DataError` for a timestamp that Python does not have."""
    if column.type != "timestamp":
        return
    outside = values.filter(~values.is_between(FIRST_MOMENT, LAST_MOMENT))
    if len(outside):
        years = ", ".join(map(str, outside.dt.year().drop_nulls().unique(maintain_order=True).head(EXAMPLES)))
        raise DataError(
            f"column {column.name!r} of {file} has {_count(outside)} outside of the years 1 to 9999, such as in {years}; "
            f"correct them, or leave them empty where there is no end"
        )


def _check_range(values: pl.Series, column: Column, file: str) -> None:
    if column.minimum is None and column.maximum is None:
        return
    low = -float("inf") if column.minimum is None else column.minimum
    high = float("inf") if column.maximum is None else column.maximum
    outside = values.filter(~values.is_between(low, high))
    if len(outside):
        raise DataError(
            f"column {column.name!r} of {file} has {_count(outside)} outside {low:g} to {high:g}: "
            f"{_quoted(outside)}; correct them, or widen the range in the schema"
        )


def _check_values(values: pl.Series, column: Column, file: str) -> None:
    if not column.values:
        return
    unknown = values.filter(~values.is_in(column.values))
    if len(unknown):
        raise DataError(
            f"column {column.name!r} of {file} has {_count(unknown)} that the schema does not list: "
            f"{_quoted(unknown)}; correct them, or add them to the schema"
        )


def _check_key(rows: pl.DataFrame, table: Table) -> None:
    if not table.key or rows.n_unique(table.key) == len(rows):
        return
    repeated = rows.select(table.key).filter(rows.select(table.key).is_duplicated())
    examples = "; ".join(
        ", ".join(f"{name}={value}" for name, value in row.items())
        for row in repeated.unique(maintain_order=True).head(EXAMPLES).to_dicts()
    )
    raise DataError(
        f"key ({', '.join(table.key)}) of table {table.name!r} is repeated in {len(repeated):,} rows: {examples}; "
        f"keep one row of each key"
    )


def _count(values: pl.Series) -> str:
    return f"{len(values):,} value{'s' if len(values) > 1 else ''}"


def _quoted(values: pl.Series) -> str:
    distinct = values.unique(maintain_order=True)
    more = ", ..." if len(distinct) > EXAMPLES else ""
    return ", ".join(repr(value) for value in distinct.head(EXAMPLES).to_list()) + more


def _listed(noun: str, names: list[str]) -> str:
    quoted = ", ".join(repr(name) for name in names)
    return f"{noun} {quoted} is" if len(names) == 1 else f"{noun}s {quoted} are"
