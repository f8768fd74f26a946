"""What an execution did, read from its history of events."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from infra.failure import Failure

Event = Mapping[str, Any]  # one event as GetExecutionHistory answers it

_DETAILS_OF_FAILURE = (
    "taskFailedEventDetails",
    "taskSubmitFailedEventDetails",
    "taskStartFailedEventDetails",
    "taskTimedOutEventDetails",
)
_JOB_NAMES = {"TrainingJobName": "TrainingJob", "ProcessingJobName": "ProcessingJob"}


@dataclass(frozen=True)
class Job:
    """A SageMaker job. `kind` is ProcessingJob or TrainingJob."""

    kind: str
    name: str


@dataclass(frozen=True)
class Visit:
    """One time that the execution was in a state, with its jobs (one a try) and its last failure."""

    state: str
    kind: str  # Task, Choice, Pass, Wait, Map, Parallel, Succeed, Fail
    entered: datetime
    exited: datetime | None = None
    jobs: tuple[Job, ...] = ()
    failure: Failure | None = None

    @property
    def retries(self) -> int:
        """How often the job was begun again."""
        return max(0, len(self.jobs) - 1)

    def seconds(self, now: datetime) -> float:
        """Time in the state, until now when it is still in it."""
        return ((self.exited or now) - self.entered).total_seconds()


def visits(events: Iterable[Event]) -> list[Visit]:
    """Return every visit of a state, in the order of entering."""
    known = {event["id"]: event for event in events}
    found: dict[int, Visit] = {}
    for number in sorted(known):
        event = known[number]
        kind: str = event["type"]
        if kind.endswith("StateEntered"):
            name = event["stateEnteredEventDetails"]["name"]
            found[number] = Visit(name, kind.removesuffix("StateEntered"), event["timestamp"])
            continue
        if kind.endswith("StateExited"):
            name = event["stateExitedEventDetails"]["name"]
            start = _start(event, known, found, name)
            if start:
                found[start] = replace(found[start], exited=event["timestamp"])
            continue
        start = _start(event, known, found)
        if start is None:
            continue
        visit = found[start]
        if kind == "TaskScheduled":
            job = _job(event["taskScheduledEventDetails"].get("parameters", "{}"))
            found[start] = replace(visit, jobs=(*visit.jobs, job) if job else visit.jobs, failure=None)
        failure = _failure(event)
        if failure:
            found[start] = replace(visit, failure=failure)
    return _closed(list(found.values()), list(known.values()))


def failing_visit(found: Sequence[Visit], cause: str) -> Visit | None:
    """Return the visit that ended an execution with this cause; None when no state has a failure to tell.

    Not merely the last that failed: the states that record and notify a failure may fail as well.
    """
    failed = [visit for visit in found if visit.failure]
    same = [visit for visit in failed if visit.failure and visit.failure.cause == cause]
    return next(reversed(same or failed), None)


def _start(
    event: Event, known: Mapping[int, Event], found: Mapping[int, Visit], name: str | None = None
) -> int | None:
    """Return the id of the event that entered the state to which an event belongs."""
    number = event.get("previousEventId", 0)
    while number in known:
        if number in found and (name is None or found[number].state == name):
            return int(number)
        number = known[number].get("previousEventId", 0)
    return None


def _job(parameters: str) -> Job | None:
    given = json.loads(parameters)
    return next((Job(kind, given[key]) for key, kind in _JOB_NAMES.items() if key in given), None)


def _failure(event: Event) -> Failure | None:
    details = next((event[key] for key in _DETAILS_OF_FAILURE if key in event), None)
    return Failure(details.get("error", ""), details.get("cause", "")) if details else None


def _closed(found: list[Visit], events: Sequence[Event]) -> list[Visit]:
    """Return visits that end with the execution: a Fail state and an interrupted task have no exit."""
    end = next((event["timestamp"] for event in events if _is_end(event)), None)
    return [visit if visit.exited or end is None else replace(visit, exited=end) for visit in found]


def _is_end(event: Event) -> bool:
    return event["type"] in {
        "ExecutionSucceeded",
        "ExecutionFailed",
        "ExecutionAborted",
        "ExecutionTimedOut",
    }
