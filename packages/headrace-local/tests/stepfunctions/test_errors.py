"""Errors: retried, caught, passed on."""

import json
from typing import Any

import pytest

SLOW = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
    "Parameters": {"Bucket": "gone", "Key": "gone"},
    "End": True,
}
FAIL = {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"}
CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}]


@pytest.mark.parametrize("error", ["States.TaskFailed", "Own.Error"])
def test_fail_passes_on_any_error(machines: Any, error: str) -> None:
    """ErrorPath may hold an error of Step Functions itself; stock moto then fails with States.Runtime."""
    ended = machines.run({"Failed": FAIL}, {"error": {"Error": error, "Cause": "why"}})
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", error, "why")


def test_a_caught_error_is_recorded_and_passed_on(machines: Any) -> None:
    """The way of every pipeline: Catch, ResultPath $.error, Fail with ErrorPath and CausePath."""
    ended = machines.run({"Do": SLOW | {"Catch": CATCH}, "Failed": FAIL})
    assert ended["error"] == "S3.NoSuchBucketException"
    assert "does not exist" in ended["cause"]


@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_an_error_of_step_functions_leaves_a_branch(machines: Any, kind: str) -> None:
    """States.TaskFailed inside Parallel or Map is States.TaskFailed outside."""
    inner = {
        "StartAt": "Failed",
        "States": {"Failed": {"Type": "Fail", "Error": "States.TaskFailed", "Cause": "why"}},
    }
    state = {"Branches": [inner]} if kind == "Parallel" else {"ItemProcessor": inner, "ItemsPath": "$.items"}
    ended = machines.run({"Each": {"Type": kind, "End": True} | state}, {"items": [1]})
    assert (ended["error"], ended["cause"]) == ("States.TaskFailed", "why")


def test_a_retry_counts(machines: Any) -> None:
    """Two retries make three attempts, and $$.State.RetryCount tells them apart."""
    parameters = {"Bucket": "gone", "Key.$": "States.Format('attempt-{}', $$.State.RetryCount)"}
    retry = [
        {
            "ErrorEquals": ["S3.NoSuchBucketException"],
            "IntervalSeconds": 1,
            "MaxDelaySeconds": 2,
            "MaxAttempts": 2,
        }
    ]
    execution = machines.start({"Do": SLOW | {"Parameters": parameters, "Retry": retry}})
    assert machines.ended(execution)["error"] == "S3.NoSuchBucketException"
    keys = [
        json.loads(event["taskScheduledEventDetails"]["parameters"])["Key"]
        for event in machines.history(execution)
        if event["type"] == "TaskScheduled"
    ]
    assert keys == ["attempt-0", "attempt-1", "attempt-2"]


@pytest.mark.parametrize("kind", ["Pass", "Task"])
def test_a_runtime_error_ends_the_execution(machines: Any, kind: str) -> None:
    """States.Runtime, such as a path to nothing, is caught by nobody, as AWS has it."""
    states = {"Do": SLOW | {"Parameters": {"Bucket": "b", "Key.$": "$.gone"}, "Catch": CATCH}, "Failed": FAIL}
    if kind == "Pass":
        states = {"Do": {"Type": "Pass", "Parameters": {"a.$": "$.gone"}, "End": True}}
    ended = machines.run(states)
    assert (ended["status"], ended["error"], "$.gone" in ended["cause"]) == ("FAILED", "States.Runtime", True)


@pytest.mark.parametrize(
    ("error", "names", "is_caught"),
    [
        ("Own.Error", "States.TaskFailed", True),
        ("States.Timeout", "States.TaskFailed", False),
        ("States.Timeout", "States.Timeout", True),
        ("States.Timeout", "States.ALL", True),
        ("States.TaskFailed", "Own.Error", False),
    ],
)
def test_a_name_matches_what_aws_says(machines: Any, error: str, names: str, *, is_caught: bool) -> None:
    """States.TaskFailed stands for every error but a timeout, States.ALL for all that can be caught."""
    inner = {"StartAt": "Break", "States": {"Break": {"Type": "Fail", "Error": error}}}
    catch = [{"ErrorEquals": [names], "Next": "Caught"}]
    states = {
        "Both": {"Type": "Parallel", "Branches": [inner], "Catch": catch, "End": True},
        "Caught": {"Type": "Succeed"},
    }
    assert machines.run(states)["status"] == ("SUCCEEDED" if is_caught else "FAILED")


def test_a_delay_is_bounded_and_drawn(machines: Any) -> None:
    """MaxDelaySeconds bounds what BackoffRate makes of the interval, and JitterStrategy FULL draws from below it."""
    retry = [
        {
            "ErrorEquals": ["States.ALL"],
            "IntervalSeconds": 1,
            "BackoffRate": 100,
            "MaxDelaySeconds": 2,
            "MaxAttempts": 2,
            "JitterStrategy": "FULL",
        }
    ]
    ended = machines.run({"Do": SLOW | {"Retry": retry}})
    assert ended["error"] == "S3.NoSuchBucketException"
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() < 1 + 2 + 1
