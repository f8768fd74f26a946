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
