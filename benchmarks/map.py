"""What a Map of no-op jobs takes, and what executions leave in memory.

    python benchmarks/map.py

A Map of 20 jobs, four at a time, on a local AWS of its own; then 300 executions of one job each, and the server's
resident memory after every hundred.
"""

import json
import tempfile
import time
from pathlib import Path
from statistics import median

import boto3

from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_local.lifecycle import start, stop

ITEMS = 20
CONCURRENCY = 4
RUNS = 5
EXECUTIONS = 300
ROUND = 100


def job(role: str, image: str, name: str) -> dict[str, object]:
    """Return a state that runs a no-op job; `name` is the function that names it."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "Parameters": {
            "ProcessingJobName.$": name,
            "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": ["python", "-S", "-c", "pass"]},
            "RoleArn": role,
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
            },
        },
        "ResultPath": None,
        "End": True,
    }


def mapped(state: dict[str, object]) -> dict[str, object]:
    """Return a state machine that runs a state for each item."""
    processor = {"StartAt": "Run", "States": {"Run": state}}
    each = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": {"number.$": "$$.Map.Item.Value"},
        "MaxConcurrency": CONCURRENCY,
        "ItemProcessor": processor,
        "End": True,
    }
    return {"StartAt": "Each", "States": {"Each": each}}


def seconds(states: "boto3.client", machine: str, given: object) -> float:
    """Return how long an execution took, as it says itself."""
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
    while (found := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.05)
    if found["status"] != "SUCCEEDED":
        raise RuntimeError(found["cause"])
    return float((found["stopDate"] - found["startDate"]).total_seconds())


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) / 1024


def main() -> None:
    """Measure on one server, and print."""
    environment = load_project().environment(LOCAL)
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": ["states.amazonaws.com", "sagemaker.amazonaws.com"]},
        },
    }
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        server = start(home)
        session = boto3.Session("local", "local", region_name=environment.region)
        iam, states = (
            session.client(name, endpoint_url=server.endpoint) for name in ("iam", "stepfunctions")
        )
        try:
            role = iam.create_role(RoleName="map", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
            image = (
                f"{environment.account}.dkr.ecr.{environment.region}.amazonaws.com/{load_project().name}:1"
            )
            hashed = "States.Hash($$.Execution.Id, 'MD5')"
            definitions = {
                "map": mapped(job(role, image, f"States.Format('map-{{}}-{{}}', {hashed}, $.number)")),
                "one": {
                    "StartAt": "Run",
                    "States": {"Run": job(role, image, f"States.Format('one-{{}}', {hashed})")},
                },
            }
            machines = {
                name: states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)[
                    "stateMachineArn"
                ]
                for name, definition in definitions.items()
            }
            items = {"items": list(range(ITEMS))}
            seconds(states, machines["map"], items)  # the first one loads API models
            runs = [seconds(states, machines["map"], items) for _ in range(RUNS)]
            print(
                f"{ITEMS} jobs, {CONCURRENCY} at a time: {median(runs):.2f} s (best {min(runs):.2f}, worst {max(runs):.2f})"
            )
            for number in range(EXECUTIONS + 1):
                if number % ROUND == 0:
                    print(f"after {number} executions: {resident_megabytes(server.pid):.0f} MB")
                seconds(states, machines["one"], {})
        finally:
            stop(home)


if __name__ == "__main__":
    main()
