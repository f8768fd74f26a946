"""What a restart of the server keeps of executions: enough to look at them, and to redrive them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from local_jobs import trust
from waiting import wait_for

from headrace_local.lifecycle import Server, start, stop

FAR = {
    "Type": "Map",
    "ItemsPath": "$.items",
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Do",
        "States": {"Do": {"Type": "Pass", "End": True}},
    },
    "ResultPath": "$.far",
    "Next": "Each",
}
GET = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
    "Parameters": {"Bucket": "restart", "Key.$": "$"},
    "ResultSelector": {"body.$": "$.Body"},
    "End": True,
}
EACH = {
    "Type": "Map",
    "ItemsPath": "$.items",
    "MaxConcurrency": 1,
    "ItemProcessor": {"StartAt": "Get", "States": {"Get": GET}},
    "End": True,
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    stop(tmp_path)


def client(server: Server, service: str) -> Any:
    session: Any = boto3.Session("local", "local", region_name="us-east-1")
    return session.client(service, endpoint_url=server.endpoint)


def test_a_failed_execution_is_redriven_after_a_restart(home: Path) -> None:
    """Its history, its Map runs and where it was are saved: only the failed iteration runs again."""
    server = start(home)
    role = client(server, "iam").create_role(RoleName="restart", AssumeRolePolicyDocument=trust("states"))
    client(server, "s3").create_bucket(Bucket="restart")
    client(server, "s3").put_object(Bucket="restart", Key="a", Body=b"first")
    states = client(server, "stepfunctions")
    machine = states.create_state_machine(
        name="restart",
        definition=json.dumps({"StartAt": "Far", "States": {"Far": FAR, "Each": EACH}}),
        roleArn=role["Role"]["Arn"],
    )["stateMachineArn"]
    given = json.dumps({"items": ["a", "b"]})
    execution = states.start_execution(stateMachineArn=machine, input=given)["executionArn"]
    assert ended(states, execution)["error"] == "S3.NoSuchKeyException"
    stop(home)
    server = start(home)
    states = client(server, "stepfunctions")
    (run,) = states.list_map_runs(executionArn=execution)["mapRuns"]
    assert states.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]["succeeded"] == 2
    before = len(states.get_execution_history(executionArn=execution)["events"])
    client(server, "s3").put_object(Bucket="restart", Key="b", Body=b"second")
    states.redrive_execution(executionArn=execution)
    output = json.loads(ended(states, execution)["output"])
    assert output == [{"body": "first"}, {"body": "second"}]
    after = states.get_execution_history(executionArn=execution)["events"][before:]
    assert [event["type"] for event in after].count("TaskStateEntered") == 1


def ended(states: Any, execution: str) -> dict[str, Any]:
    found: dict[str, Any] = wait_for(
        lambda: states.describe_execution(executionArn=execution), lambda it: it["status"] != "RUNNING"
    )
    return found
