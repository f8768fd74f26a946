"""What a failed job is understood to say."""

import json
from typing import Any

import pytest

from headrace_aws.runs.failure import Failure

LIMIT = {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 3660}}
PROCESSING = {"ProcessingJobStatus": "Stopped", **LIMIT}
TRAINING = {"TrainingJobStatus": "Stopped", **LIMIT}
START = 1_800_000_000_000  # milliseconds since 1970, as Step Functions writes a time


def test_a_failure_speaks_with_the_jobs_own_words() -> None:
    """ExitMessage is a processing job's own text, FailureReason a training job's; other causes stay as they are."""
    table = {
        json.dumps(
            {"ExitMessage": "column x is missing", "FailureReason": "AlgorithmError"}
        ): "column x is missing",
        json.dumps({"FailureReason": "AlgorithmError: out of memory"}): "AlgorithmError: out of memory",
        json.dumps({"other": 1}): '{"other": 1}',
        "not JSON": "not JSON",
        "[1]": "[1]",
    }
    assert {cause: Failure("States.TaskFailed", cause).words for cause in table} == table


def ran(seconds: float) -> dict[str, float]:
    return {"ProcessingStartTime": START, "ProcessingEndTime": START + 1000 * seconds}


@pytest.mark.parametrize(
    ("described", "words", "remedy"),
    [
        (PROCESSING, "stopped at its limit of 60 seconds", "raise timeout_seconds"),
        (PROCESSING | ran(61), "stopped at its limit of 60 seconds", "raise timeout_seconds"),
        (PROCESSING | ran(12), "stopped by a person or a program", "run again"),
        (
            TRAINING | {"SecondaryStatus": "MaxRuntimeExceeded"},
            "stopped at its limit of 60 seconds",
            "raise timeout_seconds",
        ),
        (
            TRAINING | {"SecondaryStatus": "MaxWaitTimeExceeded"},
            "not done within 3,660 seconds, the wait for spot capacity in it",
            "raise spot_wait_seconds",
        ),
        (TRAINING | {"SecondaryStatus": "Stopped"}, "stopped by a person or a program", "run again"),
    ],
)
def test_a_job_that_was_ended_from_outside_says_by_what(
    described: dict[str, Any], words: str, remedy: str
) -> None:
    """A stopped job gives no reason: its limits, its times and its status tell, and the remedy follows."""
    failure = Failure("States.TaskFailed", json.dumps(described))
    assert failure.words == words
    assert (failure.remedy or "").startswith(remedy)


def test_a_job_that_failed_by_itself_has_no_remedy_of_this_kind() -> None:
    """What its code said is for the person who wrote it."""
    described = {"ProcessingJobStatus": "Failed", "ExitMessage": "column x is missing", **LIMIT}
    assert Failure("States.TaskFailed", json.dumps(described)).remedy is None
