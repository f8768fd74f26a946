"""Quality by hand: predictions of the past, labels of today, and one clear message when they do not fit."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from toy import MODEL

from headrace.examples import Examples
from headrace.inference.predictions import sha256_of
from headrace.jobs import monitor, quality
from headrace.metrics import metrics_of
from headrace.prepare import examples_in
from tests.headrace.jobs.inference import ROWS, Folders, Registered, newcomers, registered


@pytest.fixture(scope="module")
def predicted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registered, pl.DataFrame]:
    """A registered model, and its predictions as they are published."""
    model = registered(tmp_path_factory.mktemp("training"))
    folders = Folders(tmp_path_factory.mktemp("inference"), model)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SAGEMAKER_BASE_DIR", str(folders.base))
        folders.give_raw(newcomers().drop("spent"))
        folders.predicted()
        assert monitor.main([]) == 0
    return model, pl.read_parquet(folders.outputs / "predictions" / "predictions.parquet")


@pytest.fixture
def folders(
    predicted: tuple[Registered, pl.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Folders:
    """Folders with raw rows whose outcomes are known, and the evaluation of the model."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    made = Folders(tmp_path, predicted[0])
    made.give_raw(newcomers())
    (made.inputs / "evaluation").mkdir()
    shutil.copy(made.model.evaluation, made.inputs / "evaluation")
    return made


@pytest.fixture
def table(predicted: tuple[Registered, pl.DataFrame]) -> pl.DataFrame:
    """The published predictions of all newcomers."""
    return predicted[1]


def publish(folders: Folders, date: str, table: pl.DataFrame, **changes: object) -> Path:
    """Publish a table as the predictions of a run date, and return its folder."""
    folder = folders.inputs / "predictions" / date
    folder.mkdir(parents=True)
    path = folder / "predictions.parquet"
    table.write_parquet(path)
    manifest = {
        "date": date,
        "rows": len(table),
        "model_package_arn": "arn:aws:sagemaker:us-east-1:000000000000:model-package/headrace-toy/1",
        "data_fingerprint": "da7a" * 16,
        "execution": "20260301T000000-abc",
        "key": f"toy/predictions/{date}/predictions.parquet",
        "version_id": "v1",
        "sha256": sha256_of(path),
    }
    (folder / "_manifest.json").write_text(json.dumps(manifest | changes))
    return folder


def measured(folders: Folders, limits: str = "{}") -> dict[str, Any]:
    """Run the quality job and return what it says."""
    assert quality.main(["--model", "toy", "--limits", limits]) == 0
    found: dict[str, Any] = json.loads((folders.outputs / "quality" / "quality.json").read_text())
    return found


def test_quality_is_that_of_the_labels(folders: Folders, table: pl.DataFrame) -> None:
    """Metrics are those of evaluation's code over scores and labels, beside those at registration."""
    publish(folders, "2026-03-01", table)
    found = measured(folders)
    labels = examples_in(folders.inputs / "raw", MODEL).examples
    wanted = metrics_of(labels.label, table["score"].to_numpy())
    assert found["metrics"] == pytest.approx(wanted.model_dump())
    assert found["baseline"] == json.loads(folders.model.evaluation.read_text())["metrics"]
    assert found["dates"] == [{"date": "2026-03-01", "metrics": found["metrics"]}]
    assert (found["rows_labelled"], found["rows_predicted"]) == (ROWS, ROWS)
    assert (found["drifted"], found["drift"]) == (False, 0)
    assert found["summary"] == "Quality over 900 labelled predictions is within its 2 limits."
    assert [rule["passed"] for rule in found["rules"]] == [True, True]
    assert "<html" in (folders.outputs / "report" / "report.html").read_text()


def test_the_newest_prediction_of_an_entity_counts(folders: Folders, table: pl.DataFrame) -> None:
    """Who was predicted twice is in both dates, and once in the total; who has no label is in neither."""
    folders.give_raw(
        newcomers().with_columns(spent=pl.when(pl.col("visitor") <= 10_800).then(pl.col("spent")))
    )
    older = table.with_columns(score=pl.lit(0.5))
    publish(folders, "2026-03-01", older[:600])
    publish(folders, "2026-03-02", table[300:])
    found = measured(folders)
    assert (found["rows_predicted"], found["rows_labelled"]) == (900, 800)
    assert [date["metrics"]["rows"] for date in found["dates"]] == [600, 500]
    newest = pl.concat([older[:300], table[300:800]])
    labels = Examples(examples_in(folders.inputs / "raw", MODEL).examples.frame[:800]).label
    assert found["metrics"] == pytest.approx(metrics_of(labels, newest["score"].to_numpy()).model_dump())


def test_worse_quality_is_drift(folders: Folders, table: pl.DataFrame) -> None:
    """Scores that rank the wrong way break both limits, and the summary says by how much."""
    publish(folders, "2026-03-01", table.with_columns(score=1 - pl.col("score")))
    found = measured(folders)
    assert (found["drifted"], found["drift"]) == (True, 1)
    assert "roc_auc not worse than at the evaluation by more than 0.05, found 0.3" in found["summary"]
    assert "log_loss not worse than at the evaluation by more than 0.1" in found["summary"]


def test_few_rows_are_reported_and_not_judged(folders: Folders, table: pl.DataFrame) -> None:
    """Below the rows that are asked for, bad figures are no alarm, and the rules say why."""
    publish(folders, "2026-03-01", table.with_columns(score=1 - pl.col("score")))
    found = measured(folders, '{"minimum_rows": 901}')
    assert not found["drifted"]
    assert found["summary"] == "900 labelled predictions are too few to judge; 901 are asked for."
    assert {rule["note"] for rule in found["rules"]} == {"not judged: fewer than 901 labelled rows"}
    assert found["metrics"]["roc_auc"] < 0.5


def other_people(folders: Folders) -> None:
    """Put labels of people in place who were never predicted."""
    folders.give_raw(newcomers().with_columns(pl.col("visitor") + 10_000))


def nobody_labelled(folders: Folders) -> None:
    """Put rows in place whose outcomes are not known yet."""
    folders.give_raw(newcomers().with_columns(spent=pl.lit(None, pl.Float64)))


def manifest_without_rows(folders: Folders) -> None:
    """Take the count of rows out of the manifest."""
    path = folders.inputs / "predictions" / "2026-03-01" / "_manifest.json"
    path.write_text(json.dumps({"date": "2026-03-01"}))


def other_table(folders: Folders) -> None:
    """Replace the table and keep the manifest."""
    path = folders.inputs / "predictions" / "2026-03-01" / "predictions.parquet"
    pl.read_parquet(path)[1:].write_parquet(path)


def other_entity(folders: Folders) -> None:
    """Publish another date, of another key."""
    publish(folders, "2026-03-02", pl.DataFrame({"guest": [1], "time": [None], "score": [0.5]}))


BAD: dict[str, tuple[Callable[[Folders], object], str]] = {
    "labels of others": (
        other_people,
        "no prediction of 2026-03-01 belongs to a row of the raw tables, which have 900 rows from 2026-01-01T00:00:00Z",
    ),
    "no label": (nobody_labelled, "none of the 900 predicted rows of 2026-03-01 has a label yet"),
    "no predictions": (
        lambda folders: shutil.rmtree(folders.inputs / "predictions"),
        "expected <run date>/predictions.parquet; run the inference first",
    ),
    "no manifest": (
        lambda folders: (folders.inputs / "predictions/2026-03-01/_manifest.json").unlink(),
        "2026-03-01/_manifest.json is missing beside predictions.parquet; run the inference of 2026-03-01 again",
    ),
    "unreadable manifest": (
        lambda folders: (folders.inputs / "predictions/2026-03-01/_manifest.json").write_text("{"),
        "2026-03-01/_manifest.json cannot be read: _manifest.json: Invalid JSON",
    ),
    "incomplete manifest": (manifest_without_rows, "cannot be read: rows: is missing; model_package_arn: is"),
    "no table": (
        lambda folders: (folders.inputs / "predictions/2026-03-01/predictions.parquet").unlink(),
        "2026-03-01 has a _manifest.json and no predictions.parquet; run the inference of that date again",
    ),
    "unreadable table": (
        lambda folders: (folders.inputs / "predictions/2026-03-01/predictions.parquet").write_text("no"),
        "2026-03-01/predictions.parquet cannot be read: ",
    ),
    "another table": (
        other_table,
        "2026-03-01/predictions.parquet is not what its manifest says (899 rows, 900 by the manifest)",
    ),
    "another entity": (
        other_entity,
        (
            "the predictions of 2026-03-02 have the columns guest Int64, time Null, score Float64, and the model's "
            "entity is visitor Int64"
        ),
    ),
    "no evaluation": (
        lambda folders: (folders.inputs / "evaluation" / "evaluation.json").unlink(),
        "no evaluation.json in ",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_measured_is_told(
    spoil: Callable[[Folders], object], message: str, folders: Folders, table: pl.DataFrame
) -> None:
    """The message names file, date and remedy, and nothing is written."""
    publish(folders, "2026-03-01", table)
    spoil(folders)
    assert quality.main(["--model", "toy"]) == 1
    assert message in folders.message
    assert not [path for path in folders.outputs.rglob("*.*") if path.is_file()]
