"""A machine with a map, events of its executions, and snapshots of runs, to be reported."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from headrace_aws.runs.history import Event, iterations, visits
from headrace_aws.runs.jobs import JobRun
from headrace_aws.runs.snapshot import RunSnapshot

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ARN = "arn:aws:states:eu-west-1:000000000000:execution:mill-grain-training:run-1"
JOB = "arn:aws:states:::sagemaker:createProcessingJob.sync"
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}]
DEFINITION = {
    "StartAt": "Each fold",
    "States": {
        "Each fold": {
            "Type": "Map",
            "ItemsPath": "$.folds",
            "ItemProcessor": {
                "StartAt": "Train",
                "States": {
                    "Train": {
                        "Type": "Task",
                        "Resource": JOB,
                        "Parameters": {
                            "Environment": {"HEADRACE_COMMIT": "0123456789abcdef"},
                            "ImageUri": "image@sha256:1",
                        },
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Keep failure"}],
                        "End": True,
                    },
                    "Keep failure": {"Type": "Pass", "End": True},
                },
            },
            "Next": "Put together",
        },
        "Put together": {"Type": "Task", "Resource": JOB, "Catch": CATCH, "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Sorry": {"Type": "Fail"},
    },
}


class Story:
    """Events of an execution, one a second, each after the one before it or after the one that is named."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def tell(self, kind: str, after: int | None = None, **details: Any) -> int:
        """Add an event and return its number."""
        number = len(self.events) + 1
        before = number - 1 if after is None else after
        when = START + timedelta(seconds=number)
        self.events.append(
            {"id": number, "type": kind, "previousEventId": before, "timestamp": when, **details}
        )
        return number

    def enter(self, kind: str, name: str, after: int | None = None) -> int:
        """Enter a state."""
        return self.tell(f"{kind}StateEntered", after, stateEnteredEventDetails={"name": name})

    def leave(self, kind: str, name: str, after: int | None = None) -> int:
        """Leave a state."""
        return self.tell(f"{kind}StateExited", after, stateExitedEventDetails={"name": name})

    def schedule(self, job: str) -> int:
        """Begin a processing job."""
        details = {"parameters": f'{{"ProcessingJobName": "{job}"}}'}
        return self.tell("TaskScheduled", taskScheduledEventDetails=details)

    def fail(self, error: str, cause: str) -> int:
        """Let the task fail."""
        return self.tell("TaskFailed", taskFailedEventDetails={"error": error, "cause": cause})

    def folds(self, count: int, failing: frozenset[int] = frozenset()) -> None:
        """Run the whole map; the items that fail keep their failure."""
        self.enter("Map", "Each fold")
        begun = self.tell("MapStateStarted")
        for index in range(count):
            details = {"name": "Each fold", "index": index}
            self.tell("MapIterationStarted", begun, mapIterationStartedEventDetails=details)
            self.enter("Task", "Train")
            self.schedule(f"train-{index}")
            if index in failing:
                self.fail("States.TaskFailed", "no positives")
            self.leave("Task", "Train")
            if index in failing:
                self.enter("Pass", "Keep failure")
                self.leave("Pass", "Keep failure")
            self.tell("MapIterationSucceeded", mapIterationSucceededEventDetails=details)
        self.leave("Map", "Each fold")

    def snapshot(self, status: str, jobs: Sequence[JobRun] = (), **more: Any) -> RunSnapshot:
        """Return the snapshot of an execution of these events."""
        execution: Mapping[str, Any] = {
            "executionArn": ARN,
            "status": status,
            "startDate": START,
            "input": "{}",
            **({} if status == "RUNNING" else {"stopDate": START + timedelta(seconds=len(self.events) + 1)}),
            **more.pop("execution", {}),
        }
        return RunSnapshot(
            "dev",
            "eu-west-1",
            "grain",
            "training",
            execution,
            visits(self.events),
            iterations(self.events),
            definition=DEFINITION,
            jobs=jobs,
            read_at=START + timedelta(seconds=len(self.events) + 5),
            **more,
        )
