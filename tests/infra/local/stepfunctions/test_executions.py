"""Executions: start, end, stop, and what the API says of them."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

END = {"Type": "Pass", "End": True}


def test_an_execution_without_a_name_gets_one(machines: Any) -> None:
    """Two executions can be started without a name; stock moto names both None."""
    arn = machines.make({"Do": END})
    first, second = (machines.api.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(2))
    assert first != second
    assert not first.endswith(":None")


def test_an_invalid_name_is_refused(machines: Any) -> None:
    """A name with a space is InvalidName, as on AWS."""
    arn = machines.make({"Do": END})
    with pytest.raises(machines.api.exceptions.InvalidName):
        machines.api.start_execution(stateMachineArn=arn, name="not valid")


def test_input_and_output_are_json_text(machines: Any) -> None:
    """DescribeExecution gives input and output as JSON, also when the output is a mere text."""
    ended = machines.run({"Do": {"Type": "Pass", "Result": "text", "End": True}}, {"a": 1})
    assert (json.loads(ended["input"]), json.loads(ended["output"])) == ({"a": 1}, "text")


def test_the_context_object_tells_of_the_execution(machines: Any) -> None:
    """$$.Execution and $$.State hold names, ARNs and times as text: 2026-11-22T11:23:09.456Z."""
    parameters = {
        "id.$": "$$.Execution.Id",
        "name.$": "$$.Execution.Name",
        "start.$": "$$.Execution.StartTime",
        "entered.$": "$$.State.EnteredTime",
        "input.$": "$$.Execution.Input.a",
    }
    execution = machines.start({"Do": {"Type": "Pass", "Parameters": parameters, "End": True}}, {"a": 1})
    ended = machines.ended(execution)
    output = json.loads(ended["output"])
    assert output["id"] == execution
    assert output["name"] == ended["name"]
    assert output["input"] == 1
    start = ended["startDate"].strftime("%Y-%m-%dT%H:%M:%S")
    assert output["start"].startswith(start)
    assert all(len(output[key]) == len("2026-11-22T11:23:09.456Z") for key in ("start", "entered"))
    assert output["entered"].endswith("Z")


def test_stop_keeps_error_and_cause(machines: Any) -> None:
    """A stopped execution is ABORTED at once, with the error and cause given, and no Catch runs."""
    states = {
        "Wait": {"Type": "Wait", "Seconds": 60, "Next": "Never"},
        "Never": END,
    }
    execution = machines.start(states)
    machines.api.stop_execution(executionArn=execution, error="Mine", cause="enough")
    described = machines.api.describe_execution(executionArn=execution)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "Mine", "enough")
    assert described["stopDate"] >= described["startDate"]
    listed = machines.api.list_executions(stateMachineArn=described["stateMachineArn"])["executions"]
    assert listed[0]["stopDate"] == described["stopDate"]


def test_stop_ends_the_wait_for_a_retry(machines: Any) -> None:
    """An execution that waits a minute for its next attempt can be stopped, and writes its last event."""
    execution = machines.start(
        {
            "Do": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
                "Parameters": {"Bucket": "no-such-bucket", "Key": "key"},
                "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 60}],
                "End": True,
            }
        }
    )
    _wait_for_event(machines, execution, "TaskFailed")
    machines.api.stop_execution(executionArn=execution)
    _wait_for_event(machines, execution, "ExecutionAborted")
    assert machines.api.describe_execution(executionArn=execution)["status"] == "ABORTED"


def test_an_execution_that_takes_too_long_times_out(machines: Any) -> None:
    """TimeoutSeconds of a machine ends its execution with States.Timeout and a stop date."""
    ended = machines.run({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}, TimeoutSeconds=1)
    assert (ended["status"], ended["error"]) == ("TIMED_OUT", "States.Timeout")
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() < 10


def test_the_history_is_paged_and_can_be_reversed(machines: Any) -> None:
    """GetExecutionHistory heeds maxResults, nextToken and reverseOrder."""
    execution = machines.start({"Do": END})
    machines.ended(execution)
    kinds = [event["type"] for event in machines.history(execution)]
    assert kinds == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    assert machines.history(execution, reverseOrder=True)[0]["type"] == "ExecutionSucceeded"
    page = machines.api.get_execution_history(executionArn=execution, maxResults=3)
    rest = machines.api.get_execution_history(
        executionArn=execution, maxResults=3, nextToken=page["nextToken"]
    )
    assert [event["type"] for event in page["events"] + rest["events"]] == kinds
    assert "nextToken" not in rest


def test_what_is_not_there_is_named(machines: Any) -> None:
    """Describing an unknown execution is ExecutionDoesNotExist."""
    with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
        machines.api.describe_execution(executionArn="arn:aws:states:us-east-1:000000000000:execution:no:no")


def _wait_for_event(machines: Any, execution: str, kind: str) -> None:
    deadline = time.monotonic() + 10
    while kind not in [event["type"] for event in machines.history(execution)]:
        assert time.monotonic() < deadline, machines.history(execution)
        time.sleep(0.02)
