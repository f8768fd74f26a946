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


def test_the_history_can_leave_data_out(machines: Any) -> None:
    """GetExecutionHistory without execution data has the events, and neither inputs nor outputs."""
    execution = machines.start({"Do": END}, {"secret": "word"})
    machines.ended(execution)
    assert "word" in json.dumps(machines.history(execution), default=str)
    found = machines.history(execution, includeExecutionData=False)
    assert "word" not in json.dumps(found, default=str)
    assert found[1]["stateEnteredEventDetails"]["name"] == "Do"


def test_every_event_follows_one_before(machines: Any) -> None:
    """Numbers count from 1, and previousEventId is the event that led to this one, in branches too."""
    branches = [{"StartAt": name, "States": {name: {"Type": "Succeed"}}} for name in "AB"]
    execution = machines.start({"Both": {"Type": "Parallel", "Branches": branches, "Next": "Do"}, "Do": END})
    machines.ended(execution)
    events = machines.history(execution)
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert all(event["previousEventId"] < event["id"] for event in events)
    by_id = {event["id"]: event["type"] for event in events}
    before = {event["type"]: by_id.get(event["previousEventId"]) for event in events}
    assert before["ParallelStateStarted"] == "ParallelStateEntered"
    assert before["SucceedStateEntered"] == "ParallelStateStarted"
    assert before["PassStateEntered"] == "ParallelStateExited"


def test_executions_are_listed_by_status_and_page(machines: Any) -> None:
    """ListExecutions gives the newest first, those of a status alone, and as many as were asked for."""
    states = {
        "Pick": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.ok", "BooleanEquals": True, "Next": "Fine"}],
            "Default": "Bad",
        },
        "Fine": {"Type": "Succeed"},
        "Bad": {"Type": "Fail", "Error": "Own"},
    }
    machine = machines.make(states)
    names = {}
    for number, ok in enumerate((True, False, True)):
        name = f"list-{number}"
        started = machines.api.start_execution(
            stateMachineArn=machine, name=name, input=json.dumps({"ok": ok})
        )["executionArn"]
        names[name] = machines.ended(started)["status"]
    listed = machines.api.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"]
    assert [it["name"] for it in listed] == ["list-2", "list-0"]
    pages = machines.api.get_paginator("list_executions").paginate(
        stateMachineArn=machine, PaginationConfig={"PageSize": 2}
    )
    assert [[it["name"] for it in page["executions"]] for page in pages] == [["list-2", "list-1"], ["list-0"]]
    assert all(it["redriveCount"] == 0 for it in listed)


def test_an_execution_keeps_its_definition(machines: Any) -> None:
    """UpdateStateMachine changes the executions to come, not those that run."""
    wait = {
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Old"},
        "Old": {"Type": "Pass", "Result": "old", "End": True},
    }
    execution = machines.start(wait)
    machine = machines.api.describe_execution(executionArn=execution)["stateMachineArn"]
    new = {"StartAt": "New", "States": {"New": {"Type": "Pass", "Result": "new", "End": True}}}
    machines.api.update_state_machine(stateMachineArn=machine, definition=json.dumps(new))
    other = machines.api.start_execution(stateMachineArn=machine)["executionArn"]
    assert [json.loads(machines.ended(it)["output"]) for it in (execution, other)] == ["old", "new"]
    described = machines.api.describe_state_machine_for_execution(executionArn=execution)
    assert json.loads(described["definition"])["StartAt"] == "Wait"


def test_a_name_is_used_once(machines: Any) -> None:
    """The same name and input while it runs is the same execution; else it is ExecutionAlreadyExists."""
    machine = machines.make({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
    request = {"stateMachineArn": machine, "name": "once", "input": '{"a": 1}'}
    first = machines.api.start_execution(**request)["executionArn"]
    assert machines.api.start_execution(**request)["executionArn"] == first
    with pytest.raises(machines.api.exceptions.ExecutionAlreadyExists):
        machines.api.start_execution(**request | {"input": "{}"})
    machines.api.stop_execution(executionArn=first)
    with pytest.raises(machines.api.exceptions.ExecutionAlreadyExists):
        machines.api.start_execution(**request)


def test_input_has_to_be_json(machines: Any) -> None:
    """An input that is no JSON is InvalidExecutionInput."""
    machine = machines.make({"Do": END})
    with pytest.raises(machines.api.exceptions.InvalidExecutionInput):
        machines.api.start_execution(stateMachineArn=machine, input="{no json")
