"""RedriveExecution: what failed runs again, what succeeded does not."""

from typing import Any

import pytest

BUCKET = "redrive"


def get(key: str, **more: Any) -> dict[str, Any]:
    """Return a state that fails as long as an object is not there; `key` is a path or a text in quotes."""
    parameters = {"Bucket": BUCKET, "Key.$": f"States.Format('{{}}', {key})"}
    resource = "arn:aws:states:::aws-sdk:s3:getObject"
    selector = {"body.$": "$.Body"}
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "ResultSelector": selector}
    return state | ({} if "Next" in more else {"End": True}) | more


@pytest.fixture(scope="module")
def put(local_aws: Any) -> Any:
    """A function that makes an object."""
    local_aws.client("s3").create_bucket(Bucket=BUCKET)
    return lambda key: local_aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=key.encode())


def test_it_goes_on_from_the_failed_state(machines: Any, put: Any) -> None:
    """The former states do not run again, the input of the failed one is kept, and the history goes on."""
    first = {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "ResultPath": "$.first", "Next": "Get"}
    last = {
        "Type": "Pass",
        "Parameters": {"count.$": "$$.Execution.RedriveCount", "first.$": "$.first", "got.$": "$.got"},
        "End": True,
    }
    execution = machines.start(
        {"First": first, "Get": get("'plain'", ResultPath="$.got", Next="Last"), "Last": last}
    )
    failed = machines.ended(execution)
    assert (failed["status"], failed["redriveStatus"], failed["redriveCount"]) == ("FAILED", "REDRIVABLE", 0)
    put("plain")
    assert machines.api.redrive_execution(executionArn=execution)["redriveDate"] >= failed["stopDate"]
    ended = machines.ended(execution)
    assert (ended["status"], ended["redriveCount"], ended["redriveStatus"]) == (
        "SUCCEEDED",
        1,
        "NOT_REDRIVABLE",
    )
    assert "error" not in ended
    events = machines.history(execution)
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    kinds = [event["type"] for event in events]
    begun = kinds.index("ExecutionRedriven")
    assert events[begun]["executionRedrivenEventDetails"] == {"redriveCount": 1}
    assert kinds[begun - 1] == "ExecutionFailed"
    entered = [
        event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event
    ]
    assert entered == ["First", "Get", "Get", "Last"]
    assert '"count":1' in ended["output"]


def test_only_the_failed_iterations_run_again(machines: Any, put: Any) -> None:
    """Iterations that had succeeded give what they gave; the others go on in the state where they were."""
    put("map-0")
    states = {
        "Mark": {
            "Type": "Pass",
            "Parameters": {"id.$": "States.UUID()"},
            "ResultPath": "$.mark",
            "Next": "Get",
        },
        "Get": get("$.key", ResultPath="$.got"),
    }
    processor = {"StartAt": "Mark", "States": states}
    each = {
        "Type": "Map",
        "ItemProcessor": processor,
        "ItemsPath": "$.items",
        "MaxConcurrency": 1,
        "End": True,
    }
    execution = machines.start({"Each": each}, {"items": [{"key": f"map-{number}"} for number in range(3)]})
    assert machines.ended(execution)["error"] == "S3.NoSuchKeyException"
    put("map-1")
    put("map-2")
    machines.api.redrive_execution(executionArn=execution)
    ended = machines.ended(execution)
    assert ended["status"] == "SUCCEEDED", ended
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in machines.history(execution)
        if "stateEnteredEventDetails" in event
    ]
    # Twice before (one done, one failed); then the failed one from Get on, and the third.
    assert entered == ["Each", "Mark", "Get", "Mark", "Get", "Each", "Get", "Mark", "Get"]


def test_only_the_failed_branch_runs_again(machines: Any, put: Any) -> None:
    """A branch that had succeeded keeps its output."""
    good = {
        "StartAt": "Mark",
        "States": {"Mark": {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "End": True}},
    }
    bad = {
        "StartAt": "Wait",
        "States": {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Get"}, "Get": get("'branch'")},
    }
    execution = machines.start({"Both": {"Type": "Parallel", "Branches": [good, bad], "End": True}})
    assert machines.ended(execution)["status"] == "FAILED"
    put("branch")
    machines.api.redrive_execution(executionArn=execution)
    assert machines.ended(execution)["status"] == "SUCCEEDED"
    kinds = machines.kinds(execution)
    assert (kinds.count("PassStateEntered"), kinds.count("WaitStateEntered")) == (1, 1)


@pytest.mark.usefixtures("put")  # the bucket
def test_a_redriven_execution_can_fail_again(machines: Any) -> None:
    """It keeps its definition, though the machine has another now, and counts its redrives."""
    execution = machines.start({"Get": get("'never'")})
    machine = machines.ended(execution)["stateMachineArn"]
    machines.api.update_state_machine(
        stateMachineArn=machine, definition='{"StartAt":"Get","States":{"Get":{"Type":"Succeed"}}}'
    )
    for count in (1, 2):
        machines.api.redrive_execution(executionArn=execution)
        ended = machines.ended(execution)
        assert (ended["status"], ended["error"], ended["redriveCount"]) == (
            "FAILED",
            "S3.NoSuchKeyException",
            count,
        )


def test_a_stopped_execution_is_redriven(machines: Any) -> None:
    """An aborted execution goes on in the state that it was stopped in."""
    execution = machines.start(
        {"Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Done"}, "Done": {"Type": "Succeed"}},
        {"seconds": 2},
    )
    machines.api.stop_execution(executionArn=execution)
    machines.api.redrive_execution(executionArn=execution)
    assert machines.ended(execution)["status"] == "SUCCEEDED"


def test_what_succeeded_is_not_redriven(machines: Any) -> None:
    """The refusal has AWS's name and reason."""
    execution = machines.start({"Do": {"Type": "Succeed"}})
    machines.ended(execution)
    with pytest.raises(machines.api.exceptions.ExecutionNotRedrivable, match="SUCCEEDED"):
        machines.api.redrive_execution(executionArn=execution)
