"""What an execution did, read from its history of events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from headrace import strict_json
from headrace_aws.runs.failure import Failure

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

Event = Mapping[str, Any]  # one event as GetExecutionHistory answers it

_MAXIMUM_RESULTS = 1000
_DETAILS_OF_FAILURE = (
    "taskFailedEventDetails",
    "taskSubmitFailedEventDetails",
    "taskStartFailedEventDetails",
    "taskTimedOutEventDetails",
)
_JOB_NAMES = {
    "TrainingJobName": "TrainingJob",
    "ProcessingJobName": "ProcessingJob",
    "TransformJobName": "TransformJob",
}


@dataclass(frozen=True)
class Job:
    """A SageMaker job. `kind` is ProcessingJob, TrainingJob or TransformJob."""

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
    came_from: str | None = (
        None  # the state before; None for the first one of a machine, an iteration or a branch
    )
    iteration: int | None = None  # the place of the item, from 0, when the state is inside of a map

    @property
    def retries(self) -> int:
        """How often the job was begun again."""
        return max(0, len(self.jobs) - 1)

    def seconds(self, now: datetime) -> float:
        """Time in the state, until now when it is still in it."""
        return ((self.exited or now) - self.entered).total_seconds()


@dataclass(frozen=True)
class Iteration:
    """One item of a map, and its way through the states inside."""

    map: str
    index: int  # the item's place, from 0
    started: datetime
    status: Literal["running", "succeeded", "failed", "aborted"] = "running"
    ended: datetime | None = None

    def seconds(self, now: datetime) -> float:
        """Time spent on the item, until now when it still runs."""
        return ((self.ended or now) - self.started).total_seconds()


def history(states: "SFNClient", execution: str) -> list[Visit]:
    """Return every visit of a state of an execution (its ARN)."""
    events: dict[int, Event] = {}
    read_new_events(states, execution, events)
    return visits(events.values())


def read_new_events(states: "SFNClient", execution: str, known: dict[int, Event]) -> None:
    """Add the events that are not known yet; the newest come first, so a long history is read once."""
    newest = max(known, default=0)
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=execution, reverseOrder=True, PaginationConfig={"PageSize": _MAXIMUM_RESULTS}
    )
    found: dict[int, Event] = {}
    for page in pages:
        found |= {event["id"]: event for event in page["events"]}
        if min(found, default=newest) <= newest:
            break
    known |= found  # at once: a reading that breaks off would leave a gap that no later one fills


def visits(events: Iterable[Event]) -> list[Visit]:
    """Return every visit of a state, in the order of entering."""
    known = {event["id"]: event for event in events}
    found: dict[int, Visit] = {}
    for number in sorted(known):
        event = known[number]
        kind: str = event["type"]
        if kind.endswith("StateEntered"):
            name = event["stateEnteredEventDetails"]["name"]
            found[number] = Visit(
                name,
                kind.removesuffix("StateEntered"),
                event["timestamp"],
                came_from=_state_before(event, known),
                iteration=_iteration(event, known, found),
            )
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
        if kind in {"MapIterationFailed", "MapIterationAborted"} and visit.kind != "Map" and not visit.exited:
            found[start] = replace(visit, exited=event["timestamp"])  # where the iteration ended
    return _closed(list(found.values()), list(known.values()))


def iterations(events: Iterable[Event]) -> list[Iteration]:
    """Return every iteration of every map that runs inside of the execution, in the order of beginning."""
    found: list[Iteration] = []
    end: datetime | None = None
    for event in sorted(events, key=lambda event: int(event["id"])):
        if _is_end(event):
            end = event["timestamp"]
        what = event["type"].removeprefix("MapIteration")
        details = event.get(f"mapIteration{what}EventDetails")
        if details is None:
            continue
        name, index = details.get("name", ""), details["index"]
        if what == "Started":
            found.append(Iteration(name, index, event["timestamp"]))
            continue
        # The last one of that name and index: the map may have been entered before.
        for place in range(len(found) - 1, -1, -1):
            if (found[place].map, found[place].index) == (name, index):
                status: Any = what.lower()
                found[place] = replace(found[place], status=status, ended=event["timestamp"])
                break
    return [
        replace(each, status="aborted", ended=end) if end and each.ended is None else each for each in found
    ]


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


def _state_before(event: Event, known: Mapping[int, Event]) -> str | None:
    before = known.get(event.get("previousEventId", 0), {})
    return before["stateExitedEventDetails"]["name"] if "stateExitedEventDetails" in before else None


def _iteration(event: Event, known: Mapping[int, Event], found: Mapping[int, Visit]) -> int | None:
    """Return the iteration that a state is entered in: that of the state before, or the one that begins with it."""
    number = event.get("previousEventId", 0)
    while number in known:
        before = known[number]
        if "mapIterationStartedEventDetails" in before:
            return int(before["mapIterationStartedEventDetails"]["index"])
        if number in found:  # a parallel around the state
            return found[number].iteration
        if "stateExitedEventDetails" in before:
            start = _start(before, known, found, before["stateExitedEventDetails"]["name"])
            return found[start].iteration if start else None
        number = before.get("previousEventId", 0)
    return None


def _job(parameters: str) -> Job | None:
    given = strict_json.loads(parameters, "Parameters")
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
