"""Parallel: its branches, side by side."""

import threading
from datetime import UTC, datetime
from queue import Queue
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl import BranchesDecl
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError

from headrace_local.patching import replace
from headrace_local.stepfunctions import progress

_STOP_SECONDS = 30.0  # in which the other branches write that they were aborted


def install() -> None:
    """Correct how branches end."""
    stop_the_others_when_one_fails()


def stop_the_others_when_one_fails() -> None:
    """Stop the other branches when one fails, and let them end before the Parallel does.

    asl/component/state/exec/state_parallel/branches_decl.py:77 does not wait for them, so what they still write
    stands behind the failure. It wraps the name of the error in a class that refuses names of Step Functions' own
    (branches_decl.py:102), and starts every branch anew.
    """
    replace(BranchesDecl, "_eval_body", _evaluate)


def _evaluate(branches: Any, env: Environment) -> None:
    given = env.stack.pop()
    context: Any = env.states.context_object.context_object_data
    name = context["State"]["Name"]
    progress.begin(env, name)
    kept = progress.of(env)
    frames = [env.open_inner_frame() for _ in branches.programs]
    places = [progress.enter(frame, env, name, index) for index, frame in enumerate(frames)]
    ended: Queue[int] = Queue()

    def work(index: int) -> None:
        frames[index].states.reset(input_value=given)
        branches.programs[index].eval(frames[index])
        if isinstance(frames[index].program_state(), ProgramEnded):
            kept.done[places[index]] = frames[index].states.get_input()
        ended.put(index)

    threads = [
        threading.Thread(target=work, args=(index,), name=f"branch {index} of {name}", daemon=True)
        for index, place in enumerate(places)
        if place not in kept.done  # else it had ended before the execution was redriven
    ]
    for thread in threads:
        thread.start()
    failure = next(
        (it for it in (_failure(env, frames[ended.get()]) for _ in threads) if it is not None), None
    )
    if failure is not None:
        for frame in frames:
            frame.set_stop(datetime.now(UTC), None, None)
    for thread in threads:
        thread.join(_STOP_SECONDS)
    for frame in frames:
        env.close_frame(frame)
    if failure is not None:
        raise failure
    env.stack.append([kept.done.get(place) for place in places])
    progress.end(env, name)


def _failure(env: Environment, branch: Environment) -> FailureEventException | None:
    state = branch.program_state()
    if not isinstance(state, ProgramError):
        return None
    error: Any = state.error or {}
    details: Any = {"executionFailedEventDetails": error}
    event = FailureEvent(env, ErrorName(error.get("error")), HistoryEventType.ExecutionFailed, details)
    return FailureEventException(event)
