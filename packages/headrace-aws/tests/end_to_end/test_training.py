"""The training pipeline of a fork, from command to registry, and every way in which it ends."""

import hashlib
import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from toy.example_data import visits

from headrace_aws.testing.forks import UP, Fork, execution_name, wait_for


def execution_arn(name: str) -> str:
    """Return the ARN of an execution of the training pipeline."""
    return f"arn:aws:states:eu-central-1:000000000000:execution:fork-toy-training:{name}"


def job_name(step: str, execution: str, retry: int = 0) -> str:
    """Return the name of a job as the definition makes it."""
    digest = hashlib.md5(execution_arn(execution).encode(), usedforsecurity=False).hexdigest()
    return f"fork-{step}-{digest}-{retry}"


def test_a_good_model_is_registered_recorded_and_reported(fork: Fork) -> None:
    """A run with `{}` ends in an approved package that leads back to data, code, evaluation and report."""
    done = fork.train()
    assert done.returncode == 0, done.stdout + done.stderr
    name = execution_name(done.stdout)
    package = fork.packages()[-1]
    assert package["ModelApprovalStatus"] == "Approved"
    described = fork.client("sagemaker").describe_model_package(ModelPackageName=package["ModelPackageArn"])
    artefact = described["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    assert artefact.startswith(f"s3://{fork.bucket}/toy/runs/training/{name}/train/")
    record = fork.runs()[-1]
    assert record["status"] == "registered"
    assert record["model_package_arn"] == package["ModelPackageArn"]
    assert record["data_fingerprint"] == described["CustomerMetadataProperties"]["data_fingerprint"]
    assert json.loads(record["metrics"])["rows"] == 400
    report = (fork.root / "runs" / name / "report.html").read_text()
    assert "Evaluation of toy" in report
    for text in (
        "Prepare data",
        "Train model",
        "Evaluate ",
        "registered after",
        "roc_auc",
        "report runs/",
    ):
        assert text in done.stdout


def test_a_second_run_meets_the_champion(fork: Fork) -> None:
    """The approved model is scored on the same rows, and the newcomer must not be worse."""
    if not fork.packages():
        fork.train()
    done = fork.train()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Evaluate against champion" in done.stdout
    assert "log_loss not worse than the champion's by more than 0.01" in done.stdout


def test_a_refusal_is_a_clean_end_with_its_own_status(fork: Fork) -> None:
    """A gate that the model cannot pass: status 3, a record, the figure in words, and no new package."""
    packages = len(fork.packages())
    done = fork.train({"gate": {"floor": {"roc_auc": 0.99}}})
    assert done.returncode == 3, done.stdout + done.stderr
    assert re.search(r"The model is refused: roc_auc at least 0.99, found 0\.\d{4}", done.stdout)
    assert fork.runs()[-1]["status"] == "refused"
    assert len(fork.packages()) == packages
    ended = fork.client("stepfunctions").describe_execution(
        executionArn=execution_arn(execution_name(done.stdout))
    )
    assert ended["status"] == "SUCCEEDED"


def test_hyperparameters_reach_the_model(fork: Fork, tmp_path: Path) -> None:
    """What a person gives in a file is what the model was fitted with, and the rest stays."""
    file = tmp_path / "hyperparameters.json"
    file.write_text('{"max_depth": 2, "refit": false}')
    done = fork.command("run", "--hyperparameters", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    used = json.loads(fork.runs()[-1]["hyperparameters"])
    assert (used["max_depth"], used["refit"], used["max_rounds"]) == (2, False, 40)


def test_an_unknown_hyperparameter_is_refused_before_any_job(fork: Fork) -> None:
    """Status 2, the name of the fault, and no execution."""
    machine = "arn:aws:states:eu-central-1:000000000000:stateMachine:fork-toy-training"
    states = fork.client("stepfunctions")
    before = len(states.list_executions(stateMachineArn=machine)["executions"])
    done = fork.train({"hyperparameters": {"depth": 3}})
    assert done.returncode == 2
    assert "depth: unknown key" in done.stderr
    assert len(states.list_executions(stateMachineArn=machine)["executions"]) == before


def first_value(column: str, value: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return a change of the first value of a column."""
    return lambda rows: rows.with_columns(
        pl.when(pl.int_range(pl.len()) == 0)
        .then(pl.lit(value))
        .otherwise(pl.col(column).cast(pl.String))
        .alias(column)
    )


BAD_TABLES = {
    "missing-column": (lambda rows: rows.drop("colour"), "column 'colour' is missing in visits.csv"),
    "wrong-type": (
        first_value("age", "old"),
        "column 'age' of visits.csv has 1 value that no number can be: 'old'",
    ),
    "out-of-range": (
        first_value("age", "130"),
        "column 'age' of visits.csv has 1 value outside 0 to 120: 130.0",
    ),
    "duplicate-key": (first_value("visitor", "2"), "key (visitor) of table 'visits' is repeated in 2 rows"),
    "null": (first_value("colour", ""), "column 'colour' of visits.csv has 1 missing value(s)"),
    "empty": (lambda rows: rows.clear(), "table 'visits' has no rows"),
    "one-class": (lambda rows: rows.with_columns(spent=pl.lit(1.0)), "a model needs both classes"),
    "date": (
        first_value("at", "soon"),
        "column 'at' of visits.csv has 1 value that no timestamp can be: 'soon'",
    ),
}


@pytest.mark.parametrize("case", [*BAD_TABLES, "unreadable"])
def test_bad_data_ends_the_run_with_the_jobs_own_words(case: str, fork: Fork) -> None:
    """Status 1, the message on the screen and in the record, and nothing published."""
    if case == "unreadable":
        table, message = b"\x00\xff no table", "visits.csv"
    else:
        spoil, message = BAD_TABLES[case]
        table = spoil(visits(200)).write_csv().encode()
    done = fork.train({"raw": fork.put_raw(case, table)})
    assert done.returncode == 1, done.stdout + done.stderr
    assert message in done.stdout
    record = fork.runs()[-1]
    assert record["status"] == "failed"
    assert message in json.loads(record["cause"])["ExitMessage"]
    prefix = f"toy/runs/training/{execution_name(done.stdout)}/"
    assert "Contents" not in fork.client("s3").list_objects_v2(Bucket=fork.bucket, Prefix=prefix)


def test_a_job_killed_half_way_fails_the_run(fork: Fork) -> None:
    """A container that dies without a word is a failed job with its exit code, and the run says so."""
    slow = {"hyperparameters": {"max_rounds": 10000, "early_stopping_rounds": 10000}}
    run = fork.start("run", "--input", json.dumps(slow))
    assert run.stdout
    name = execution_name(run.stdout.readline())
    wait_for(lambda: process_of(job_name("train", name)))
    os.kill(process_of(job_name("train", name)), signal.SIGKILL)
    output = run.stdout.read()
    run.stdout.close()
    assert run.wait() == 1, output
    assert "exit code 137" in output
    assert fork.runs()[-1]["status"] == "failed"


def process_of(job: str) -> int:
    """Return the process of a job's first instance, or 0."""
    for folder in Path("/proc").iterdir():
        try:
            environment = (folder / "environ").read_bytes()
        except (OSError, ValueError):
            continue
        if f"/jobs/{job}/".encode() in environment and b"SAGEMAKER_BASE_DIR=" in environment:
            return int(folder.name)
    return 0


def test_an_input_that_no_state_can_read_is_recorded_too(fork: Fork) -> None:
    """A run that fails by its own data, which no catcher sees, is recorded by the event of its end."""
    machine = "arn:aws:states:eu-central-1:000000000000:stateMachine:fork-toy-training"
    given = json.dumps({"gate": "no object"})
    started = fork.client("stepfunctions").start_execution(stateMachineArn=machine, input=given)
    wait_for(lambda: fork.runs()[-1]["execution"] == started["executionArn"])
    record = fork.runs()[-1]
    assert (record["status"], record["pipeline"]) == ("failed", "training")
    assert record["cause"]


def test_a_retried_step_has_a_new_job_name(fork: Fork) -> None:
    """A name that is taken is a throttle of its own kind: the state is tried again under the next name."""
    states, sagemaker = fork.client("stepfunctions"), fork.client("sagemaker")
    name = "retried"
    sagemaker.create_processing_job(**blocking_job(fork, job_name("prepare", name)))
    machine = "arn:aws:states:eu-central-1:000000000000:stateMachine:fork-toy-training"
    states.start_execution(stateMachineArn=machine, name=name, input="{}")
    done = fork.command("follow", name)
    assert done.returncode == 0, done.stdout + done.stderr
    second = sagemaker.describe_processing_job(ProcessingJobName=job_name("prepare", name, retry=1))
    assert second["ProcessingJobStatus"] == "Completed"


def blocking_job(fork: Fork, name: str) -> dict[str, object]:
    """Return a job that does nothing and has a name."""
    role = fork.client("cloudformation").describe_stacks(StackName="fork-toy-pipelines")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in role["Outputs"]}
    return {
        "ProcessingJobName": name,
        "RoleArn": outputs["JobRoleArn"],
        "AppSpecification": {
            "ImageUri": "000000000000.dkr.ecr.eu-central-1.amazonaws.com/fork:worktree",
            "ContainerEntrypoint": ["python", "-c", "pass"],
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
    }


def test_a_stopped_execution_stops_its_job(fork: Fork) -> None:
    """Stop ends the running training job too, and the command that watched says so."""
    slow = {"hyperparameters": {"max_rounds": 10000, "early_stopping_rounds": 10000}}
    run = fork.start("run", "--input", json.dumps(slow))
    assert run.stdout
    name = execution_name(run.stdout.readline())
    wait_for(lambda: process_of(job_name("train", name)))
    assert fork.command("stop", name).returncode == 0
    output = run.stdout.read()
    run.stdout.close()
    assert run.wait() == 1, output
    assert "ABORTED" in output
    sagemaker = fork.client("sagemaker")
    job = job_name("train", name)
    wait_for(lambda: sagemaker.describe_training_job(TrainingJobName=job)["TrainingJobStatus"] == "Stopped")
    wait_for(lambda: not process_of(job))
    # No state of it ran after the stop, so it is recorded for it.
    wait_for(lambda: fork.runs()[-1]["status"] == "aborted")
    record = fork.runs()[-1]
    assert (record["pipeline"], record["error"]) == ("training", "Stopped")
    assert record["execution"] == execution_arn(name)


def test_two_trainings_do_not_race(fork: Fork) -> None:
    """While one training runs another does nothing, and ends well; when it has ended the lock is free again."""
    slow = {"hyperparameters": {"max_rounds": 10000, "early_stopping_rounds": 10000}}
    run = fork.start("run", "--input", json.dumps(slow))
    assert run.stdout
    name = execution_name(run.stdout.readline())
    wait_for(lambda: process_of(job_name("train", name)))
    packages = fork.packages()
    second = fork.train()
    assert second.returncode == 3, second.stdout + second.stderr
    assert f"Another training of the model runs: {execution_arn(name)}" in second.stdout
    assert fork.runs("training")[-1]["status"] == "skipped"
    assert fork.packages() == packages
    assert fork.command("stop", name).returncode == 0
    run.stdout.close()
    run.wait()
    third = fork.train()
    assert third.returncode == 0, third.stdout + third.stderr


def test_the_state_survives_a_restart(fork: Fork) -> None:
    """After down and up the registry, the run table and the bucket are as they were."""
    packages, runs = fork.packages(), fork.runs()
    assert fork.command("local", "down").returncode == 0
    assert fork.command(*UP).returncode == 0
    assert fork.packages() == packages
    assert fork.runs() == runs
    again = fork.command("deploy")
    assert again.returncode == 0
    assert "no change" in again.stdout
