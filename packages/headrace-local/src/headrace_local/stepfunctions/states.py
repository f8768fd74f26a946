"""The states of a definition, wherever they stand."""

from collections.abc import Iterator
from typing import Any


def all_states(machine: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every state with its place, those inside Parallel and Map as well."""
    states = machine.get("States")
    for name, state in states.items() if isinstance(states, dict) else ():
        if not isinstance(state, dict):
            continue
        path = f"{place}/States/{name}"
        yield path, state
        branches = state.get("Branches")
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            if isinstance(branch, dict):
                yield from all_states(branch, f"{path}/Branches[{index}]")
        for key in ("ItemProcessor", "Iterator"):
            if isinstance(state.get(key), dict):
                yield from all_states(state[key], f"{path}/{key}")
