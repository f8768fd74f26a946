"""Quality by hand: predictions of the past, labels of today, and one clear message when they do not fit."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from registered_model import Folders, Registered, newcomers, registered
from toy import MODEL

from headrace.inference.predictions import FILE
from headrace.inference.quality import Quality
from headrace.jobs import collect, quality
from headrace.metrics import metrics_of
from headrace.prepare import examples_in

ROWS = 2000  # as many as the training's, hour by hour
JUDGED = 400  # the newest fifth, which was the test


GROUP = "arn:aws:sagemaker:us-east-1:000000000000:model-package/headrace-toy"
OLD, NEW = f"{GROUP}/1", f"{GROUP}/2"


@pytest.fixture(scope="module")
def predicted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registered, Path]:
    """A registered model, and its predictions as the collect job writes them."""
    model = registered(tmp_path_factory.mktemp("training"))
    folders = Folders(tmp_path_factory.mktemp("inference"), model)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SAGEMAKER_BASE_DIR", str(folders.base))
        folders.give_raw(known_people().drop("spent"))
        folders.predicted()
        assert collect.main(["--model-package", NEW, "--date", "2026-03-01"]) == 0
    return model, folders.outputs / "predictions" / FILE


@pytest.fixture
def folders(predicted: tuple[Registered, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    """Folders with raw rows whose outcomes are known, and the evaluation of the model."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    made = Folders(tmp_path, predicted[0])
    made.give_raw(known_people())
    (made.inputs / "evaluation").mkdir()
    shutil.copy(made.model.evaluation, made.inputs / "evaluation")
    return made


@pytest.fixture
def table(predicted: tuple[Registered, Path]) -> pl.DataFrame:
    """The published predictions of all rows."""
    return pl.read_parquet(predicted[1])


def known_people() -> pl.DataFrame:
    """Return raw visits as many as the training's and at the same times: the newest fifth only is new to the model."""
    return newcomers(ROWS)


def publish(folders: Folders, run_date: str, table: pl.DataFrame, **changes: str) -> Path:
    """Publish a table as the new model's predictions of a run date, and return the file."""
    folder = folders.inputs / "predictions" / run_date
    folder.mkdir(parents=True)
    facts = {
        "date": run_date,
        "rows": str(len(table)),
        "model_package_arn": NEW,
        "data_fingerprint": "da7a" * 16,
    }
    table.write_parquet(folder / FILE, metadata=facts | changes)
    return folder / FILE


def measured(folders: Folders, limits: str = '{"minimum_rows": 300}') -> dict[str, Any]:
    """Run the quality job and return what it says."""
    assert quality.main(["--model", "toy", "--model-package", NEW, "--limits", limits]) == 0
    found: dict[str, Any] = json.loads((folders.outputs / "quality" / "quality.json").read_text())
    return found


def report(folders: Folders) -> str:
    """Return the report that the quality job wrote."""
    return (folders.outputs / "report" / "report.html").read_text()


def labels(folders: Folders) -> pl.Series:
    """Return the labels of all raw rows, by time."""
    return pl.Series(examples_in(folders.inputs / "raw", MODEL).examples.label)


def test_what_monitor_writes_is_what_quality_reads(
    folders: Folders, predicted: tuple[Registered, Path]
) -> None:
    """The file alone is enough: it names its date, its rows, the model and the data."""
    folder = folders.inputs / "predictions" / "2026-03-01"
    folder.mkdir(parents=True)
    shutil.copy(predicted[1], folder)
    facts = pl.read_parquet_metadata(folder / FILE)
    assert (facts["date"], facts["rows"], facts["model_package_arn"]) == ("2026-03-01", f"{ROWS}", NEW)
    assert len(facts["data_fingerprint"]) == 64
    found = measured(folders)
    assert found["rows_judged"] == JUDGED
    assert [date["model_package_arn"] for date in found["dates"]] == [NEW]


def test_quality_is_that_of_rows_new_to_the_model(folders: Folders, table: pl.DataFrame) -> None:
    """Metrics are those of evaluation's code over the rows that the model has not learnt from, and over no other."""
    publish(folders, "2026-03-01", table)
    found = measured(folders)
    newest = metrics_of(labels(folders)[-JUDGED:].to_numpy(), table["score"][-JUDGED:].to_numpy())
    every = metrics_of(labels(folders).to_numpy(), table["score"].to_numpy())
    assert found["metrics"] == pytest.approx(newest.model_dump())
    assert found["baseline"] == json.loads(folders.model.evaluation.read_text())["metrics"]
    assert found["dates"] == [
        {"date": "2026-03-01", "model_package_arn": NEW, "metrics": pytest.approx(every.model_dump())}
    ]
    assert (found["rows_judged"], found["rows_labelled"], found["rows_predicted"]) == (JUDGED, ROWS, ROWS)
    assert (found["drifted"], found["drift"], found["skipped"]) == (False, 0, [])
    assert found["summary"] == "Quality over 400 labelled predictions of new rows is within its 2 limits."
    assert [rule["passed"] for rule in found["rules"]] == [True, True]
    assert "<html" in report(folders)


def test_bad_predictions_of_new_rows_are_not_hidden_by_good_ones_of_old_rows(
    folders: Folders, table: pl.DataFrame
) -> None:
    """Scores of the newest rows at random are drift, though the many older rows were predicted well."""
    mixed = table["score"][-JUDGED:].shuffle(seed=3)
    shuffled = table.with_columns(score=pl.concat([table["score"][:-JUDGED], mixed]))
    publish(folders, "2026-03-01", table[:-JUDGED])
    publish(folders, "2026-03-02", shuffled)
    found = measured(folders)
    assert (found["drifted"], found["drift"]) == (True, 1)
    assert found["summary"].startswith(
        "Quality has drifted over 400 labelled predictions of new rows: roc_auc"
    )
    assert found["metrics"]["roc_auc"] == pytest.approx(0.5, abs=0.1)
    # The run date as a whole looks far better, for it holds the rows that the model learnt from.
    assert found["dates"][1]["metrics"]["roc_auc"] > found["metrics"]["roc_auc"] + 0.1


def test_the_old_models_predictions_do_not_count_against_the_new_one(
    folders: Folders, table: pl.DataFrame
) -> None:
    """What another package predicted is listed by date and judged in nothing, even where it is the newest."""
    publish(folders, "2026-03-01", table)
    publish(folders, "2026-03-02", table.with_columns(score=1 - pl.col("score")), model_package_arn=OLD)
    found = measured(folders)
    assert not found["drifted"]
    assert found["metrics"]["roc_auc"] > 0.6
    assert [date["model_package_arn"] for date in found["dates"]] == [NEW, OLD]
    assert found["dates"][1]["metrics"]["roc_auc"] < 0.4
    assert "headrace-toy/1" in report(folders)


NOTHING: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], str, str]] = {
    "another model": (lambda table: table, OLD, f"of 2,000 labelled predictions none was made by {NEW}"),
    "no facts": (lambda table: table, "unknown", f"of 2,000 labelled predictions none was made by {NEW}"),
    "old rows": (
        lambda table: table[:-JUDGED],
        NEW,
        "all 1,600 labelled predictions that the model made are of rows before 2026-03-08 16:00, which it may have learnt",
    ),
}


@pytest.mark.parametrize(("part", "model_package_arn", "message"), NOTHING.values(), ids=NOTHING.keys())
def test_nothing_to_judge_is_no_failure(
    part: Callable[[pl.DataFrame], pl.DataFrame],
    model_package_arn: str,
    message: str,
    folders: Folders,
    table: pl.DataFrame,
) -> None:
    """Nothing has drifted, the summary says why and what would help, and what a state machine reads is there."""
    publish(folders, "2026-03-01", part(table), model_package_arn=model_package_arn)
    found = measured(folders)
    assert (found["drifted"], found["drift"], found["rows_judged"], found["metrics"]) == (False, 0, 0, {})
    assert found["rules"] == []
    assert message in found["summary"]
    assert "measure again when the" in found["summary"] or "measure again when those" in found["summary"]
    assert len(found["data_fingerprint"]) == 64
    assert len(found["dates"]) == 1
    assert "No row may be judged yet." in report(folders)
    assert Quality.model_validate(found).metrics is None


def test_the_newest_prediction_of_an_entity_counts(folders: Folders, table: pl.DataFrame) -> None:
    """Who was predicted twice is in both dates, and once in the total; who has no label is in neither."""
    known = pl.col("visitor") <= 10_000 + ROWS - 100
    folders.give_raw(known_people().with_columns(spent=pl.when(known).then(pl.col("spent"))))
    older = table.with_columns(score=pl.lit(0.5))
    publish(folders, "2026-03-01", older[: ROWS - 200])
    publish(folders, "2026-03-02", table[ROWS - 300 :])
    found = measured(folders)
    assert (found["rows_predicted"], found["rows_labelled"], found["rows_judged"]) == (ROWS, 1900, 300)
    assert [date["metrics"]["rows"] for date in found["dates"]] == [1800, 200]
    newest = pl.concat([older[ROWS - JUDGED : ROWS - 300], table[ROWS - 300 : ROWS - 100]])
    known_labels = examples_in(folders.inputs / "raw", MODEL).examples.frame["label"]
    wanted = metrics_of(
        known_labels[ROWS - JUDGED : ROWS - 100].cast(pl.Int8).to_numpy(), newest["score"].to_numpy()
    )
    assert found["metrics"] == pytest.approx(wanted.model_dump())


def test_worse_quality_is_drift(folders: Folders, table: pl.DataFrame) -> None:
    """Scores that rank the wrong way break both limits, and the summary says by how much."""
    publish(folders, "2026-03-01", table.with_columns(score=1 - pl.col("score")))
    found = measured(folders)
    assert (found["drifted"], found["drift"]) == (True, 1)
    assert "roc_auc not worse than at the evaluation by more than 0.05, found 0." in found["summary"]
    assert "log_loss not worse than at the evaluation by more than 0.1" in found["summary"]


def test_few_rows_are_reported_and_not_judged(folders: Folders, table: pl.DataFrame) -> None:
    """Below the rows that are asked for, bad figures are no alarm, and the rules say why."""
    publish(folders, "2026-03-01", table.with_columns(score=1 - pl.col("score")))
    found = measured(folders, '{"minimum_rows": 401}')
    assert not found["drifted"]
    assert found["summary"] == "400 labelled predictions of new rows are too few to judge; 401 are asked for."
    assert {rule["note"] for rule in found["rules"]} == {
        "not judged: fewer than 401 labelled predictions of new rows"
    }
    assert found["metrics"]["roc_auc"] < 0.5


ODD: dict[str, tuple[Callable[[Folders, pl.DataFrame], object], str]] = {
    "no table": (
        lambda folders, table: publish(folders, "2026-03-02", table).write_text("no"),
        "predictions.parquet cannot be read: ",
    ),
    "another entity": (
        lambda folders, table: publish(folders, "2026-03-02", table.rename({"visitor": "guest"})),
        (
            "it has the columns guest Int64, time Datetime(time_unit='us', time_zone='UTC'), score Float64, and not "
            "time Datetime(time_unit='us', time_zone='UTC'), score Float64, visitor Int64"
        ),
    ),
    "no score": (
        lambda folders, table: publish(folders, "2026-03-02", table.drop("score")),
        "and not time",
    ),
    "rows that are gone": (
        lambda folders, table: publish(folders, "2026-03-02", table[1:], rows="2000"),
        "it says that it has 2000 rows, and has 1999",
    ),
    "another date": (
        lambda folders, table: publish(folders, "2026-03-02", table, date="2026-03-03"),
        "it says that it is of 2026-03-03",
    ),
    "no probability": (
        lambda folders, table: publish(folders, "2026-03-02", table.with_columns(score=pl.lit(1.5))),
        "2,000 of its rows have no time, or a score that is no probability",
    ),
}


@pytest.mark.parametrize(("put", "reason"), ODD.values(), ids=ODD.keys())
def test_one_odd_date_is_skipped(
    put: Callable[[Folders, pl.DataFrame], object], reason: str, folders: Folders, table: pl.DataFrame
) -> None:
    """It is reported with its reason, in the file, the summary and the report, and the others are measured."""
    publish(folders, "2026-03-01", table)
    (folders.inputs / "predictions" / "2026-03-01" / "_manifest.json").write_text("{")  # of no concern here
    put(folders, table)
    found = measured(folders)
    assert [each["date"] for each in found["skipped"]] == ["2026-03-02"]
    assert reason in found["skipped"][0]["reason"]
    assert f" 1 run date was skipped, 2026-03-02: {found['skipped'][0]['reason']}." in found["summary"]
    assert found["rows_judged"] == JUDGED
    assert [each["date"] for each in found["dates"]] == ["2026-03-01"]
    assert "Predictions of these run dates cannot be used." in report(folders)


def other_people(folders: Folders) -> None:
    """Put labels of people in place who were never predicted."""
    folders.give_raw(known_people().with_columns(pl.col("visitor") + 10_000))


def nobody_labelled(folders: Folders) -> None:
    """Put rows in place whose outcomes are not known yet."""
    folders.give_raw(known_people().with_columns(spent=pl.lit(None, pl.Float64)))


BAD: dict[str, tuple[Callable[[Folders], object], str]] = {
    "labels of others": (
        other_people,
        "no prediction of 2026-03-01 belongs to a row of the raw tables, which have 2,000 rows from 2026-01-01T00:00:00Z",
    ),
    "no label": (nobody_labelled, "none of the 2,000 predicted rows of 2026-03-01 has a label yet"),
    "no predictions": (
        lambda folders: shutil.rmtree(folders.inputs / "predictions"),
        "expected <run date>/predictions.parquet; run the inference first",
    ),
    "no date that can be used": (
        lambda folders: (folders.inputs / "predictions/2026-03-01/predictions.parquet").write_text("no"),
        "the predictions of none of 1 run dates can be used; 2026-03-01: ",
    ),
    "no evaluation": (
        lambda folders: (folders.inputs / "evaluation" / "evaluation.json").unlink(),
        "evaluation.json is missing; predictions of ",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_measured_is_reported(
    spoil: Callable[[Folders], object], message: str, folders: Folders, table: pl.DataFrame
) -> None:
    """The message names file, date and remedy, and nothing is written."""
    publish(folders, "2026-03-01", table)
    spoil(folders)
    assert quality.main(["--model", "toy", "--model-package", NEW]) == 1
    assert message in folders.message
    assert not [path for path in folders.outputs.rglob("*.*") if path.is_file()]
