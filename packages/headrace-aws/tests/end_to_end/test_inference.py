"""Inference and quality of a fork: predictions appear whole, and are measured when labels arrive."""

import hashlib
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from toy.example_data import visits

from headrace_aws.testing.forks import Fork, execution_name

if TYPE_CHECKING:
    import subprocess

DATE = "2026-03-01"
FOLDER = f"toy/predictions/{DATE}/"


def manifest(fork: Fork) -> dict[str, Any]:
    """Return the manifest of the date's predictions."""
    content: dict[str, Any] = json.loads(fork.object(f"{FOLDER}_manifest.json"))
    return content


def predict(fork: Fork, **given: object) -> str:
    """Predict for the date, and return what the command said."""
    return fork.succeed("run", "--pipeline", "inference", "--input", json.dumps({"date": DATE, **given}))


def test_predictions_are_published_and_replaced_whole(trained: Fork) -> None:
    """One object holds every row, with a manifest; a second run replaces both, and one that fails leaves them."""
    said = predict(trained)
    content = trained.object(f"{FOLDER}predictions.parquet")
    rows = pl.read_parquet(io.BytesIO(content))
    assert set(rows.columns) >= {"visitor", "score"}
    assert len(rows) == rows["visitor"].n_unique() == len(visits())
    assert rows["score"].is_between(0, 1).all()
    first = manifest(trained)
    assert first["rows"] == len(rows)
    assert first["sha256"] == hashlib.sha256(content).hexdigest()
    assert first["model_package_arn"] == trained.packages()[-1]["ModelPackageArn"]
    record = trained.runs("inference")[-1]
    assert (record["status"], record["trigger"]) == ("published", "person")
    assert record["data_fingerprint"] == first["data_fingerprint"]
    assert record["execution"] == first["execution"]
    assert execution_name(said) in first["execution"]
    parts = trained.client("s3").list_objects_v2(
        Bucket=trained.bucket, Prefix=f"toy/runs/inference/{execution_name(said)}/predict/predictions/"
    )
    assert parts["KeyCount"] == 2, "two instances share the rows"

    # The figures by which alarms judge are there, by model.
    figures = trained.client("cloudwatch").list_metrics(Namespace="fork")["Metrics"]
    named = {
        figure["MetricName"]
        for figure in figures
        if figure["Dimensions"] == [{"Name": "Model", "Value": "toy"}]
    }
    assert {"Drift", "MaximumPsi", "MissingShare", "PredictedRows", "ScoreKolmogorovSmirnov"} <= named

    # The run leaves one page with its states and the reports of its jobs inside.
    reports = trained.root / "runs" / execution_name(said)
    page = (reports / "run.html").read_text()
    assert "Watch for drift" in page
    assert "srcdoc" in page
    assert (reports / "report.html").is_file()

    # The second run's rows are all that is there; the first manifest still leads to the first rows.
    predict(trained, window={"first": "2026-02-01", "until": "2026-02-03"})
    second = manifest(trained)
    assert second["rows"] == 48
    assert len(pl.read_parquet(io.BytesIO(trained.object(f"{FOLDER}predictions.parquet")))) == 48
    former = trained.object(first["key"], VersionId=first["version_id"])
    assert hashlib.sha256(former).hexdigest() == first["sha256"]
    listed = trained.client("s3").list_objects_v2(Bucket=trained.bucket, Prefix=FOLDER)["Contents"]
    assert {item["Key"].removeprefix(FOLDER) for item in listed} == {"predictions.parquet", "_manifest.json"}

    # Nothing to predict is a failure that names the window, and what was published stays.
    done = trained.run("inference", {"date": DATE, "window": {"first": "2030-01-01"}})
    assert done.returncode == 1
    assert "2030-01-01" in done.stdout
    assert manifest(trained) == second
    assert trained.runs("inference")[-1]["status"] == "failed"


def with_failing_monitor(fork: Fork) -> "tuple[subprocess.CompletedProcess[str], dict[str, str], str]":
    """Run with a limit that the drift job refuses; return how it is reported, its record, and its name.

    The command would refuse the limit before the start, so it is given as from the console.
    """
    states = fork.client("stepfunctions")
    (machine,) = (
        machine["stateMachineArn"]
        for machine in states.list_state_machines()["stateMachines"]
        if machine["name"] == "fork-toy-inference"
    )
    given = {"date": DATE, "limits": {"psi": -1}}
    arn = states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
    name = arn.rpartition(":")[2]
    done = fork.command("follow", "--pipeline", "inference", name)
    (record,) = (run for run in fork.runs("inference") if run["execution"] == arn)
    return done, record, name


def test_a_drift_job_that_fails_holds_no_predictions_back(trained: Fork) -> None:
    """They are published by the run that fails afterwards, whose record and failure say both."""
    done, record, name = with_failing_monitor(trained)
    assert done.returncode == 1
    assert "Watch for drift" in done.stdout
    assert "psi" in done.stdout
    found = manifest(trained)
    assert found["execution"].endswith(name)
    assert found["rows"] == len(visits())
    assert record["status"] == "failed"
    assert record["error"] == "States.TaskFailed"
    assert record["predictions"].endswith(FOLDER)
    assert record["summary"].startswith("The predictions are published")


def test_a_project_may_require_the_drift_check(trained: Fork) -> None:
    """With `require_drift_check` a failing drift job holds the predictions back, and the last ones stay."""
    predict(trained)
    before = manifest(trained)
    file = trained.root / "project.toml"
    file.write_text(file.read_text().replace("inference = {", "inference = { require_drift_check = true,"))
    trained.succeed("deploy")
    done, record, _ = with_failing_monitor(trained)
    assert manifest(trained) == before
    predict(trained)
    assert manifest(trained) != before
    assert done.returncode == 1
    assert record["status"] == "failed"
    assert "predictions" not in record


def test_a_model_whose_features_are_made_otherwise_now_is_refused(trained: Fork) -> None:
    """Code and model that disagree about a feature never score together; the message names the feature."""
    code = trained.root / "src" / "toy" / "model.py"
    code.write_text(code.read_text().replace('number("age")', 'number("age", nw.col("age") / 10)'))
    done = trained.run("inference", {"date": DATE})
    assert done.returncode == 1
    assert "age" in done.stdout
    assert "ArtefactError" not in done.stdout
    assert "Predict" in done.stdout


def test_past_predictions_are_measured_when_labels_have_come(trained: Fork) -> None:
    """Judged are the rows that the model had not learnt from; labels of other entities measure nothing, and say so."""
    predict(trained)
    assert "log_loss" in trained.succeed("run", "--pipeline", "quality")
    record = trained.runs("quality")[-1]
    assert record["status"] == "measured"
    assert json.loads(record["metrics"])["rows"] == len(visits()) // 5, "the newest fifth"

    strangers = visits(300).with_columns(pl.col("visitor") + 100_000).write_csv().encode()
    done = trained.run("quality", {"raw": trained.put_raw("strangers", strangers)})
    assert done.returncode == 1
    assert "prediction" in done.stdout
    assert trained.runs("quality")[-1]["status"] == "failed"


def test_a_schedule_can_be_fired_by_hand(trained: Fork) -> None:
    """`headrace trigger` starts what the schedule starts, also where schedules are disabled, with today's date."""
    begun = datetime.now(UTC)
    said = trained.succeed("trigger", "--pipeline", "inference")
    trained.succeed("follow", "--pipeline", "inference", execution_name(said))
    record = trained.runs("inference")[-1]
    assert record["trigger"] == "schedule"
    # Midnight may have passed since it began.
    days = {f"{moment:%Y-%m-%d}" for moment in (begun, datetime.now(UTC))}
    listed = trained.client("s3").list_objects_v2(Bucket=trained.bucket, Prefix="toy/predictions/")[
        "Contents"
    ]
    assert {item["Key"].split("/")[2] for item in listed} <= days
