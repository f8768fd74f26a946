"""The shape of a state machine: what has to be an object, a list or a text before anything looks into it."""

from collections.abc import Iterator
from typing import Any

_TEXTS = ("Type", "Resource", "Next", "Default", "Comment", "QueryLanguage")
_OBJECTS = ("Parameters", "ResultSelector")
_LISTS = ("Catch", "Retry", "Choices")  # of objects


def faults_of_shape(machine: object, place: str = "") -> Iterator[str]:
    """Yield what in a definition, as JSON holds it, has another type than Step Functions takes, with its place."""
    if not isinstance(machine, dict):
        yield f"a state machine must be an object at {place or '/'}"
        return
    if not isinstance(machine.get("StartAt", ""), str):
        yield f"StartAt must be a text at {place}/StartAt"
    states = machine.get("States", {})
    if not isinstance(states, dict):
        yield f"States must be an object at {place}/States"
        return
    for name, state in states.items():
        yield from _of_state(state, f"{place}/States/{name}")


def _of_state(state: Any, place: str) -> Iterator[str]:  # noqa: ANN401 - JSON is any of six types
    if not isinstance(state, dict):
        yield f"a state must be an object at {place}"
        return
    yield from _of_members(state, place)
    for key in ("ItemProcessor", "Iterator"):
        if key in state:
            yield from faults_of_shape(state[key], f"{place}/{key}")
    branches = state.get("Branches", [])
    if not isinstance(branches, list):
        yield f"Branches must be a list at {place}/Branches"
        return
    for number, branch in enumerate(branches):
        yield from faults_of_shape(branch, f"{place}/Branches/{number}")


def _of_members(state: dict[str, Any], place: str) -> Iterator[str]:
    for key, value in state.items():
        if key in _TEXTS and not isinstance(value, str):
            yield f"{key} must be a text at {place}/{key}"
        elif key in _OBJECTS and not isinstance(value, dict):
            yield f"{key} must be an object at {place}/{key}"
        elif key in _LISTS and not (
            isinstance(value, list) and all(isinstance(each, dict) for each in value)
        ):
            yield f"{key} must be a list of objects at {place}/{key}"
