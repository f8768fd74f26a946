"""Callbacks: a state that waits until somebody gives its task token back."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}]


@pytest.fixture
def queue(local_aws: Any) -> str:
    return str(local_aws.client("sqs").create_queue(QueueName=f"callbacks-{uuid4()}")["QueueUrl"])


@pytest.fixture
def wait(machines: Any, local_aws: Any, queue: str) -> Callable[..., tuple[str, str]]:
    """A function that starts a state which waits, and gives the execution and the token."""

    def started(resource: str = "sqs:sendMessage", **more: Any) -> tuple[str, str]:
        state = {
            "Type": "Task",
            "Resource": f"arn:aws:states:::{resource}.waitForTaskToken",
            "Parameters": {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token", "n.$": "$.n"}},
            "End": True,
        } | more
        if resource.startswith("aws-sdk"):
            state["Parameters"]["MessageBody.$"] = "States.JsonToString($$.Task)"
            del state["Parameters"]["MessageBody"]
        execution = machines.start(
            {"Ask": state, **({"Caught": {"Type": "Succeed"}} if more else {})}, {"n": 1}
        )
        deadline = time.monotonic() + 10
        while not (found := local_aws.client("sqs").receive_message(QueueUrl=queue).get("Messages")):
            assert time.monotonic() < deadline, machines.history(execution)
            time.sleep(0.02)
        local_aws.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=found[0]["ReceiptHandle"])
        body = json.loads(found[0]["Body"])
        return execution, body.get("token") or body["Token"]

    return started


@pytest.mark.parametrize("resource", ["sqs:sendMessage", "aws-sdk:sqs:sendMessage"])
def test_success_is_the_result(machines: Any, wait: Any, resource: str) -> None:
    """SendTaskSuccess gives the state its result; the token counts once."""
    execution, token = wait(resource)
    machines.api.send_task_heartbeat(taskToken=token)
    machines.api.send_task_success(taskToken=token, output='{"a": [1]}')
    assert json.loads(machines.ended(execution)["output"]) == {"a": [1]}
    with pytest.raises((machines.api.exceptions.InvalidToken, machines.api.exceptions.TaskTimedOut)):
        machines.api.send_task_success(taskToken=token, output="{}")


@pytest.mark.parametrize("error", ["Own.Error", "States.TaskFailed"])
def test_failure_is_the_error(machines: Any, wait: Any, error: str) -> None:
    """SendTaskFailure fails the state with its error and cause, and a Catch sees them."""
    execution, token = wait(Catch=CATCH)
    machines.api.send_task_failure(taskToken=token, error=error, cause="why")
    ended = machines.ended(execution)
    assert json.loads(ended["output"])["error"] == {"Error": error, "Cause": "why"}


def test_output_has_to_be_json(machines: Any, wait: Any) -> None:
    """SendTaskSuccess refuses an output that is no JSON, and the state goes on waiting."""
    execution, token = wait()
    with pytest.raises(machines.api.exceptions.InvalidOutput):
        machines.api.send_task_success(taskToken=token, output="no json")
    assert machines.api.describe_execution(executionArn=execution)["status"] == "RUNNING"
    machines.api.send_task_success(taskToken=token, output="1")
    assert machines.ended(execution)["output"] == "1"


def test_a_token_that_is_none_is_refused(machines: Any) -> None:
    """A token that no state waits for is InvalidToken."""
    for send in (
        lambda: machines.api.send_task_success(taskToken="none", output="{}"),
        lambda: machines.api.send_task_failure(taskToken="none"),
        lambda: machines.api.send_task_heartbeat(taskToken="none"),
    ):
        with pytest.raises(machines.api.exceptions.InvalidToken):
            send()


@pytest.mark.parametrize("name", ["States.Timeout", "States.HeartbeatTimeout"])
def test_no_heartbeat_fails_the_state(machines: Any, wait: Any, name: str) -> None:
    """HeartbeatSeconds without a heartbeat is States.Timeout, which goes by States.HeartbeatTimeout as well."""
    catch = [{"ErrorEquals": [name], "ResultPath": "$.error", "Next": "Caught"}]
    execution, token = wait(HeartbeatSeconds=1, TimeoutSeconds=30, Catch=catch)
    error = json.loads(machines.ended(execution)["output"])["error"]
    assert error["Error"] == "States.Timeout"
    with pytest.raises((machines.api.exceptions.TaskTimedOut, machines.api.exceptions.InvalidToken)):
        machines.api.send_task_heartbeat(taskToken=token)


def test_heartbeats_keep_the_state_waiting(machines: Any, wait: Any) -> None:
    """A state that is told of every half second lives longer than its HeartbeatSeconds."""
    execution, token = wait(HeartbeatSeconds=1, TimeoutSeconds=30, Catch=CATCH)
    for _ in range(3):
        time.sleep(0.5)
        machines.api.send_task_heartbeat(taskToken=token)
    machines.api.send_task_success(taskToken=token, output='"alive"')
    assert machines.ended(execution)["output"] == '"alive"'


def test_a_wait_that_takes_too_long_times_out(machines: Any, wait: Any) -> None:
    """TimeoutSeconds of the state is States.Timeout."""
    execution, _ = wait(TimeoutSeconds=1, Catch=CATCH)
    assert json.loads(machines.ended(execution)["output"])["error"]["Error"] == "States.Timeout"


def test_a_stopped_execution_waits_for_nobody(machines: Any, wait: Any) -> None:
    """StopExecution ends the wait, and the token is none any more."""
    execution, token = wait()
    machines.api.stop_execution(executionArn=execution)
    assert machines.ended(execution)["status"] == "ABORTED"
    with pytest.raises((machines.api.exceptions.InvalidToken, machines.api.exceptions.TaskTimedOut)):
        machines.api.send_task_success(taskToken=token, output="{}")
