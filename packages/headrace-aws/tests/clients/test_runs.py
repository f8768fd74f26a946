"""A run of the training pipeline by the AWS command line: raw data in, jobs, logs, record, model, verdict."""

import json
import os
import re
from pathlib import Path

import pytest
from clients_shell import ACCOUNT, Shell, ended, machine_arn
from toy.example_data import example_tables

TRAINING = machine_arn("fork-toy-training")
RAW = "toy/raw/by-hand/"


@pytest.fixture(scope="module")
def execution(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The ARN of an execution that has trained a model on synced tables."""
    tables = tmp_path_factory.mktemp("tables")
    example_tables(tables)
    shell.aws("s3", "sync", str(tables), f"s3://{shell.fork.bucket}/{RAW}")
    given = json.dumps({"raw": f"s3://{shell.fork.bucket}/{RAW}"})
    started = shell.shown(
        *("stepfunctions", "start-execution", "--state-machine-arn", TRAINING, "--name", "by-hand"),
        *("--input", given),
    )
    arn = str(started["executionArn"])
    shell.eventually(ended, "stepfunctions", "describe-execution", "--execution-arn", arn)
    return arn


def test_raw_data_is_synced_and_every_version_is_kept(shell: Shell, tmp_path: Path) -> None:
    """A second `sync` uploads only what has changed, and the bucket keeps what it replaced."""
    example_tables(tmp_path)
    # S3 tells times in whole seconds: a file as young as its upload would seem to have changed since.
    os.utime(tmp_path / "visits.csv", (0, 0))
    place = f"s3://{shell.fork.bucket}/toy/raw/synced/"
    assert "upload: " in shell.aws("s3", "sync", str(tmp_path), place)
    assert shell.aws("s3", "sync", str(tmp_path), place) == ""
    table = tmp_path / "visits.csv"
    table.write_text(table.read_text().rpartition("\n")[0])
    assert shell.aws("s3", "sync", str(tmp_path), place).count("upload: ") == 1
    assert re.search(rf" {table.stat().st_size} visits.csv$", shell.aws("s3", "ls", place), re.MULTILINE)
    versions = shell.shown(
        *("s3api", "list-object-versions", "--bucket", shell.fork.bucket, "--prefix", "toy/raw/synced/")
    )["Versions"]
    assert [version["IsLatest"] for version in versions] == [True, False]
    assert versions[0]["Size"] < versions[1]["Size"]
    shell.aws("s3", "cp", f"{place}visits.csv", str(tmp_path / "back.csv"))
    assert (tmp_path / "back.csv").read_bytes() == table.read_bytes()


def test_an_execution_tells_what_happened(shell: Shell, execution: str, tmp_path: Path) -> None:
    """The history names the states, the jobs are those of the execution, and their artefacts can be fetched."""
    listed = shell.shown(
        *("stepfunctions", "list-executions", "--state-machine-arn", TRAINING, "--status-filter", "SUCCEEDED")
    )["executions"]
    assert [one["name"] for one in listed if one["executionArn"] == execution] == ["by-hand"]
    history = shell.shown("stepfunctions", "get-execution-history", "--execution-arn", execution)["events"]
    entered = [
        one["stateEnteredEventDetails"]["name"] for one in history if "stateEnteredEventDetails" in one
    ]
    assert entered.index("Prepare data") < entered.index("Train model") < entered.index("Register model")
    assert (history[0]["type"], history[-1]["type"]) == ("ExecutionStarted", "ExecutionSucceeded")
    assert history[2]["previousEventId"] == history[1]["id"]

    jobs = shell.shown("sagemaker", "list-training-jobs", "--name-contains", "fork-train-")
    job = jobs["TrainingJobSummaries"][0]["TrainingJobName"]
    described = shell.shown("sagemaker", "describe-training-job", "--training-job-name", job)
    assert described["TrainingJobStatus"] == "Completed"
    tags = shell.shown("sagemaker", "list-tags", "--resource-arn", described["TrainingJobArn"])["Tags"]
    assert {"Key": "execution", "Value": "by-hand"} in tags
    artefact = described["ModelArtifacts"]["S3ModelArtifacts"]
    shell.aws("s3", "cp", artefact, str(tmp_path / "model.tar.gz"))
    assert (tmp_path / "model.tar.gz").read_bytes()[:2] == b"\x1f\x8b"
    runs = shell.aws(
        "s3", "ls", "--recursive", f"s3://{shell.fork.bucket}/toy/runs/training/by-hand/", "--summarize"
    )
    assert "/evaluate/" in runs
    assert re.search(r"Total Objects: [1-9]", runs)

    group = ("--log-group-name", "/aws/sagemaker/TrainingJobs")
    streams = shell.shown("logs", "describe-log-streams", *group, "--log-stream-name-prefix", f"{job}/")
    (stream,) = [one["logStreamName"] for one in streams["logStreams"]]
    assert re.fullmatch(rf"{job}/algo-1-\d+", stream)
    events = shell.shown("logs", "get-log-events", *group, "--log-stream-name", stream, "--start-from-head")
    assert any("validation: " in one["message"] for one in events["events"])
    found = shell.shown("logs", "filter-log-events", *group, "--filter-pattern", "validation")["events"]
    assert stream in {one["logStreamName"] for one in found}


def test_a_run_is_recorded_and_its_model_is_judged_by_hand(shell: Shell, execution: str) -> None:
    """The run table leads to the model package, and a person's verdict on it is what the registry then shows."""
    values = json.dumps({":model": {"S": "toy"}, ":execution": {"S": "by-hand"}})
    record = shell.shown(
        *("dynamodb", "query", "--table-name", "fork-runs", "--key-condition-expression", "model = :model"),
        *("--filter-expression", "contains(execution, :execution)", "--expression-attribute-values", values),
    )["Items"][0]
    assert record["status"] == {"S": "registered"}
    package = record["model_package_arn"]["S"]
    group = ("sagemaker", "list-model-packages", "--model-package-group-name", "fork-toy")
    assert package in {
        one["ModelPackageArn"]
        for one in shell.shown(*group, "--model-approval-status", "Approved")["ModelPackageSummaryList"]
    }
    described = shell.shown("sagemaker", "describe-model-package", "--model-package-name", package)
    container = described["InferenceSpecification"]["Containers"][0]
    assert container["ModelDataUrl"].startswith(f"s3://{shell.fork.bucket}/toy/runs/training/by-hand/")
    assert described["ModelPackageGroupName"] == "fork-toy"

    shell.aws(
        *("sagemaker", "update-model-package", "--model-package-arn", package),
        *("--model-approval-status", "Rejected", "--approval-description", "too old"),
    )
    judged = shell.shown("sagemaker", "describe-model-package", "--model-package-name", package)
    assert (judged["ModelApprovalStatus"], judged["ApprovalDescription"]) == ("Rejected", "too old")
    assert judged["CustomerMetadataProperties"] == described["CustomerMetadataProperties"]
    assert shell.shown(*group, "--model-approval-status", "Approved")["ModelPackageSummaryList"] == []
    assert execution.endswith(":by-hand")
    assert package.startswith(f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}:model-package/fork-toy/")
