"""Reading the history of an execution."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from headrace_aws.runs.history import Job, failing_visit, iterations, visits

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def event(number: int, kind: str, previous: int, **details: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": kind,
        "previousEventId": previous,
        "timestamp": START + timedelta(seconds=number),
        **details,
    }


def entered(number: int, name: str, kind: str = "Task") -> dict[str, Any]:
    return event(number, f"{kind}StateEntered", number - 1, stateEnteredEventDetails={"name": name})


def exited(number: int, name: str, kind: str = "Task", previous: int | None = None) -> dict[str, Any]:
    before = number - 1 if previous is None else previous
    return event(number, f"{kind}StateExited", before, stateExitedEventDetails={"name": name})


def scheduled(number: int, **parameters: str) -> dict[str, Any]:
    details = {"parameters": json.dumps(parameters), "resource": "createTrainingJob.sync"}
    return event(number, "TaskScheduled", number - 1, taskScheduledEventDetails=details)


def failed(number: int, error: str, cause: str) -> dict[str, Any]:
    return event(number, "TaskFailed", number - 1, taskFailedEventDetails={"error": error, "cause": cause})


def test_a_state_that_was_left_has_its_duration() -> None:
    """A visit lasts from the event that entered the state to the one that left it, whatever their order."""
    events = [entered(1, "Train model"), scheduled(2, TrainingJobName="a-0"), exited(3, "Train model")]
    [visit] = visits(reversed(events))
    assert (visit.state, visit.kind, visit.jobs) == ("Train model", "Task", (Job("TrainingJob", "a-0"),))
    assert visit.seconds(START + timedelta(hours=1)) == 2


def test_a_state_that_is_not_left_lasts_until_now() -> None:
    """Without an exit, and while the execution runs, the time goes on."""
    [visit] = visits([entered(1, "Train model")])
    assert visit.exited is None
    assert visit.seconds(START + timedelta(seconds=11)) == 10


def test_a_retry_that_works_leaves_no_failure() -> None:
    """Each try is a job of the visit, and a try after a failed one clears the failure."""
    events = [
        entered(1, "Prepare data"),
        scheduled(2, ProcessingJobName="p-0"),
        failed(3, "SageMaker.ThrottlingException", "slow down"),
        scheduled(4, ProcessingJobName="p-1"),
        exited(5, "Prepare data"),
    ]
    [visit] = visits(events)
    assert [job.name for job in visit.jobs] == ["p-0", "p-1"]
    assert (visit.retries, visit.failure) == (1, None)


def test_a_state_visited_twice_is_two_visits() -> None:
    """The same state, entered again, is a visit of its own."""
    events = [entered(1, "A"), exited(2, "A"), entered(3, "A"), exited(4, "A")]
    assert [visit.seconds(START) for visit in visits(events)] == [1, 1]


def test_states_in_a_map_belong_to_the_map_that_runs_them() -> None:
    """The exit of a map closes the map and not the state inside it that has just ended."""
    events = [
        entered(1, "Folds", "Map"),
        event(2, "MapIterationStarted", 1),
        entered(3, "Train fold"),
        exited(4, "Train fold"),
        event(5, "MapIterationSucceeded", 4),
        exited(6, "Folds", "Map"),
    ]
    assert {visit.state: visit.seconds(START) for visit in visits(events)} == {"Folds": 5, "Train fold": 1}


def test_the_end_of_the_execution_ends_its_last_state() -> None:
    """A Fail state has no exit event; the execution's end is its end."""
    [visit] = visits([entered(1, "Run failed", "Fail"), event(2, "ExecutionFailed", 1)])
    assert visit.exited == START + timedelta(seconds=2)


def test_the_failing_state_is_the_one_whose_cause_ended_the_execution() -> None:
    """A later state that failed to tell of the failure does not hide the state that failed first."""
    found = visits(
        [
            entered(1, "Train model"),
            scheduled(2, TrainingJobName="t-0"),
            failed(3, "States.TaskFailed", "out of memory"),
            exited(4, "Train model"),
            entered(5, "Notify failure"),
            failed(6, "SNS.NotFoundException", "no topic"),
        ]
    )
    visit = failing_visit(found, "out of memory")
    assert visit is not None
    assert visit.state == "Train model"


def iteration(number: int, what: str, index: int, previous: int) -> dict[str, Any]:
    details = {f"mapIteration{what}EventDetails": {"name": "Folds", "index": index}}
    return event(number, f"MapIteration{what}", previous, **details)


TWO_ITEMS = [
    entered(1, "Folds", "Map"),
    event(2, "MapStateStarted", 1),
    iteration(3, "Started", 0, 2),
    iteration(4, "Started", 1, 2),
    event(5, "TaskStateEntered", 3, stateEnteredEventDetails={"name": "Train"}),
    event(6, "TaskStateEntered", 4, stateEnteredEventDetails={"name": "Train"}),
    exited(7, "Train", previous=5),
    event(8, "PassStateEntered", 7, stateEnteredEventDetails={"name": "Keep"}),
    exited(9, "Keep", "Pass"),
    iteration(10, "Succeeded", 0, 9),
    iteration(11, "Failed", 1, 6),
    exited(12, "Folds", "Map"),
    entered(13, "Aggregate"),
]


def test_each_visit_knows_its_item_and_the_state_before() -> None:
    """Of items that run side by side, by the events that lead to it; what comes after the map is of no item."""
    assert [(visit.state, visit.iteration, visit.came_from) for visit in visits(TWO_ITEMS)] == [
        ("Folds", None, None),
        ("Train", 0, None),
        ("Train", 1, None),
        ("Keep", 0, "Train"),
        ("Aggregate", None, "Folds"),
    ]


def test_a_state_that_its_item_ended_in_lasts_until_the_item_ends() -> None:
    """A Fail state in a map has no exit; the item's failure is its end, not that of the execution."""
    ended = [*TWO_ITEMS, exited(20, "Aggregate", previous=13), event(30, "ExecutionSucceeded", 20)]
    assert [visit.seconds(START) for visit in visits(ended) if visit.state == "Train"] == [2, 5]


def test_items_of_a_map_have_their_own_ends() -> None:
    """One that ended well, one that failed, and one that the end of the execution cut off."""
    cut_off = [
        *TWO_ITEMS,
        iteration(14, "Started", 0, 13),  # the map is entered again
        event(16, "ExecutionAborted", 0),
    ]
    assert [(each.index, each.status, each.seconds(START)) for each in iterations(cut_off)] == [
        (0, "succeeded", 7),
        (1, "failed", 7),
        (0, "aborted", 2),
    ]
    assert [each.status for each in iterations(TWO_ITEMS[:5])] == ["running", "running"]
