"""Inline Map: what an item is given, what comes out, and what ends when one iteration fails."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}]
BREAK = {"Type": "Fail", "Error": "Own.Error", "Cause": "why"}
SLEEP = "import time; time.sleep(60)"


def machine(states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def each(states: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a Map over `$.items`."""
    processor = {"ProcessorConfig": {"Mode": "INLINE"}, **machine(states)}
    state = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor}
    return state | ({} if "Next" in more else {"End": True}) | more


PASS = {"Do": {"Type": "Pass", "End": True}}


def test_an_item_is_selected_with_its_index(machines: Any) -> None:
    """ItemSelector reads the Map's input and $$.Map.Item; the results keep the order of the items."""
    selector = {"value.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "shared.$": "$.shared"}
    state = each(
        PASS,
        ItemSelector=selector,
        ResultSelector={"folds.$": "$[*].value", "count.$": "States.ArrayLength($)"},
        ResultPath="$.done",
    )
    given = {"items": ["a", "b", "c"], "shared": 7}
    found = machines.output({"Each": state}, given)
    assert found == given | {"done": {"folds": ["a", "b", "c"], "count": 3}}


def test_an_item_alone_is_the_input(machines: Any) -> None:
    """Without a selector an iteration is given its item, and the Map gives the list of the outputs."""
    assert machines.output({"Each": each(PASS)}, {"items": [{"a": 1}, 2, None]}) == [{"a": 1}, 2, None]


@pytest.mark.parametrize("limit", [{}, {"MaxConcurrency": 4}])
def test_no_items_are_an_empty_list(machines: Any, limit: dict[str, int]) -> None:
    """A Map over an empty list succeeds at once."""
    assert machines.output({"Each": each(PASS, **limit)}, {"items": []}) == []


def test_what_is_no_list_cannot_be_mapped(machines: Any) -> None:
    """A Map over an object fails, and the cause says what it found."""
    ended = machines.run({"Each": each(PASS)}, {"items": {"a": 1}})
    assert (ended["status"], "array" in ended["cause"]) == ("FAILED", True)


@pytest.mark.parametrize("limit", [{"MaxConcurrency": 2}, {"MaxConcurrencyPath": "$.limit"}])
def test_no_more_items_run_at_once_than_allowed(machines: Any, limit: dict[str, Any]) -> None:
    """Of three iterations two run at a time, whether the limit stands in the definition or in the input."""
    wait = {"Do": {"Type": "Wait", "Seconds": 1, "End": True}}
    execution = machines.start({"Each": each(wait, **limit)}, {"items": [0] * 3, "limit": 2})
    machines.ended(execution)
    running = most = 0
    for event in machines.history(execution):
        running += {"MapIterationStarted": 1, "MapIterationSucceeded": -1}.get(event["type"], 0)
        most = max(most, running)
    assert (most, running) == (2, 0)


def test_many_items_pass_one_after_the_other(machines: Any) -> None:
    """1,100 items at a concurrency of one: stock moto calls itself once per item, and Python gives up."""
    items = list(range(1_100))
    state = each(PASS, MaxConcurrency=1, ResultSelector={"count.$": "States.ArrayLength($)"})
    assert machines.output({"Each": state}, {"items": items}) == {"count": 1_100}


def test_an_iteration_catches_its_own_error(machines: Any) -> None:
    """A Catch inside an iteration leaves the others alone, and its ResultPath keeps the item."""
    states = {
        "Pick": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.fold", "NumericEquals": 1, "Next": "Try"}],
            "Default": "Fine",
        },
        "Try": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
            "Parameters": {"Bucket": "no-such-bucket", "Key": "k"},
            "Catch": CATCH,
            "End": True,
        },
        "Caught": {"Type": "Pass", "End": True},
        "Fine": {"Type": "Pass", "End": True},
    }
    first, second = machines.output({"Each": each(states)}, {"items": [{"fold": 0}, {"fold": 1}]})
    assert first == {"fold": 0}
    assert (second["fold"], second["error"]["Error"]) == (1, "S3.NoSuchBucketException")


def test_a_map_catches_the_error_of_an_iteration(machines: Any) -> None:
    """A Catch on the Map is given the error of the iteration, with the Map's input beside it."""
    states = {"Each": each({"Do": BREAK}, Catch=CATCH), "Caught": {"Type": "Pass", "End": True}}
    found = machines.output(states, {"items": [1, 2]})
    assert found == {"items": [1, 2], "error": {"Error": "Own.Error", "Cause": "why"}}


def test_a_map_is_retried_whole(machines: Any) -> None:
    """A Retry on the Map runs every iteration again."""
    retry = [{"ErrorEquals": ["Own.Error"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    execution = machines.start({"Each": each({"Do": BREAK}, Retry=retry)}, {"items": [1]})
    assert machines.ended(execution)["error"] == "Own.Error"
    kinds = machines.kinds(execution)
    assert kinds.count("MapIterationStarted") == 2


def test_iterations_run_jobs_and_retry_them(machines: Any, jobs: Any) -> None:
    """Each iteration has jobs of its own, and $$.State.RetryCount counts in each."""
    code = "import sys; sys.exit(int(sys.argv[1]))"
    retry = [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    step = jobs.step(code, Retry=retry, Catch=CATCH)
    name = "States.Format('map-retried-{}-{}', $.fold, $$.State.RetryCount)"
    step["Parameters"]["ProcessingJobName.$"] = name
    step["Parameters"]["AppSpecification"]["ContainerArguments.$"] = "States.Array($.exit)"
    state = each(
        {"Run": step, "Caught": {"Type": "Pass", "End": True}},
        MaxConcurrency=2,
        ItemSelector={"fold.$": "$$.Map.Item.Index", "exit.$": "$$.Map.Item.Value"},
    )
    outcomes = machines.output({"Each": state}, {"items": ["0", "3", "0"]})
    assert [outcome.get("ProcessingJobStatus") for outcome in outcomes] == ["Completed", None, "Completed"]
    assert json.loads(outcomes[1]["error"]["Cause"])["ProcessingJobName"] == "map-retried-1-1"
    names = {job["ProcessingJobName"] for job in jobs.named("map-retried")}
    assert names == {"map-retried-0-0", "map-retried-1-0", "map-retried-1-1", "map-retried-2-0"}


@pytest.mark.parametrize("is_caught", [True, False])
def test_a_failing_iteration_stops_the_jobs_of_the_others(
    machines: Any, jobs: Any, *, is_caught: bool
) -> None:
    """The others are aborted, in the history too, before the Map is said to have failed."""
    name = f"map-stopped-{is_caught}".lower()
    states = {
        "Pick": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.fold", "NumericEquals": 1, "Next": "Wait"}],
            "Default": "Run",
        },
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Break"},
        "Break": BREAK,
        "Run": jobs.step(SLEEP),
    }
    selector = {"name.$": f"States.Format('{name}-{{}}', $$.Map.Item.Index)", "fold.$": "$$.Map.Item.Index"}
    catch: dict[str, Any] = {"Catch": CATCH} if is_caught else {}
    execution = machines.start(
        {"Each": each(states, ItemSelector=selector, **catch)}
        | ({"Caught": {"Type": "Pass", "End": True}} if is_caught else {}),
        {"items": [0, 1, 2]},
    )
    ended = machines.ended(execution)
    assert ended["status"] == ("SUCCEEDED" if is_caught else "FAILED")
    jobs.wait(name, "Stopped", count=2)
    kinds = machines.kinds(execution)
    ends = [kind for kind in kinds if kind.startswith("MapIteration") and kind != "MapIterationStarted"]
    assert ends == ["MapIterationFailed", "MapIterationAborted", "MapIterationAborted"]
    assert kinds.index("MapStateFailed") > max(
        index for index, kind in enumerate(kinds) if kind == "MapIterationAborted"
    )


def test_stopping_an_execution_stops_its_iterations(machines: Any, jobs: Any) -> None:
    """StopExecution ends the running jobs of every iteration, starts no other, and no Catch runs."""
    state = each(
        {"Run": jobs.step(SLEEP, Catch=CATCH), "Caught": {"Type": "Pass", "End": True}},
        MaxConcurrency=2,
        ItemSelector={"name.$": "States.Format('map-ended-{}', $$.Map.Item.Value)"},
        Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Never"}],
    )
    execution = machines.start(
        {"Each": state, "Never": {"Type": "Pass", "End": True}}, {"items": [0, 1, 2, 3]}
    )
    jobs.wait("map-ended", "InProgress", count=2)
    machines.api.stop_execution(executionArn=execution, cause="enough")
    jobs.wait("map-ended", "Stopped", count=2)
    kinds = machines.kinds(execution, "ExecutionAborted")
    assert kinds[-1] == "ExecutionAborted"
    assert not {"MapIterationSucceeded", "MapStateFailed", "PassStateEntered"} & set(kinds)


def test_forty_jobs_leave_no_threads(machines: Any, local_aws: Any, jobs: Any) -> None:
    """40 iterations of jobs at a concurrency of four: every one is done, and the server is as it was."""
    before = threads(local_aws)
    state = each(
        {"Run": jobs.step("pass", ResultPath=None)},
        MaxConcurrency=4,
        ItemSelector={"name.$": "States.Format('map-forty-{}', $$.Map.Item.Value)"},
    )
    found = machines.output({"Each": state}, {"items": list(range(40))})
    assert [item["name"] for item in found] == [f"map-forty-{number}" for number in range(40)]
    deadline = time.monotonic() + 10
    while (now := threads(local_aws)) > before + 4:  # connections of clients that are kept open
        assert time.monotonic() < deadline, (before, now)
        time.sleep(0.05)


def threads(local_aws: Any) -> int:
    """Return how many threads the server has."""
    status = Path(f"/proc/{local_aws.server.pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("Threads:")).split()[1])
