"""A fork of the template: another model and another project.toml, and its own local AWS.

Everything runs as a person runs it, by the commands that make calls, in processes of their own.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local.lifecycle import running
from pipelines.project import ROOT

PROJECT = """
name = "fork"
repository = "your-org/fork"

[models.toy]
package = "toy"
gate = { floor = { roc_auc = 0.55 }, champion_tolerance = { log_loss = 0.01 } }

[environments.local]
account = "000000000000"
region = "eu-central-1"
approval = "auto"
subnets = ["subnet-00000000000000000"]
security_groups = ["sg-00000000000000000"]
"""


@dataclass(frozen=True)
class Fork:
    """A copy of the template in a folder of its own."""

    root: Path

    def command(self, module: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a module of the fork to its end."""
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def start(self, module: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start a module of the fork."""
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def train(self, given: dict[str, Any] | None = None) -> "subprocess.CompletedProcess[str]":
        """Run the training pipeline with an input."""
        return self.command("infra.run", "--input", json.dumps(given or {}))

    @property
    def environment(self) -> dict[str, str]:
        """The fork's own code, and none of the caller's credentials."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | {"PYTHONPATH": f"{self.root / 'src'}{os.pathsep}{self.root}"}

    @property
    def bucket(self) -> str:
        """Name of the data bucket."""
        return "fork-data-000000000000-eu-central-1"

    def client(self, service: str) -> Any:
        """Return a client of the fork's local AWS."""
        server = running(self.root / ".local")
        assert server, "the local AWS of the fork does not run"
        session = boto3.Session("local", "local", region_name="eu-central-1")
        return session.client(service, endpoint_url=server.endpoint)

    def put_raw(self, name: str, table: bytes) -> str:
        """Put a raw table in a folder of its own; return the folder's URI."""
        self.client("s3").put_object(Bucket=self.bucket, Key=f"toy/raw/{name}/visits.csv", Body=table)
        return f"s3://{self.bucket}/toy/raw/{name}/"

    def runs(self) -> list[dict[str, str]]:
        """Return the run table's items, the oldest first."""
        items = self.client("dynamodb").query(
            TableName="fork-runs",
            KeyConditionExpression="model = :model",
            ExpressionAttributeValues={":model": {"S": "toy"}},
        )["Items"]
        return [{name: value["S"] for name, value in item.items()} for item in items]

    def packages(self) -> list[dict[str, Any]]:
        """Return the registered models, the oldest first."""
        found = self.client("sagemaker").list_model_packages(
            ModelPackageGroupName="fork-toy", SortBy="CreationTime", SortOrder="Ascending"
        )
        return list(found["ModelPackageSummaryList"])


@pytest.fixture(scope="session")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fork]:
    """A fork with its local AWS up, its stacks deployed, its raw data put."""
    root = tmp_path_factory.mktemp("fork")
    leave_out = shutil.ignore_patterns("__pycache__", "flights", "definitions")
    for name in ("src", "pipelines", "infra"):
        shutil.copytree(ROOT / name, root / name, ignore=leave_out)
    (root / "pipelines" / "definitions").mkdir()
    shutil.copytree(ROOT / "tests" / "packages" / "toy", root / "src" / "toy")
    (root / "project.toml").write_text(PROJECT)
    made = Fork(root)
    try:
        for module, *arguments in (
            ("pipelines.render",),
            ("infra.local", "up"),
            ("infra.deploy",),
            ("infra.raw_data",),
        ):
            done = made.command(module, *arguments)
            assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        made.command("infra.local", "down")
