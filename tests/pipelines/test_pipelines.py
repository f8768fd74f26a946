"""What every pipeline promises, read from its definition."""

import inspect
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from headrace_aws.asl.checks.findings import states as all_states
from headrace_aws.asl.retries import CALL_RETRY
from headrace_aws.config.project import load_project
from pipelines import PIPELINES

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))
LINES = 200  # of a pipeline's file: what they share lives in the builder


@pytest.fixture(params=PIPELINES, ids=lambda pipeline: pipeline.NAME)
def pipeline(request: pytest.FixtureRequest) -> ModuleType:
    """Each pipeline in turn."""
    return cast("ModuleType", request.param)


@pytest.fixture
def states(pipeline: ModuleType) -> dict[str, Any]:
    """Its states by name, without those inside loops."""
    return cast("dict[str, Any]", pipeline.definition(PROJECT, MODEL)["States"])


def route(states: dict[str, Any], start: str) -> list[str]:
    """Return the names met from a state on; there is no choice on the way."""
    names = [start]
    while states[names[-1]]["Type"] not in {"Succeed", "Fail"}:
        names.append(states[names[-1]]["Next"])
    return names


def test_a_pipeline_is_one_short_file(pipeline: ModuleType) -> None:
    """A pipeline reads top-down in one file."""
    assert len(Path(inspect.getfile(pipeline)).read_text().splitlines()) < LINES


def test_every_error_ends_recorded_and_raised_again(states: dict[str, Any]) -> None:
    """Each task catches all; what it catches comes, at once or after the capacity question, to `Run failed`."""
    explained = states["Explain failure"]["Next"]
    # Predictions that are published have a record of their own.
    assert states[explained].get("Default", explained) == "Record failure"
    assert route(states, "Record failure") == [
        "Record failure",
        "Notify failure",
        "Run failed",
    ]
    assert states["Run failed"] == {
        "Type": "Fail",
        "ErrorPath": "$.failure.error.Error",
        "CausePath": "$.failure.error.Cause",
    }
    for name, state in states.items():
        if state["Type"] in {"Task", "Map"} and not name.startswith(("Notify", "Record failure")):
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
            assert state["Catch"][-1]["Next"] in {"Out of capacity?", "Explain failure"}
            assert state["Catch"][-1]["ResultPath"] == "$.error"
    if "Out of capacity?" in states:
        otherwise = states["Out of capacity?"]["Default"]
        assert states.get(otherwise, {}).get("Default", otherwise) in {"Explain failure", "Record failure"}


def test_the_failure_path_needs_only_the_first_states(states: dict[str, Any]) -> None:
    """Whatever failed, its record and message read nothing that a later state leaves than those before any task."""
    names = list(states)
    first = next(index for index, name in enumerate(names) if states[name]["Type"] == "Task")
    merged = next(states[name] for name in names[first - 1 :: -1] if states[name]["Type"] == "Pass")
    given = {key.removesuffix(".$") for key in merged["Parameters"]}
    for name in ("Explain failure", "Record failure", "Notify failure"):
        read = set(re.findall(r"(?<!\$)\$\.(\w+)", str(states[name]["Parameters"])))
        assert read <= given | {"error", "failure"}


def test_telling_never_changes_the_end(states: dict[str, Any]) -> None:
    """When a message or the record of a failure cannot be written, the run ends as it would have."""
    for name, state in states.items():
        if name.startswith("Notify") or name == "Record failure":
            assert {catcher["Next"] for catcher in state["Catch"]} == {state["Next"]}


def test_calls_are_repeated_and_jobs_are_not(pipeline: ModuleType) -> None:
    """A call that answers at once is repeated, unless the error is its answer; a job only for AWS's own reasons."""
    for name, state in all_states(pipeline.definition(PROJECT, MODEL)):
        if state["Type"] != "Task":
            continue
        if ".sync" in state["Resource"]:
            assert all("States.ALL" not in retrier["ErrorEquals"] for retrier in state.get("Retry", ()))
        else:
            answers = [retrier for retrier in state["Retry"] if retrier["MaxAttempts"] == 0]
            assert state["Retry"] == [*answers, *CALL_RETRY], name


def test_every_good_end_is_recorded(states: dict[str, Any]) -> None:
    """No way leads from the input to a good end past the run table."""
    recorded = {
        name for name, state in states.items() if "status" in state.get("Parameters", {}).get("Item", {})
    }
    seen: set[str] = set()
    ahead = [next(iter(states))]
    while ahead:
        name = ahead.pop()
        if name in seen or name in recorded:
            continue
        seen.add(name)
        entries = [states[name], *states[name].get("Choices", ()), *states[name].get("Catch", ())]
        ahead += [entry[key] for entry in entries for key in ("Next", "Default") if key in entry]
    # The bookkeeping of an execution that is not ours records nothing.
    assert {name for name in seen if states[name]["Type"] == "Succeed"} <= {"Not ours"}


def test_no_step_name_is_too_long_for_a_job(pipeline: ModuleType) -> None:
    """The longest project name leaves room for every step: SageMaker takes 63 characters."""
    text = json.dumps(pipeline.definition(PROJECT.model_copy(update={"name": "p" * 15}), MODEL))
    steps = set(re.findall(r"States\.Format\('p{15}-(\w+)-\{\}\{\}-\{\}'", text))
    assert all(15 + 1 + len(step) + 1 + 32 + 2 + 1 + 2 <= 63 for step in steps)
