"""Listing and exporting runs."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from run_records import NOON, ModelRecords

from headrace.errors import ConfigurationError, DataError
from headrace_aws.model_context import ModelContext
from headrace_aws.runs.records import command
from headrace_aws.runs.records.command import Listing, list_runs
from headrace_aws.runs.records.listing import since_text

LOCK = "#lock#training"


def listed(records: ModelRecords, wanted: Listing | None = None) -> list[str]:
    """Return the lines that list runs."""
    said: list[str] = []
    assert list_runs([records.context], wanted or Listing(), said.append) == 0
    return said


def names_of(lines: list[str]) -> list[str]:
    """Return the last column, below its head."""
    return [line.split()[-1] for line in lines[1:]]


def test_the_newest_run_comes_first_in_one_line(records: ModelRecords) -> None:
    """Start, pipeline, status, duration, a figure, version, commit, execution: in columns without any colour."""
    records.put_run("early", NOON, metrics={"rows": 400, "log_loss": 0.51234})
    package = records.register()
    records.put_run(
        "late",
        NOON + timedelta(hours=1),
        seconds=75,
        pipeline="inference",
        status="published",
        metrics={"rows": 336776},
        model_package_arn=package,
    )
    head, late, early = listed(records)
    assert re.split(r"\s{2,}", head)[0] == "started (UTC)"
    assert re.split(r"\s{2,}", early) == [
        "2026-11-22 12:00:00",
        "training",
        "registered",
        "15.0 s",
        "log_loss 0.5123",
        "-",
        "0123abcd",
        "early",
    ]
    assert re.split(r"\s{2,}", late)[1:6] == ["inference", "published", "1 min 15 s", "rows 336,776", "1"]
    assert late.index("0123abcd") == early.index("0123abcd")


def test_a_failed_run_is_known_by_its_error(records: ModelRecords) -> None:
    """Attributes that an early failure cannot have are missing, and its error stands for it."""
    records.put_run(status="failed", error="States.TaskFailed", cause="it broke")
    assert "States.TaskFailed" in listed(records)[1]


def test_a_lock_is_no_run(records: ModelRecords) -> None:
    """What the pipelines keep beside the runs, under a key with a hash in front, is not listed."""
    records.put_item({"model": records.context.model, "run": LOCK, "execution": "arn"})
    records.put_run("run")
    assert names_of(listed(records)) == ["run"]


def test_filters_hold_together(records: ModelRecords) -> None:
    """Pipeline, status and start each leave runs out."""
    records.put_run("old", NOON - timedelta(days=30))
    records.put_run("refused", NOON, status="refused")
    records.put_run("good", NOON)
    records.put_run("measured", NOON, pipeline="quality", status="measured")
    wanted = Listing(pipeline="training", status="registered", since="2026-11-22")
    assert names_of(listed(records, wanted)) == ["good"]
    assert names_of(listed(records, Listing(pipeline="quality"))) == ["measured"]


def test_a_limit_says_that_there_are_more(records: ModelRecords, capsys: pytest.CaptureFixture[str]) -> None:
    """The note goes to stderr, so that what is piped holds runs only; 0 is no limit."""
    for number in range(3):
        records.put_run(f"run-{number}", NOON + timedelta(minutes=number))
    assert names_of(listed(records, Listing(limit=2))) == ["run-2", "run-1"]
    assert "--limit 0 all" in capsys.readouterr().err
    assert len(names_of(listed(records, Listing(limit=0)))) == 3
    assert not capsys.readouterr().err


def test_every_page_of_the_table_is_read(records: ModelRecords) -> None:
    """A query answers with one megabyte at most; the runs of three are all found, the newest first."""
    for number in range(9):
        records.put_run(
            f"run-{number}", NOON + timedelta(minutes=number), status="failed", error="E", cause="x" * 300_000
        )
    assert names_of(listed(records)) == [f"run-{number}" for number in reversed(range(9))]


def test_no_run_is_said(records: ModelRecords, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty table of runs is no error, and why it may be empty is reported."""
    assert listed(records) == []
    assert capsys.readouterr().err == "no run matches; a run is recorded when it ends\n"


def test_the_runs_of_several_models_are_one_list(records: ModelRecords) -> None:
    """They are ordered by their start, and each names its model."""
    other = ModelRecords(ModelContext(records.context.aws, records.context.project, "other"))
    records.put_run("first", NOON)
    other.put_run("second", NOON + timedelta(minutes=1))
    records.put_run("third", NOON + timedelta(minutes=2))
    said: list[str] = []
    list_runs([records.context, other.context], Listing(with_model=True), said.append)
    assert names_of(said) == ["third", "second", "first"]
    assert [line.split()[0] for line in said] == [
        "model",
        records.context.model,
        "other",
        records.context.model,
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-01-31", "2026-01-31T00:00:00"),
        ("2026-01-31T10:00:00+02:00", "2026-01-31T08:00:00"),
        ("7d", "2026-11-15T12:00:00"),
        ("24h", "2026-11-21T12:00:00"),
        ("2w", "2026-11-08T12:00:00"),
    ],
)
def test_a_moment_is_a_date_a_time_or_an_age(given: str, expected: str) -> None:
    """Each becomes the text that keys of runs are compared with, in UTC."""
    assert since_text(given, NOON) == expected


@pytest.mark.parametrize("given", ["yesterday", "7", "d", "999999w", "2026-13-01"])
def test_what_is_no_moment_is_reported(given: str) -> None:
    """The message quotes it and shows what would do."""
    with pytest.raises(ConfigurationError, match=f"{given}.*such as 24h"):
        since_text(given, NOON)


def test_a_status_that_no_run_has_is_reported(records: ModelRecords) -> None:
    """A slip of the hand does not look like an empty table."""
    with pytest.raises(ConfigurationError, match="'fail'; it is one of aborted, failed"):
        listed(records, Listing(status="fail"))


def test_without_a_table_it_says_what_makes_one(records: ModelRecords) -> None:
    """Before the first deployment there is no run table."""
    nowhere = records.context.project.model_copy(update={"name": "nowhere"})
    context = ModelContext(records.context.aws, nowhere, records.context.model)
    with pytest.raises(ConfigurationError, match="table nowhere-runs does not exist; `make deploy`"):
        list_runs([context], Listing(), lambda _: None)


def test_a_record_that_cannot_be_read_is_named(records: ModelRecords) -> None:
    """A damaged item is no traceback: the message holds its key and the fault."""
    records.put_run("odd", metrics="no json")
    with pytest.raises(DataError, match=r"12:00:00.000Z#odd.*metrics"):
        listed(records)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_an_export_holds_all_runs_in_columns(records: ModelRecords, tmp_path: Path, suffix: str) -> None:
    """Figures and hyperparameters are columns of their own; runs beyond the limit are there, too."""
    records.put_run("one", NOON, metrics={"log_loss": 0.5, "rows": 400}, hyperparameters={"max_depth": 3})
    records.put_run(
        "two",
        NOON + timedelta(minutes=1),
        status="failed",
        error="E",
        hyperparameters={"max_depth": "4", "kind": "hist"},
    )
    file = tmp_path / f"runs{suffix}"
    assert listed(records, Listing(export=file, limit=1)) == [f"{file}  2 runs, {width(file)} columns"]
    table = pl.read_parquet(file) if suffix == ".parquet" else pl.read_csv(file, try_parse_dates=True)
    assert table["name"].to_list() == ["two", "one"]
    assert table["metrics.log_loss"].to_list() == [None, 0.5]
    assert table["metrics.rows"].to_list() == [None, 400]
    assert table["hyperparameters.max_depth"].to_list() == [4, 3]
    assert table["hyperparameters.kind"].to_list() == ["hist", None]
    assert table["error"].to_list() == ["E", None]
    assert table["started_at"][1] == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def width(file: Path) -> int:
    """Return how many columns a file has."""
    return (pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file)).width


def test_a_column_of_several_kinds_is_kept_whole(records: ModelRecords, tmp_path: Path) -> None:
    """Integers beside floats are floats, numbers beside words are texts, and lists are JSON."""
    records.put_run("one", NOON, metrics={"a": 1, "b": 1, "c": [1, 2]})
    records.put_run("two", NOON + timedelta(minutes=1), metrics={"a": 0.5, "b": "much", "c": None})
    file = tmp_path / "runs.parquet"
    listed(records, Listing(export=file))
    table = pl.read_parquet(file)
    assert table["metrics.a"].to_list() == [0.5, 1.0]
    assert table["metrics.b"].to_list() == ["much", "1"]
    assert table["metrics.c"].to_list() == [None, "[1, 2]"]


@pytest.mark.parametrize("name", ["runs.xlsx", "runs", "no-such-folder/runs.csv"])
def test_an_export_that_cannot_be_written_leaves_nothing(
    records: ModelRecords, tmp_path: Path, name: str
) -> None:
    """A format that is not known and a folder that is not there are reported, and no file is begun."""
    records.put_run()
    with pytest.raises(ConfigurationError, match="--export"):
        listed(records, Listing(export=tmp_path / name))
    assert list(tmp_path.iterdir()) == []


def test_an_export_of_nothing_is_an_error(records: ModelRecords, tmp_path: Path) -> None:
    """A former file stays as it is, rather than to become one without rows."""
    file = tmp_path / "runs.csv"
    file.write_text("former")
    with pytest.raises(ConfigurationError, match="no run matches"):
        listed(records, Listing(export=file))
    assert file.read_text() == "former"


def test_the_default_limit_is_that_of_the_command() -> None:
    """Twenty runs fill a screen and not more."""
    assert Listing().limit == command.LIMIT == 20
