"""The SageMaker SDK: a model prepared, trained, registered and judged from a notebook, without the pipeline."""

import io
import json
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from clients_shell import Shell
from toy.example_data import example_tables

CONFIGURATION = """
SchemaVersion: "1.0"
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
      Session:
        DefaultS3Bucket: {bucket}
        DefaultS3ObjectKeyPrefix: toy/runs/notebook
"""


@dataclass(frozen=True)
class Notebook:
    """A shell in which the SDK is told where to leave its files, and what the stacks made."""

    shell: Shell
    role: str
    key: str

    def ran(self, script: str) -> str:
        """Return what a script prints that is given role, key and bucket."""
        return self.shell.script(script, self.role, self.key, self.shell.fork.bucket)

    def text(self, key: str) -> str:
        """Return an object of the data bucket."""
        return self.shell.fork.object(f"toy/runs/notebook/{key}").decode()


@pytest.fixture(scope="module")
def notebook(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    """A notebook, and raw tables for it."""
    folder = tmp_path_factory.mktemp("notebook")
    configuration = folder / "config.yaml"
    configuration.write_text(CONFIGURATION.format(bucket=shell.fork.bucket))
    example_tables(folder)
    shell.fork.put_raw("notebook", (folder / "visits.csv").read_bytes())
    exported = {
        one["Name"]: one["Value"]
        for page in shell.fork.client("cloudformation").get_paginator("list_exports").paginate()
        for one in page["Exports"]
    }
    also = {"SAGEMAKER_USER_CONFIG_OVERRIDE": str(configuration), "SAGEMAKER_VALIDATE_ROLE": "false"}
    return Notebook(
        replace(shell, also=also), exported["fork-toy-pipelines-JobRoleArn"], exported["fork-data-KeyArn"]
    )


@pytest.fixture(scope="module")
def prepared(notebook: Notebook) -> str:
    """What the SDK printed while it prepared the data."""
    return notebook.ran("process.py")


@pytest.fixture(scope="module")
def trained(notebook: Notebook, prepared: str) -> str:
    """What the SDK printed while it trained a model on the prepared data."""
    assert prepared
    return notebook.ran("train.py")


def result(printed: str) -> Any:
    """Return what a script tells of its result."""
    line = next(line for line in printed.splitlines() if line.startswith("result: "))
    return json.loads(line.removeprefix("result: "))


def test_a_processor_runs_waits_and_shows_the_log(notebook: Notebook, prepared: str) -> None:
    """The job's own lines are in the notebook, its outputs in S3, and a person's script finds /opt/ml."""
    assert "train: 1,300 rows, 2026-01-01T00:00:00Z" in prepared
    assert "prepared: Completed" in prepared
    assert "files found: " in prepared
    keys = notebook.shell.aws(
        "s3", "ls", "--recursive", f"s3://{notebook.shell.fork.bucket}/toy/runs/notebook/train/"
    )
    assert int(notebook.text("count/files.txt")) == len(keys.splitlines())


def test_a_trainer_runs_waits_and_shows_the_log(notebook: Notebook, trained: str) -> None:
    """The SDK's own drivers run the project's job; the model that it gives is one of this project."""
    shown = result(trained)
    assert (shown["status"], shown["secondary"][-1]) == ("Completed", "Completed")
    assert "validation: " in trained
    assert "Training Container Execution Completed" in trained
    assert "Final Resource Status: [bold]Completed" in trained
    key = shown["artefact"].removeprefix(f"s3://{notebook.shell.fork.bucket}/")
    with tarfile.open(fileobj=io.BytesIO(notebook.shell.fork.object(key))) as archive:
        assert any(name.endswith("model.json") for name in archive.getnames())


def test_a_model_package_is_registered_and_judged(notebook: Notebook, trained: str) -> None:
    """The SDK makes a version in the group of the stack, approves it, and finds it among the approved."""
    model = result(trained)
    shown = result(notebook.shell.script("register.py", "fork-toy", model["artefact"]))
    assert shown["arn"] in shown["approved"]
    assert shown["arn"].endswith(f"model-package/fork-toy/{shown['version']}")
    assert (shown["status"], shown["approval"], shown["group"]) == ("Completed", "Approved", "Completed")
    assert (shown["artefact"], shown["metadata"]) == (model["artefact"], {"by": "a person"})
    assert model["name"] in shown["trainings"]


def test_the_sdk_refuses_a_role_for_less_than_it_asks_for(notebook: Notebook) -> None:
    """The SDK simulates the job role without resources, and takes what is limited to some for missing."""
    careful = replace(notebook.shell, also={**notebook.shell.also, "SAGEMAKER_VALIDATE_ROLE": "true"})
    done = careful.ran(
        "python", str(Path(__file__).parent / "scripts" / "train.py"), notebook.role, notebook.key, "-"
    )
    assert done.returncode != 0
    assert "Missing permissions: cloudwatch:PutMetricData, ec2:CreateNetworkInterface" in done.stderr
    assert "ecr:GetAuthorizationToken" not in done.stderr
