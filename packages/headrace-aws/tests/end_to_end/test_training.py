"""The training pipeline of a fork, from command to registry, and every way in which it ends."""

import hashlib
import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import polars as pl
import pytest
from toy.example_data import visits

from headrace_aws.testing.forks import UP, Fork, execution_name, wait_for

MACHINE = "arn:aws:states:eu-central-1:000000000000:stateMachine:fork-toy-training"
SLOW = {"hyperparameters": {"max_rounds": 10000, "early_stopping_rounds": 10000}}


def execution_arn(name: str) -> str:
    """Return the ARN of an execution of the training pipeline."""
    return f"arn:aws:states:eu-central-1:000000000000:execution:fork-toy-training:{name}"


def job_name(step: str, execution: str, retry: int = 0) -> str:
    """Return the name of a job as the definition makes it."""
    digest = hashlib.md5(execution_arn(execution).encode(), usedforsecurity=False).hexdigest()
    return f"fork-{step}-{digest}-{retry}"


def test_a_good_model_is_registered_and_the_next_one_meets_it(fork: Fork, tmp_path: Path) -> None:
    """A run with `{}` ends in an approved package that leads back to data and report; the next must not be worse."""
    said = fork.succeed("run")
    name = execution_name(said)
    [package] = fork.packages()
    assert package["ModelApprovalStatus"] == "Approved"
    described = fork.client("sagemaker").describe_model_package(ModelPackageName=package["ModelPackageArn"])
    artefact = described["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    assert artefact.startswith(f"s3://{fork.bucket}/toy/runs/training/{name}/train/")
    [record] = fork.runs()
    assert record["status"] == "registered"
    assert record["model_package_arn"] == package["ModelPackageArn"]
    assert record["data_fingerprint"] == described["CustomerMetadataProperties"]["data_fingerprint"]
    assert json.loads(record["metrics"])["rows"] == 400
    assert "Evaluation of toy" in (fork.root / "runs" / name / "report.html").read_text()
    for text in (
        "Prepare data",
        "Train model",
        "Evaluate ",
        "registered after",
        "roc_auc",
        "report runs/",
    ):
        assert text in said

    # What a person gives in a file is what the next model is fitted with, and the rest stays.
    file = tmp_path / "hyperparameters.json"
    file.write_text('{"max_depth": 2, "refit": false}')
    said = fork.succeed("run", "--hyperparameters", str(file))
    assert "Evaluate against champion" in said
    assert "log_loss not worse than the champion's by more than 0.01" in said
    used = json.loads(fork.runs()[-1]["hyperparameters"])
    assert (used["max_depth"], used["refit"], used["max_rounds"]) == (2, False, 40)


def test_a_champion_that_is_gone_does_not_stop_the_next_training(trained: Fork) -> None:
    """Its object is deleted: the next model is judged by the other rules, registered, and waits for a person."""
    [champion] = trained.packages()
    described = trained.client("sagemaker").describe_model_package(
        ModelPackageName=champion["ModelPackageArn"]
    )
    uri = described["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    trained.client("s3").delete_object(Bucket=bucket, Key=key)
    said = trained.succeed("run")
    assert "registered after" in said
    note = f"the approved model {champion['ModelPackageArn']} cannot be loaded: "
    assert f"so a person decides: {note}" in said
    assert uri in said.partition(note)[2]
    statuses = {package["ModelApprovalStatus"] for package in trained.packages()}
    assert statuses == {"Approved", "PendingManualApproval"}


def test_a_refusal_is_a_clean_end_with_its_own_status(fork: Fork) -> None:
    """A gate that the model cannot pass: status 3, a record, the figure in words, and no new package."""
    done = fork.train({"gate": {"floor": {"roc_auc": 0.99}}})
    assert done.returncode == 3, done.stdout + done.stderr
    assert re.search(r"The model is refused: roc_auc at least 0.99, found 0\.\d{4}", done.stdout)
    assert fork.runs()[-1]["status"] == "refused"
    assert not fork.packages()
    ended = fork.client("stepfunctions").describe_execution(
        executionArn=execution_arn(execution_name(done.stdout))
    )
    assert ended["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("pipeline", "given"),
    [
        ("training", {"hyperparameters": {"depth": 3}}),
        ("cross-validation", {"search": {"grid": {"depth": [1, 2]}}}),
    ],
)
def test_an_unknown_hyperparameter_starts_nothing(
    pipeline: str, given: dict[str, object], fork: Fork
) -> None:
    """Status 2, the name of the fault, and no execution."""
    done = fork.run(pipeline, given)
    assert done.returncode == 2
    assert "depth: unknown key" in done.stderr
    machine = MACHINE.replace("training", pipeline)
    assert not fork.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]


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


def test_bad_data_ends_the_run_with_the_jobs_own_words(fork: Fork) -> None:
    """Status 1, the message on the screen and in the record, and nothing published."""
    tables = {
        case: (spoil(visits(200)).write_csv().encode(), message)
        for case, (spoil, message) in BAD_TABLES.items()
    }
    for case, (table, message) in {**tables, "unreadable": (b"\x00\xff no table", "visits.csv")}.items():
        done = fork.train({"raw": fork.put_raw(case, table)})
        assert done.returncode == 1, case + done.stdout + done.stderr
        assert message in done.stdout
        record = fork.runs()[-1]
        assert record["status"] == "failed"
        assert message in json.loads(record["cause"])["ExitMessage"]
        prefix = f"toy/runs/training/{execution_name(done.stdout)}/"
        assert "Contents" not in fork.client("s3").list_objects_v2(Bucket=fork.bucket, Prefix=prefix)


def test_an_input_that_no_state_can_read_is_recorded_too(fork: Fork) -> None:
    """A run that fails by its own data, which no catcher sees, is recorded by the event of its end."""
    given = json.dumps({"gate": "no object"})
    started = fork.client("stepfunctions").start_execution(stateMachineArn=MACHINE, input=given)
    wait_for(fork.runs)
    [record] = fork.runs()
    assert record["execution"] == started["executionArn"]
    assert (record["status"], record["pipeline"]) == ("failed", "training")
    assert record["cause"]


@contextmanager
def slow_training(fork: Fork) -> Iterator[tuple[str, Popen[str]]]:
    """The execution of a training that takes minutes, whose job runs by now, and the command that follows it."""
    with fork.start("run", "--input", json.dumps(SLOW)) as run:
        assert run.stdout
        name = execution_name(run.stdout.readline())
        wait_for(lambda: process_of(job_name("train", name)))
        yield name, run


def test_a_job_killed_half_way_fails_the_run(fork: Fork) -> None:
    """A container that dies without a word is a failed job with its exit code, and the run says so."""
    with slow_training(fork) as (name, run):
        os.kill(process_of(job_name("train", name)), signal.SIGKILL)
        output, _ = run.communicate()
    assert run.returncode == 1, output
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


def test_a_retried_step_has_a_new_job_name(fork: Fork) -> None:
    """A name that is taken is a throttle of its own kind: the state is tried again under the next name."""
    states, sagemaker = fork.client("stepfunctions"), fork.client("sagemaker")
    name = "retried"
    sagemaker.create_processing_job(**blocking_job(fork, job_name("prepare", name)))
    states.start_execution(stateMachineArn=MACHINE, name=name, input="{}")
    fork.succeed("follow", name)
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


def test_two_trainings_do_not_race_and_one_that_is_stopped_stops_its_job(fork: Fork) -> None:
    """While one training runs another does nothing; a stop ends execution and job, and frees the lock."""
    with slow_training(fork) as (name, run):
        second = fork.train()
        assert second.returncode == 3, second.stdout + second.stderr
        assert f"Another training of the model runs: {execution_arn(name)}" in second.stdout
        assert fork.runs("training")[-1]["status"] == "skipped"
        fork.succeed("stop", name)
        output, _ = run.communicate()
    assert run.returncode == 1, output
    assert "ABORTED" in output
    sagemaker, job = fork.client("sagemaker"), job_name("train", name)
    wait_for(lambda: sagemaker.describe_training_job(TrainingJobName=job)["TrainingJobStatus"] == "Stopped")
    wait_for(lambda: not process_of(job))
    # No state of it ran after the stop, so it is recorded for it.
    wait_for(lambda: any(record["status"] == "aborted" for record in fork.runs()))
    [record] = [each for each in fork.runs() if each["status"] == "aborted"]
    assert (record["pipeline"], record["error"]) == ("training", "Stopped")
    assert record["execution"] == execution_arn(name)
    assert not fork.packages()
    fork.succeed("run")


def test_the_state_survives_a_restart(trained: Fork) -> None:
    """After down and up the registry, the run table and the bucket are as they were."""
    packages, runs = trained.packages(), trained.runs()
    trained.succeed("local", "down")
    trained.succeed(*UP)
    assert trained.packages() == packages
    assert trained.runs() == runs
    assert "no change" in trained.succeed("deploy")
