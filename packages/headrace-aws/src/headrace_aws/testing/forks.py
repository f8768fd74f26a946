"""A fork of the template in a folder: another model and another project.toml, and its own local AWS.

Its commands run as those that make calls, in processes of their own.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

import headrace.testing
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from headrace_local.lifecycle import running

HEADRACE = Path(sys.executable).with_name("headrace")
TOY = Path(headrace.testing.__file__).parent / "toy"

PROJECT = """
name = "fork"
repository = "your-org/fork"

[models.toy]
package = "toy"
gate = {{ floor = {{ roc_auc = 0.55 }}, champion_tolerance = {{ log_loss = 0.01 }} }}
inference = {{ quality = {{ tolerance = {{ log_loss = 0.1 }}, minimum_rows = 100 }} }}
retraining = {{ cool_down_hours = 0 }}

[models.toy.cross_validation]
tolerated_failures = 0.2
folds = {{ folds = 3 }}
search = {{ grid = {{ max_depth = [1, 3] }} }}

[models.toy.backtesting]
cutoffs = {{ initial_days = 20, step_days = 15, horizon_days = 15 }}

[models.toy.jobs.predict]
instance_count = 2

[environments.local]
account = "000000000000"
region = "eu-central-1"
approval = "{approval}"
automation = {automation}
subnets = ["subnet-00000000000000000"]
security_groups = ["sg-00000000000000000"]
schedules = {{ retraining = "rate(7 days)", inference = "rate(1 day)" }}
"""
UP = ("local", "up", "--iam", "enforce")  # roles may do what their policies say, as in an account
RAW = "toy/raw/visits.csv"


@dataclass(frozen=True)
class Fork:
    """A copy of the template in a folder of its own."""

    root: Path

    def command(self, verb: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the fork to its end."""
        return subprocess.run(
            [HEADRACE, verb, *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,  # a machine may be busy
        )

    def succeed(self, verb: str, *arguments: str) -> str:
        """Run a command that must succeed; return its output."""
        done = self.command(verb, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, verb: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command of the fork."""
        return subprocess.Popen(
            [HEADRACE, verb, *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(
        self, pipeline: str, given: dict[str, Any] | None = None, *options: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run a pipeline with an input."""
        return self.command("run", "--pipeline", pipeline, "--input", json.dumps(given or {}), *options)

    def train(self, given: dict[str, Any] | None = None) -> "subprocess.CompletedProcess[str]":
        """Run the training pipeline with an input."""
        return self.command("run", "--input", json.dumps(given or {}))

    @property
    def environment(self) -> dict[str, str]:
        """The fork's own code, and none of the caller's credentials."""
        # With bytecode, whatever the caller has: each command would compile the fork's code anew.
        dropped = ("AWS_", "PYTHON")
        return {name: value for name, value in os.environ.items() if not name.startswith(dropped)}

    @property
    def bucket(self) -> str:
        """Name of the data bucket."""
        return "fork-data-000000000000-eu-central-1"

    def client(self, service: str) -> Any:
        """Return a client of the fork's local AWS."""
        server = running(self.root / ".local")
        assert server, "the local AWS of the fork does not run"
        session: Any = boto3.Session("local", "local", region_name="eu-central-1")
        return session.client(service, endpoint_url=server.endpoint)

    def put_raw(self, name: str, table: bytes) -> str:
        """Put a raw table in a folder of its own; return the folder's URI."""
        self.client("s3").put_object(Bucket=self.bucket, Key=f"toy/raw/{name}/visits.csv", Body=table)
        return f"s3://{self.bucket}/toy/raw/{name}/"

    def runs(self, pipeline: str | None = None) -> list[dict[str, str]]:
        """Return the records of a pipeline's runs, or of all, the oldest first."""
        items = self.client("dynamodb").query(
            TableName="fork-runs",
            KeyConditionExpression="model = :model AND run > :first",
            ExpressionAttributeValues={":model": {"S": "toy"}, ":first": {"S": "0"}},
        )["Items"]
        found = [{name: value["S"] for name, value in item.items()} for item in items]
        return [run for run in found if pipeline in {None, run["pipeline"]}]

    def object(self, key: str, **version: str) -> bytes:
        """Return an object of the data bucket, in its newest version or in one."""
        answer = self.client("s3").get_object(Bucket=self.bucket, Key=key, **version)
        return bytes(answer["Body"].read())

    def packages(self) -> list[dict[str, Any]]:
        """Return the registered models, the oldest first."""
        found = self.client("sagemaker").list_model_packages(
            ModelPackageGroupName="fork-toy", SortBy="CreationTime", SortOrder="Ascending"
        )
        return list(found["ModelPackageSummaryList"])


def copy_template(root: Path) -> None:
    """Copy what a fork edits and the locks into a folder, with the model `toy` as its only one."""
    template = project_root()
    leave_out = shutil.ignore_patterns(
        "__pycache__", *(model.package for model in load_project().models.values())
    )
    for name in ("src", "pipelines", "infra", "requirements"):
        shutil.copytree(template / name, root / name, ignore=leave_out)
    shutil.copytree(TOY, root / "src" / "toy", ignore=leave_out)


@contextmanager
def deployed_fork(root: Path, *, approval: str = "auto", automation: bool = False) -> Iterator[Fork]:
    """Run a fork whose local AWS is up and whose stacks are deployed; it has no raw data yet."""
    copy_template(root)
    (root / "project.toml").write_text(PROJECT.format(approval=approval, automation=str(automation).lower()))
    with running_fork(Fork(root)) as fork:
        fork.succeed("deploy")
        yield fork


@contextmanager
def copied_fork(fork: Fork, root: Path) -> Iterator[Fork]:
    """A copy of a fork that is at rest, with a local AWS of its own that begins with the state of the fork's."""
    shutil.copytree(fork.root, root)
    with running_fork(Fork(root)) as copy:
        yield copy


@contextmanager
def running_fork(fork: Fork) -> Iterator[Fork]:
    """A fork whose local AWS is up, and at rest afterwards."""
    try:
        fork.succeed(*UP)
        yield fork
    finally:
        fork.command("local", "down")


def execution_name(output: str) -> str:
    """Return the name that the run command prints first."""
    found = re.search(r"^execution (\S+)", output, re.MULTILINE)
    assert found, output
    return found[1]


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Wait until a condition holds; fail with what it gave last when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (given := condition()):
        assert time.monotonic() < deadline, f"still {given!r} after {seconds:.0f} s"
        time.sleep(0.05)
