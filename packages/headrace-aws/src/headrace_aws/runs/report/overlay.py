"""What a run made of each state, for the drawing of its state machine."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headrace_aws.asl.diagrams.marks import Mark, Run, Status
from headrace_aws.asl.diagrams.scopes import START, end_key
from headrace_aws.runs.history import Iteration, Visit
from headrace_aws.runs.snapshot import RunSnapshot

_ENDS = frozenset({"Succeed", "Fail"})


def overlay(snapshot: RunSnapshot) -> Run:
    """Return the marks of the states that were reached, and the ways that the run went."""
    by_state: dict[str, list[Visit]] = {}
    for visit in snapshot.visits:
        by_state.setdefault(visit.state, []).append(visit)
    marks = {name: _mark(found, snapshot) for name, found in by_state.items()}
    taken = {(visit.came_from, visit.state) for visit in snapshot.visits if visit.came_from}
    taken.add((START, snapshot.definition["StartAt"]))
    taken |= {
        (name, end_key(name))
        for name, state in snapshot.definition["States"].items()
        if state.get("End") and name in by_state and by_state[name][-1].exited
    }
    return Run(marks, frozenset((source, target) for source, target in taken if source))


def failed_iterations(snapshot: RunSnapshot, name: str) -> set[int]:
    """Return which items of a map failed: the iteration, or a task in it whose error was caught and not mended."""
    inside = inner_states(snapshot.definition).get(name, frozenset())
    last = {
        (visit.iteration, visit.state): visit for visit in snapshot.visits if visit.state in inside
    }  # a later visit of a state takes the place of an earlier one
    caught = {index for (index, _), visit in last.items() if visit.failure and index is not None}
    return caught | {
        each.index for each in snapshot.iterations if each.map == name and each.status == "failed"
    }


def inner_states(definition: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return the names of the states inside of each map, at any depth of it."""
    return {
        name: frozenset(inner for inner, _ in _states(_processor(state)))
        for name, state in _states(definition)
        if state["Type"] == "Map"
    }


def _states(definition: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, state in definition["States"].items():
        yield name, state
        if state["Type"] == "Map":
            yield from _states(_processor(state))
        for branch in state.get("Branches", ()):
            yield from _states(branch)


def _processor(state: Mapping[str, Any]) -> Mapping[str, Any]:
    processor: Mapping[str, Any] = state.get("ItemProcessor") or state["Iterator"]
    return processor


def _mark(found: Sequence[Visit], snapshot: RunSnapshot) -> Mark:
    last = found[-1]
    own = [each for each in snapshot.iterations if each.map == last.state]
    failed = len(failed_iterations(snapshot, last.state)) if own else 0
    return Mark(
        status=_status(found, own, failed, snapshot),
        seconds=None if last.kind in _ENDS else sum(visit.seconds(snapshot.end) for visit in found),
        visits=len(found),
        retries=sum(visit.retries for visit in found),
        iterations=len(own) if own else None,
        succeeded=_succeeded(own, failed),
        failed=failed,
    )


def _succeeded(own: Sequence[Iteration], failed: int) -> int:
    ended = sum(each.status in {"succeeded", "failed"} for each in own)
    return max(ended - failed, 0)


def _status(found: Sequence[Visit], own: Sequence[Iteration], failed: int, snapshot: RunSnapshot) -> Status:
    last = found[-1]
    if any(visit.exited is None for visit in found):
        return "running"
    if last.kind == "Fail" or _is_the_failed(found, snapshot) or _is_cut_off(last, snapshot):
        return "failed"
    if failed or any(visit.failure for visit in found):
        # An error that was mended by going back to the state is none of its last visit.
        mended = last.iteration is None and not last.failure and not failed
        return "succeeded" if mended else "caught"
    return "failed" if own and all(each.status == "aborted" for each in own) else "succeeded"


def _is_the_failed(found: Sequence[Visit], snapshot: RunSnapshot) -> bool:
    return snapshot.execution["status"] == "FAILED" and any(visit is snapshot.failed for visit in found)


def _is_cut_off(last: Visit, snapshot: RunSnapshot) -> bool:
    """Tell whether a visit was ended by the end of an execution that was stopped or ran out of time."""
    return (
        snapshot.execution["status"] in {"ABORTED", "TIMED_OUT"}
        and last.kind not in _ENDS
        and last.exited is not None
        and (last is snapshot.visits[-1] or last.exited >= snapshot.end)
    )
