"""The sample of raw data that a preview trains on."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from headrace.errors import DataError
from headrace.schema import Column, Table
from headrace_aws.preview.sample import Sample, keep_newest, newest, table_of_events

AT = Column("at", "timestamp")
EVENTS = Table("events", (AT, Column("age", "number", nullable=True)))
# A column beyond the schema, a text that means "missing", a comma in a text; and the rows are in no order.
ROWS = ["a,3,2026-01-03,x", 'b,NA,2026-01-01,"x, y"', "c,1.50,2026-01-04T06:00:00Z,", "d,,2026-01-02,z"]
CSV = "\n".join(["id,age,at,note", *ROWS, ""])


@pytest.mark.parametrize(
    ("days", "share", "kept"),
    [
        ([1, 2, 3, 4], 0.5, [False, False, True, True]),
        ([4, 1, 3, 2], 0.26, [True, False, True, False]),
        ([1, 3, 3, 3], 0.25, [False, True, True, True]),
        ([1, 2], 1.0, [True, True]),
        ([1, 2], 0.001, [False, True]),
    ],
    ids=["half", "rounded-up", "one-moment-stays-together", "all", "at-least-one"],
)
def test_the_newest_share_of_the_rows(days: list[int], share: float, kept: list[bool]) -> None:
    """As many rows as the share asks for, the newest, wherever they lie; rows of one moment are not torn apart."""
    times = pl.Series([datetime(2026, 1, day, tzinfo=UTC) for day in days])
    assert newest(times, share).to_list() == kept


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_a_text_file_keeps_every_character_of_its_rows(tmp_path: Path, suffix: str) -> None:
    """Columns beyond the schema, texts for missing values and figures stay as they were written."""
    file = tmp_path / f"events{suffix}"
    file.write_bytes(gzip.compress(CSV.encode()) if suffix == ".csv.gz" else CSV.encode())
    assert keep_newest(tmp_path, EVENTS, "at", 0.5) == Sample("events", 2, 4)
    content = gzip.decompress(file.read_bytes()) if suffix == ".csv.gz" else file.read_bytes()
    assert content.decode() == "\n".join(["id,age,at,note", ROWS[0], ROWS[2], ""])


def test_the_parts_of_a_table_are_one_table(tmp_path: Path) -> None:
    """The newest rows are those of all files together; a file without any of them is left out."""
    (tmp_path / "events").mkdir()
    for name, days in (("1", [1, 2]), ("2", [4, 3]), ("3", [5])):
        at = [datetime(2026, 1, day, tzinfo=UTC) for day in days]
        pl.DataFrame({"at": at, "age": [float(day) for day in days]}).write_parquet(
            tmp_path / "events" / f"{name}.parquet"
        )
    assert keep_newest(tmp_path, EVENTS, "at", 0.4) == Sample("events", 2, 5)
    found = {file.name: pl.read_parquet(file)["age"].to_list() for file in (tmp_path / "events").iterdir()}
    assert found == {"2.parquet": [4.0], "3.parquet": [5.0]}


def test_a_time_that_is_none_is_reported(tmp_path: Path) -> None:
    """The message is the one of the jobs: file, column and value."""
    (tmp_path / "events.csv").write_text("at,age\nyesterday,1\n")
    with pytest.raises(DataError, match=r"'at' of events\.csv has 1 value .*'yesterday'"):
        keep_newest(tmp_path, EVENTS, "at", 0.5)


def test_the_table_of_events_is_the_one_with_outcomes() -> None:
    """Another table may have the time too, as weather has; without outcomes the first with the time is meant."""
    weather = Table("weather", (AT,))
    events = Table("events", (AT, Column("late", "number", outcome=True)))
    planes = Table("planes", (Column("year", "integer"),))
    assert table_of_events((planes, weather, events), "at") is events
    assert table_of_events((planes, weather), "at") is weather
    assert table_of_events((planes,), "at") is None
