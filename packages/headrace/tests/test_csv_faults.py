"""A CSV file that cannot be read is reported with the line that breaks it."""

import gzip
from pathlib import Path

import pytest

from headrace.errors import DataError
from headrace.schema import Column, Table
from headrace.tables import read_table

VISITS = Table(
    "visits",
    (
        Column("id", "text"),
        Column("age", "number", nullable=True),
        Column("at", "timestamp", nullable=True),
    ),
)
HEADER = b"id,age,at\n"
GOOD = b"a,1,2020-01-01\n"
YEARS = "column 'at' of visits.csv has 1 value outside of the years 1 to 9999, such as in"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            HEADER + GOOD + b"b\xff,1,2020-01-01\n",
            "line 3 is no UTF-8 (byte 2 of it); save the file as UTF-8",
        ),
        (HEADER + GOOD + b"b,1,2020-01-01,4\n", "line 3 has 4 fields, and the header 3"),
        (HEADER + GOOD * 3 + b'"b,1,2020-01-01\n', "line 5: unexpected end of data; a quote inside"),
        (HEADER + GOOD + b'b"c,1,2020-01-01\n', "line 3: a quote inside a field is written twice"),
        (HEADER + b'"b"c,1,2020-01-01\n', "line 2: ',' expected after '\"'; a quote inside a field"),
        (HEADER + b"b,1,10000-01-01T00:00:00Z\n", "column 'at' of visits.csv has 1 value that no timestamp"),
        (HEADER + b"b,1,9999-12-31T23:59:59-05:00\n", f"{YEARS} 10000; correct them, or leave them empty"),
        (HEADER + b"b,1,0001-01-01T00:00:00+05:00\n", f"{YEARS} 0; correct them"),
        (HEADER + b"b,1,-0001-01-01\n", f"{YEARS} -1; correct them"),
        (
            HEADER + b"b,1e999,2020-01-01\n",
            "column 'age' of visits.csv has 1 value outside of the finite numbers",
        ),
    ],
)
def test_the_line_is_named(content: bytes, message: str, tmp_path: Path) -> None:
    """Not polars' own words about chunks and schemas."""
    (tmp_path / "visits.csv").write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_table(tmp_path, VISITS)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_also_in_an_archive(tmp_path: Path) -> None:
    """Whose lines are those of the file in it."""
    (tmp_path / "visits.csv.gz").write_bytes(gzip.compress(HEADER + b"a,1,2020-01-01,9\n"))
    with pytest.raises(
        DataError, match=r"visits.csv.gz cannot be read: line 2 has 4 fields, and the header 3"
    ):
        read_table(tmp_path, VISITS)


def test_an_archive_that_is_cut_is_reported_as_such(tmp_path: Path) -> None:
    """There is no line to name."""
    (tmp_path / "visits.csv.gz").write_bytes(gzip.compress(HEADER + GOOD * 1000)[:-20])
    with pytest.raises(DataError, match=r"visits.csv.gz cannot be read: unexpected end of file"):
        read_table(tmp_path, VISITS)
