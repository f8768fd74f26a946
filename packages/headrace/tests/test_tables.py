"""Raw tables: what fits the schema is read, and what does not is reported with file, column, count, values, remedy."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from toy.model import VISITS

from headrace.errors import DataError
from headrace.tables import read_table

Spoil = Callable[[pl.DataFrame], pl.DataFrame]


def with_value(column: str, value: object) -> Spoil:
    """Return a change of the column's second and fourth value, as text."""
    return lambda rows: rows.with_columns(
        pl.when(pl.int_range(pl.len()).is_in([1, 3]))
        .then(pl.lit(value, dtype=pl.String))
        .otherwise(pl.col(column).cast(pl.String))
        .alias(column)
    )


BAD = {
    "missing column": (
        lambda rows: rows.drop("age"),
        "visits.csv); expected by the schema of table 'visits', it has: 'visitor', 'at',",
    ),
    "two missing columns": (
        lambda rows: rows.drop("age", "at"),
        "columns 'at', 'age' are missing in visits.csv",
    ),
    "wrong type": (
        with_value("age", "old"),
        "column 'age' of visits.csv has 2 values that no number can be: 'old'; correct them, or change the type",
    ),
    "unparsable date": (
        with_value("at", "yesterday"),
        "column 'at' of visits.csv has 2 values that no timestamp can be: 'yesterday'",
    ),
    "out of range": (
        with_value("age", "300.5"),
        "column 'age' of visits.csv has 2 values outside 0 to 120: 300.5; correct them, or widen the range",
    ),
    "unknown value": (
        with_value("colour", "grue"),
        "column 'colour' of visits.csv has 2 values that the schema does not list: 'grue'",
    ),
    "null in a required column": (
        with_value("colour", None),
        "column 'colour' of visits.csv has 2 missing value(s), the first in data row 2; fill them",
    ),
    "repeated key": (
        with_value("visitor", "7"),
        "key (visitor) of table 'visits' is repeated in 3 rows: visitor=7; keep one row of each key",
    ),
    "no rows": (lambda rows: rows.clear(), "table 'visits' has no rows; put at least one file with rows"),
}


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD.keys())
def test_bad_data_is_reported_with_its_remedy(
    spoil: Spoil, message: str, frame: pl.DataFrame, tmp_path: Path
) -> None:
    """Each class of bad data gives one message with file, column, count, first values and remedy."""
    spoil(frame).write_csv(tmp_path / "visits.csv")
    with pytest.raises(DataError, match=re.escape(message)):
        read_table(tmp_path, VISITS)


def test_a_missing_table_is_reported(tmp_path: Path) -> None:
    """Without a file the message says which files would do."""
    with pytest.raises(DataError, match=r"table 'visits' is missing in .*; expected visits.csv, .csv.gz or"):
        read_table(tmp_path, VISITS)


@pytest.mark.parametrize("name", ["visits.csv", "visits.parquet", "visits.csv.gz"])
def test_an_unreadable_file_is_reported(name: str, tmp_path: Path) -> None:
    """Bytes that are no table give the file's name and a remedy, whatever the format."""
    (tmp_path / name).write_bytes(b"\x00\xff\x1f\x8bPAR1 no table \xff\xfe" * 50)
    with pytest.raises(DataError, match=re.escape(name)):
        read_table(tmp_path, VISITS)


@pytest.mark.parametrize(
    "content", [b"", b"visitor,at,colour,age,spent\n1,2026-01-01T00:00:00Z,red,1,2,3,4\n"]
)
def test_a_broken_csv_is_reported(content: bytes, tmp_path: Path) -> None:
    """An empty file and a row of too many fields are unreadable, with the file's name."""
    (tmp_path / "visits.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"visits\.csv cannot be read"):
        read_table(tmp_path, VISITS)


def test_all_formats_and_parts_give_the_same_rows(frame: pl.DataFrame, tmp_path: Path) -> None:
    """CSV, Parquet, compressed CSV and a folder of parts are read alike."""
    folders = [tmp_path / name for name in ("csv", "gz", "parquet", "parts")]
    for folder in folders:
        folder.mkdir()
    frame.write_csv(folders[0] / "visits.csv")
    frame.write_csv(folders[1] / "visits.csv.gz", compression="gzip")
    typed = frame.with_columns(pl.col("at").str.to_datetime(time_zone="UTC"))
    typed.write_parquet(folders[2] / "visits.parquet")
    (folders[3] / "visits").mkdir()
    frame.head(50).write_csv(folders[3] / "visits" / "a.csv")
    typed.tail(-50).write_parquet(folders[3] / "visits" / "b.parquet")
    first, *others = (read_table(folder, VISITS) for folder in folders)
    assert len(first) == 200
    assert all(other.equals(first) for other in others)


def test_a_fraction_is_no_integer(frame: pl.DataFrame, tmp_path: Path) -> None:
    """A Parquet column of floats is read as integers only when nothing is cut off."""
    frame.with_columns(pl.col("visitor") + 0.5).write_parquet(tmp_path / "visits.parquet")
    with pytest.raises(
        DataError, match=r"column 'visitor' of visits.parquet has 200 values that no integer can be"
    ):
        read_table(tmp_path, VISITS)


def test_a_table_twice_is_reported(frame: pl.DataFrame, tmp_path: Path) -> None:
    """A CSV and a Parquet file of one table would double its rows."""
    frame.write_csv(tmp_path / "visits.csv")
    frame.write_parquet(tmp_path / "visits.parquet")
    with pytest.raises(
        DataError, match=r"'visits' is there more than once: visits\.csv, visits\.parquet; keep one"
    ):
        read_table(tmp_path, VISITS)


def test_integers_as_pandas_writes_them(frame: pl.DataFrame, tmp_path: Path) -> None:
    """2.0 is an integer, 2.5 is none."""
    frame.with_columns(pl.col("visitor").cast(pl.Float64)).write_csv(tmp_path / "visits.csv")
    assert read_table(tmp_path, VISITS)["visitor"].to_list() == list(range(1, 201))
    frame.with_columns(pl.col("visitor") + 0.5).write_csv(tmp_path / "visits.csv")
    with pytest.raises(DataError, match=r"200 values that no integer can be: '1\.5', '2\.5', '3\.5'"):
        read_table(tmp_path, VISITS)


def test_not_a_number_is_no_value(frame: pl.DataFrame, tmp_path: Path) -> None:
    """NaN is null: it passes where a column is nullable, and nowhere else."""
    frame.with_columns(pl.lit("NaN").alias("age")).write_csv(tmp_path / "visits.csv")
    assert read_table(tmp_path, VISITS)["age"].null_count() == 200


@pytest.mark.parametrize(
    "text",
    ["2026-01-01T05:00:00Z", "2026-01-01T06:00:00+01:00", "2026-01-01T05:00:00", "2026-01-01 05:00:00"],
)
def test_times_are_utc(text: str, frame: pl.DataFrame, tmp_path: Path) -> None:
    """With an offset, without one, and with a space in place of the T."""
    frame.with_columns(pl.lit(text).alias("at")).write_csv(tmp_path / "visits.csv")
    assert read_table(tmp_path, VISITS)["at"][0] == datetime(2026, 1, 1, 5, tzinfo=UTC)


def test_columns_beyond_the_schema_are_not_read(frame: pl.DataFrame, tmp_path: Path) -> None:
    """A new column in the raw data is no fault and goes nowhere."""
    frame.with_columns(pl.lit("secret").alias("name")).write_csv(tmp_path / "visits.csv")
    assert "name" not in read_table(tmp_path, VISITS).columns
