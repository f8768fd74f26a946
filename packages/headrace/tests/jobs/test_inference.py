"""Batch, predict, collect and monitor by hand: folders in, folders out, and one clear message when they fail."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from registered_model import ROWS, Folders, Registered, newcomers, registered

from headrace.artefact import load_artefact, unpacked
from headrace.examples import read_examples
from headrace.inference import published
from headrace.inference.predictions import sha256_of
from headrace.jobs import batch, collect, monitor, predict


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Registered:
    """One model for all tests."""
    return registered(tmp_path_factory.mktemp("training"))


@pytest.fixture
def folders(model: Registered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    """Folders with raw rows whose outcomes are not known yet."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    made = Folders(tmp_path, model)
    made.give_raw(newcomers().drop("spent"))
    return made


def test_batch_predict_collect_monitor(folders: Folders) -> None:
    """The four jobs in turn give one score for each row, and find no drift in rows drawn as the training's."""
    folders.predicted("--parts", "4")
    parts = sorted(path.name for path in (folders.inputs / "predictions").iterdir())
    assert parts == [f"part-{index}.parquet" for index in range(4)]
    assert {len(pl.read_parquet(folders.inputs / "examples" / name)) for name in parts} == {ROWS // 4}
    described = folders.collected()
    drift = folders.monitored()
    assert drift["summary"] == (
        "The batch of 900 rows has not drifted: the scores and all 3 features are within their limits."
    )
    assert (drift["drifted"], drift["drift"]) == (False, 0)
    assert all(isinstance(figure, int | float) for figure in drift["metrics"].values())
    assert drift["metrics"]["rows"] == ROWS
    facts = json.loads((folders.inputs / "batch" / "batch.json").read_text())
    path = folders.inputs / "predictions" / "predictions.parquet"
    table = pl.read_parquet(path)
    assert described == {
        "rows": ROWS,
        "sha256": sha256_of(path),
        "columns": ["visitor", "time", "score"],
        "data_fingerprint": facts["data_fingerprint"],
    }
    assert table.equals(table.sort("time", "visitor"))
    artefact = load_artefact(unpacked(folders.inputs / "model"))
    examples = read_examples(folders.inputs / "examples")
    np.testing.assert_allclose(table["score"].to_numpy(), artefact.predict(examples), atol=1e-9)
    assert "<html" in (folders.outputs / "report" / "report.html").read_text()


def test_drift_made_on_purpose_is_found_and_named(folders: Folders) -> None:
    """Visitors of another age are reported by the name of the feature, in the summary and by a rule."""
    folders.give_raw(newcomers().with_columns(age=pl.col("age") / 3))
    folders.predicted()
    drift = folders.monitored()
    assert (drift["drifted"], drift["drift"]) == (True, 1)
    assert drift["metrics"]["drifted_features"] == 1
    assert "1 of 3 features beyond their limits (age)" in drift["summary"]
    assert [feature["name"] for feature in drift["features"] if feature["drifted"]] == ["age"]
    failed = [rule for rule in drift["rules"] if not rule["passed"]]
    assert "1 of 3 features: age" in [rule["note"] for rule in failed]
    assert all(rule["value"] > rule["limit"] for rule in failed)


def test_limits_are_those_given(folders: Folders) -> None:
    """One age in fifteen that is missing is no drift by wide limits, and is one by narrow limits."""
    gaps = pl.when(pl.col("visitor") % 15 > 0).then("age").alias("age")
    folders.give_raw(newcomers().with_columns(gaps))
    folders.predicted()
    wide = folders.monitored('{"tolerated_features": 0.5}')
    assert wide["summary"] == (
        "The batch of 900 rows has not drifted: 1 of 3 features is beyond its limits (age), and that many are tolerated."
    )
    assert wide["metrics"]["missing_features"] == 0
    narrow = folders.monitored('{"tolerated_features": 0.5, "missing_share": 0.05}')
    assert narrow["drifted"]
    assert narrow["metrics"]["missing_features"] == 1
    assert "rise of missing values at most 0.05 in every feature, found 0.0667" in narrow["summary"]


def test_a_batch_knows_no_outcome(folders: Folders) -> None:
    """Raw rows with outcomes and without give the same examples, all without a label."""
    folders.batched()
    without = read_examples(folders.inputs / "examples").frame
    assert without["label"].null_count() == ROWS
    folders.give_raw(newcomers())
    assert batch.main(["--model", "toy"]) == 0
    assert read_examples(folders.outputs / "examples").frame.equals(without)


def test_a_window_takes_its_rows(folders: Folders) -> None:
    """The first end is within the window and the second is not; without offset both are UTC."""
    folders.batched(
        "--window", '{"first": "2026-01-02", "until": "2026-01-03T12:00:00+02:00"}', "--parts", "9"
    )
    facts = json.loads((folders.inputs / "batch" / "batch.json").read_text())
    assert (facts["rows"], facts["first"], facts["last"]) == (
        34,
        "2026-01-02T00:00:00Z",
        "2026-01-03T09:00:00Z",
    )
    sizes = [len(pl.read_parquet(path)) for path in (folders.inputs / "examples").iterdir()]
    assert len(sizes) == 9
    assert sum(sizes) == 34
    assert max(sizes) - min(sizes) <= 1


def test_a_window_of_days_begins_with_the_runs_date(folders: Folders) -> None:
    """From midnight in UTC on, that many days, which may be parts of one."""
    folders.batched("--window", '{"days": 1.5}', "--date", "2026-01-10")
    facts = json.loads((folders.inputs / "batch" / "batch.json").read_text())
    assert (facts["rows"], facts["first"], facts["last"]) == (
        36,
        "2026-01-10T00:00:00Z",
        "2026-01-11T11:00:00Z",
    )


def test_predictions_say_what_they_are(folders: Folders) -> None:
    """Date, rows, model and data are in the file itself; by hand date and model are unknown."""
    folders.predicted()
    path = folders.outputs / "predictions" / "predictions.parquet"
    for arguments, date, package in (
        ([], "unknown", "unknown"),
        (["--date", "2026-03-01", "--model-package", "arn:x/1"], "2026-03-01", "arn:x/1"),
    ):
        assert collect.main(arguments) == 0
        facts = pl.read_parquet_metadata(path)
        fingerprint = json.loads((folders.inputs / "batch" / "batch.json").read_text())["data_fingerprint"]
        assert (facts["date"], facts["model_package_arn"]) == (date, package)
        assert (facts["rows"], facts["data_fingerprint"]) == (f"{ROWS}", fingerprint)
    assert collect.main(["--date", "1 March"]) == 1
    assert "--date '1 March' is no date; write it as 2026-03-31" in folders.message


def test_what_s3_cannot_copy_at_once_is_not_published(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Size, limit and remedy are reported, and nothing is left; the limit is lowered here from S3's 5 GiB."""
    assert published.MOST_BYTES == 5_368_709_120
    monkeypatch.setattr(published, "MOST_BYTES", 4000)
    folders.predicted()
    assert collect.main([]) == 1
    assert "the 900 predictions are " in folders.message
    assert (
        "bytes, and S3 copies at most 4,000 at once, as publishing does; predict a narrower"
        in folders.message
    )
    assert not [path for path in folders.outputs.rglob("*") if path.is_file()]


def test_no_part_is_empty(folders: Folders) -> None:
    """Fewer rows than parts are as many parts as rows."""
    folders.batched("--window", '{"until": "2026-01-01T03:00:00Z"}', "--parts", "5")
    assert len(list((folders.inputs / "examples").iterdir())) == 3


BAD_BATCHES = {
    "no row": (
        ["--window", '{"first": "2027-01-01"}'],
        (
            "no row lies from 2027-01-01T00:00:00Z on: the raw tables have 900 rows from 2026-01-01T00:00:00Z to "
            "2026-02-07T11:00:00Z; give another window"
        ),
    ),
    "inverted": (
        ["--window", '{"first": "2026-02-01", "until": "2026-01-01"}'],
        "until (2026-01-01) is not after first (2026-02-01): no row lies between them",
    ),
    "no time": (
        ["--window", '{"first": "yesterday"}'],
        "first: timestamp 'yesterday' is no ISO 8601 date or time; write it as 2026-03-31",
    ),
    "days and an end": (
        ["--window", '{"days": 7, "until": "2026-02-01"}', "--date", "2026-01-10"],
        "days are counted from the run's date; give them, or first and until, not both",
    ),
    "days without a date": (
        ["--window", '{"days": 7}'],
        "the window is 7 days from the run's date on, and no date is given; give --date as 2026-03-31",
    ),
    "days without a row": (
        ["--window", '{"days": 1.5}', "--date", "2026-03-31"],
        "no row lies from 2026-03-31T00:00:00Z on and before 2026-04-01T12:00:00Z: the raw tables have 900 rows from",
    ),
    "no date": (["--date", "20260331"], "--date '20260331' is no date; write it as 2026-03-31"),
    "unknown key": (["--window", '{"from": "2026-01-01"}'], "from: unknown key"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_BATCHES.values(), ids=BAD_BATCHES.keys())
def test_a_bad_window_is_reported_and_writes_nothing(
    arguments: list[str], message: str, folders: Folders
) -> None:
    """The message names the window and what there is."""
    assert batch.main(["--model", "toy", *arguments]) == 1
    assert message in folders.message
    assert not [path for path in folders.outputs.rglob("*") if path.is_file()]


def test_an_instance_without_a_share_ends_well(folders: Folders) -> None:
    """Of three instances one may have no file; a single one without examples is an error."""
    folders.give_model()
    (folders.inputs / "examples").mkdir()
    assert predict.main([]) == 1
    assert "no examples in" in folders.message
    config = folders.base / "config"
    config.mkdir()
    (config / "resourceconfig.json").write_text('{"current_host": "a", "hosts": ["a", "b", "c"]}')
    assert predict.main([]) == 0
    assert not (folders.outputs / "predictions").exists()


FEATURES = {"colour": "category col(colour)", "age": "number col(age)"}
DISAGREEING: dict[str, tuple[dict[str, Any], str]] = {
    "features": (
        {"features": FEATURES | {"weight": "number col(weight)"}},
        "feature 'weight' is gone; feature 'hour' is new; feature 'colour' has changed; feature 'age' has changed",
    ),
    "raw schema": (
        {"tables": [{"name": "visits", "columns": [{"name": "visitor", "type": "text"}]}]},
        (
            "column 'visits.at' is new; column 'visits.colour' is new; column 'visits.age' is new; "
            "column 'visits.spent' is new; column 'visits.visitor' has changed"
        ),
    ),
}


@pytest.mark.parametrize(("change", "message"), DISAGREEING.values(), ids=DISAGREEING.keys())
def test_a_model_of_another_schema_is_refused(change: dict[str, Any], message: str, folders: Folders) -> None:
    """What differs is named, with the commit of the model and what to do."""
    folders.batched()
    folders.rewrite_model("model.json", change)
    assert predict.main([]) == 1
    assert f"and this code disagree: {message}; train and approve a model of this code" in folders.message
    assert not (folders.outputs / "predictions").exists()


def test_what_predict_cannot_use_is_reported(folders: Folders) -> None:
    """A missing model, and examples without rows or columns, are named."""
    folders.batched()
    assert predict.main([]) == 1
    assert "model.json is missing" in folders.message
    folders.give_model()
    path = folders.inputs / "examples" / "part-0.parquet"
    rows = pl.read_parquet(path)
    for frame, message in (
        (rows.clear(), "part-0.parquet has no rows"),
        (rows.drop("entity"), "part-0.parquet has no column 'entity'"),
    ):
        frame.write_parquet(path)
        assert predict.main([]) == 1
        assert message in folders.message


def changed(change: Callable[[pl.DataFrame], pl.DataFrame]) -> Callable[[Folders], None]:
    """Return a change of the predictions of the first part."""

    def apply(folders: Folders) -> None:
        path = folders.inputs / "predictions" / "part-0.parquet"
        change(pl.read_parquet(path)).write_parquet(path)

    return apply


def other_key(rows: pl.DataFrame) -> pl.DataFrame:
    """Return predictions whose key is a text."""
    return rows.with_columns(
        entity=pl.struct(visitor=pl.col("entity").struct.field("visitor").cast(pl.String))
    )


UNMATCHED: dict[str, tuple[Callable[[Folders], object], str]] = {
    "a row without a score": (
        changed(lambda rows: rows[1:]),
        "1 rows of the batch have no score, first {'visitor': 10001, 'time': ",
    ),
    "a score too many": (
        changed(lambda rows: pl.concat([rows, rows[:1]])),
        "2 scores share their row with another, first {'visitor': 10001, ",
    ),
    "a foreign score": (
        changed(lambda rows: rows.with_columns(time=pl.col("time").dt.offset_by("1y"))),
        "450 scores belong to no row of the batch, first {'visitor': 10001, ",
    ),
    "another key": (
        changed(other_key),
        "the files in ",
    ),
    "no probability": (
        changed(lambda rows: rows.with_columns(score=pl.lit(1.5))),
        "450 predictions have a score that is no probability: 1.5 for {'visitor': 10001}",
    ),
    "not a number": (
        changed(lambda rows: rows.with_columns(score=pl.lit(float("nan")))),
        "450 predictions have a score that is no probability: nan for {'visitor': 10001}",
    ),
    "a part that is gone": (
        lambda folders: (folders.inputs / "examples" / "part-1.parquet").unlink(),
        "the examples have 450 rows, and batch.json says 900; run the batch job again",
    ),
    "no predictions": (
        lambda folders: [path.unlink() for path in (folders.inputs / "predictions").iterdir()],
        "no predictions in ",
    ),
    "unreadable predictions": (
        lambda folders: (folders.inputs / "predictions" / "part-0.parquet").write_text("no"),
        "run the predict job again",
    ),
    "no facts": (
        lambda folders: (folders.inputs / "batch" / "batch.json").write_text("{"),
        "batch.json is not JSON: ",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), UNMATCHED.values(), ids=UNMATCHED.keys())
def test_predictions_that_do_not_match_are_reported(
    spoil: Callable[[Folders], object], message: str, folders: Folders
) -> None:
    """The message counts and quotes the rows, and nothing is left that could be published."""
    folders.predicted("--parts", "2")
    spoil(folders)
    assert collect.main([]) == 1
    assert message in folders.message
    assert not [path for path in folders.outputs.rglob("*.*") if path.is_file()]


def test_a_batch_is_monitored_whole(folders: Folders) -> None:
    """Fewer predictions than rows are no batch; the message counts both."""
    folders.predicted("--parts", "2")
    (folders.inputs / "predictions" / "part-1.parquet").unlink()
    assert monitor.main([]) == 1
    assert "batch.json says 900 rows, and there are 900 examples and 450 predictions" in folders.message


def test_a_model_of_an_older_version_is_reported(folders: Folders) -> None:
    """Without the quantiles of its scores there is no baseline, and the remedy is a new model."""
    folders.predicted()
    profile = folders.inputs / "model" / "unpacked" / "profile.json"
    kept = json.loads(profile.read_text())
    (folders.inputs / "model").rename(folders.inputs / "former")
    folders.rewrite_model("profile.json", {"score_quantiles": []})
    assert len(kept["score_quantiles"]) == 1001
    assert monitor.main([]) == 1
    assert "kept no quantiles of its scores" in folders.message
