"""A local AWS of its own for a benchmark, and executions of no-op jobs on it."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from headrace_aws.local_aws import settings
from headrace_local.lifecycle import start, stop

TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": ["states.amazonaws.com", "sagemaker.amazonaws.com"]},
    },
}


@dataclass(frozen=True)
class Server:
    """A local AWS in a scratch folder, with a role for state machines and jobs, and an image."""

    scratch: Path
    endpoint: str
    pid: int
    session: boto3.Session
    role: str
    image: str

    def client(self, service: str) -> "boto3.client":
        return self.session.client(service, endpoint_url=self.endpoint)

    def machine(self, name: str, definition: dict[str, object]) -> str:
        """Create a state machine, and return its ARN."""
        made = self.client("stepfunctions").create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=self.role
        )
        return str(made["stateMachineArn"])


@contextmanager
def served() -> Iterator[Server]:
    """Start a server for the length of a block."""
    project = load_project()
    environment = project.environment(LOCAL)
    image = f"{environment.account}.dkr.ecr.{environment.region}.amazonaws.com/{project.name}:1"
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        server = start(home, settings=settings(project, project_root()))
        try:
            session = boto3.Session("local", "local", region_name=environment.region)
            iam = session.client("iam", endpoint_url=server.endpoint)
            role = iam.create_role(RoleName="benchmark", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
            yield Server(Path(scratch), server.endpoint, server.pid, session, role["Arn"], image)
        finally:
            stop(home)


def seconds(states: "boto3.client", machine: str, given: object = None) -> float:
    """Return how long an execution took, as it says itself."""
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))["executionArn"]
    while (found := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.05)
    if found["status"] != "SUCCEEDED":
        raise RuntimeError(found["cause"])
    return float((found["stopDate"] - found["startDate"]).total_seconds())
