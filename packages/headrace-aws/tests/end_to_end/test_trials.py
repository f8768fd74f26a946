"""Cross-validation and backtesting of a fork: each trial a real training, and one that fails is tolerated."""

import json
import threading
from typing import Any

from headrace_aws.testing.forks import Fork, execution_name, wait_for


def summary(fork: Fork, pipeline: str, said: str) -> dict[str, Any]:
    """Return what the trials told, put together."""
    folder = f"toy/runs/{pipeline}/{execution_name(said)}"
    found: dict[str, Any] = json.loads(fork.object(f"{folder}/aggregate/summary/summary.json"))
    return found


def test_cross_validation_chooses_and_training_takes_the_choice(fork: Fork) -> None:
    """Two candidates on three folds are six trainings; what they choose is what the next training is fitted with."""
    said = fork.succeed("run", "--pipeline", "cross-validation")
    found = summary(fork, "cross-validation", said)
    jobs = fork.client("sagemaker").list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
    described = [
        fork.client("sagemaker").describe_training_job(TrainingJobName=job["TrainingJobName"])
        for job in jobs
        if job["TrainingJobStatus"] == "Completed"
    ]
    own = [job for job in described if execution_name(said) in job["ModelArtifacts"]["S3ModelArtifacts"]]
    assert len(own) == 6
    assert {job["HyperParameters"]["max_depth"] for job in own} == {"1", "3"}
    best = found["best"]["hyperparameters"]
    assert best["max_depth"] in {"1", "3"}
    record = fork.runs("cross-validation")[-1]
    assert record["status"] == "summarised"
    assert json.loads(record["best"]) == best
    trained = fork.run("training", {}, "--hyperparameters", "best")
    assert trained.returncode in {0, 3}, trained.stdout + trained.stderr
    assert execution_name(said) in trained.stdout
    used = json.loads(fork.runs("training")[-1]["hyperparameters"])
    assert str(used["max_depth"]) == best["max_depth"]


def test_one_trial_that_fails_is_reported_and_tolerated(fork: Fork) -> None:
    """A training that is ended from outside costs one trial: the run ends well and names it with its reason."""
    stopper = threading.Thread(target=stop_one_training, args=(fork,))
    stopper.start()
    done = fork.run("cross-validation", {"hyperparameters": {"max_rounds": "2000"}})
    stopper.join()
    assert done.returncode == 0, done.stdout + done.stderr
    failed = summary(fork, "cross-validation", done.stdout)["failed"]
    assert len(failed) == 1
    assert failed[0]["reason"]


def stop_one_training(fork: Fork) -> None:
    """End the first training job that runs, as a person might."""
    sagemaker = fork.client("sagemaker")
    running: list[dict[str, str]] = []

    def begun() -> bool:
        running[:] = sagemaker.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"]
        return bool(running)

    wait_for(begun, seconds=60)
    sagemaker.stop_training_job(TrainingJobName=running[0]["TrainingJobName"])


def test_backtesting_tells_how_a_model_ages(fork: Fork) -> None:
    """Each cut-off is a training on what lay before it; where none can be trained, the run fails with a job's words."""
    found = summary(fork, "backtesting", fork.succeed("run", "--pipeline", "backtesting"))
    assert len(found["cutoffs"]) >= 3
    assert "recommended_interval_days" in found
    assert fork.runs("backtesting")[-1]["status"] == "summarised"

    done = fork.run(
        "backtesting", {"hyperparameters": {"max_rounds": "1"}, "cutoffs": {"at": ["2031-01-01"]}}
    )
    assert done.returncode == 1
    assert "2031-01-01" in done.stdout
    assert fork.runs("backtesting")[-1]["status"] == "failed"
