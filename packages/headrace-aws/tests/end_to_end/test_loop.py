"""The loop that keeps a model current, with nobody's hand in it: drift, alarm, training, approval, new predictions."""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from toy.example_data import visits

from headrace_aws.testing.forks import RAW, Fork, deployed_fork, wait_for

WINTER = visits(1500, seed=1)
MORE_WINTER = visits(1500, seed=3).with_columns(pl.col("visitor") + 20_000)
# Other visitors, older and later: what they look like has drifted, and what makes them spend has not.
SUMMER = visits(6000, seed=2)[1500:].with_columns(
    pl.col("visitor") + 10_000, age=(pl.col("age") / 2 + 60).round(1)
)


@pytest.fixture
def fork(tmp_path: Path) -> Iterator[Fork]:
    """A fork whose rules and schedules are enabled, and whose models a person approves."""
    with deployed_fork(tmp_path / "fork", approval="manual", automation=True) as made:
        yield made


def put_winter(fork: Fork) -> None:
    """Put raw tables as a person does: the manifest comes last."""
    folder = fork.root / "winter"
    folder.mkdir()
    WINTER.write_csv(folder / "visits.csv")
    fork.succeed("data", "--from", str(folder))


def ended(fork: Fork, pipeline: str, runs: int) -> None:
    """Wait until a pipeline has so many records."""
    wait_for(lambda: len(fork.runs(pipeline)) >= runs, seconds=60)


def test_drift_leads_to_a_new_model_that_predicts(fork: Fork) -> None:
    """New data trains a model; summer against it drifts; the alarm trains another, and once approved it predicts."""
    # New data starts the first training; a person approves its model.
    put_winter(fork)
    ended(fork, "retraining", 1)
    assert [run["trigger"] for run in fork.runs("training")] == ["data"]
    [package] = fork.packages()
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    unready = fork.run("inference")
    assert unready.returncode == 3
    assert "No model is approved" in unready.stdout
    fork.succeed("approve", "--reason", "first of all")

    # More of the winter is what the model knows.
    winter = fork.run("inference", {"raw": fork.put_raw("winter", MORE_WINTER.write_csv().encode())})
    assert winter.returncode == 0, winter.stdout + winter.stderr
    assert alarm(fork) == "OK", fork.runs("inference")[-1]["summary"]

    # Summer is not: the batch drifts and is published, the alarm is raised, and training starts by itself.
    fork.client("s3").put_object(
        Bucket=fork.bucket, Key=RAW, Body=pl.concat([WINTER, SUMMER]).write_csv().encode()
    )
    raw = fork.put_raw("summer", SUMMER.write_csv().encode())
    summer = fork.run("inference", {"raw": raw, "date": "2026-07-01"})
    assert summer.returncode == 0, summer.stdout + summer.stderr
    assert "age" in fork.runs("inference")[-1]["summary"]
    wait_for(lambda: alarm(fork) == "ALARM")
    ended(fork, "retraining", 2)
    assert [run["trigger"] for run in fork.runs("training")] == ["data", "drift"]
    assert fork.runs("training")[-1]["status"] == "registered"

    # The new model predicts once it is approved.
    newest = fork.packages()[-1]["ModelPackageArn"]
    assert newest != package["ModelPackageArn"]
    fork.succeed("approve")
    again = fork.run("inference", {"date": "2026-07-02", "raw": raw})
    assert again.returncode == 0, again.stdout + again.stderr
    assert fork.runs("inference")[-1]["model_package_arn"] == newest
    assert json.loads(fork.object("toy/predictions/2026-07-02/_manifest.json"))["model_package_arn"] == newest


def alarm(fork: Fork) -> str:
    """Return the state of the drift alarm."""
    [found] = fork.client("cloudwatch").describe_alarms(AlarmNames=["fork-toy-drift"])["MetricAlarms"]
    return str(found["StateValue"])
