"""Where an execution is: the state that each of its branches and iterations is in, with its input.

A redriven execution goes on from there. A position is the way to a branch or an iteration: () is the execution itself,
("Each", 3) the fourth iteration of its Map "Each".
"""

from dataclasses import dataclass, field
from typing import Any

from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from headrace_local.patching import replace

Json = Any
Position = tuple[str | int, ...]
_KEPT = "_progress"
_POSITION = "_position"


@dataclass
class Progress:
    """The states that an execution is in, and the outputs of branches and iterations whose state has not ended."""

    current: dict[Position, tuple[str, Json]] = field(default_factory=dict)
    done: dict[Position, Json] = field(default_factory=dict)
    resumed: set[Position] = field(default_factory=set)  # what goes on where it was, once

    def resume(self) -> None:
        """Have every branch and iteration go on where it was when it is next started."""
        self.resumed = set(self.current) | {(*position, name) for position, (name, _) in self.current.items()}

    def forget(self, position: Position) -> None:
        """Forget what is inside a position."""
        for kept in (self.current, self.done):
            for found in [it for it in list(kept) if it[: len(position)] == position]:
                kept.pop(found, None)
        self.resumed -= {it for it in self.resumed if it[: len(position)] == position}


def install() -> None:
    """Have executions know where they are."""
    track_positions()
    note_every_state()
    start_where_it_was()


def of_execution(execution: Any) -> Progress:
    """Return the progress of an execution."""
    found: Progress = execution.__dict__.setdefault(_KEPT, Progress())
    return found


def of(env: Environment) -> Progress:
    """Return the progress of the execution that is evaluated."""
    found: Progress = env.__dict__.setdefault(_KEPT, Progress())
    return found


def position_of(env: Environment) -> Position:
    """Return the position that is evaluated."""
    found: Position = env.__dict__.get(_POSITION, ())
    return found


def enter(frame: Environment, outer: Environment, state: str, index: int) -> Position:
    """Say that a frame evaluates a branch or an iteration of a state; return its position."""
    position = (*position_of(outer), state, index)
    frame.__dict__[_POSITION] = position
    return position


def begin(env: Environment, state: str) -> None:
    """Start a Map or a Parallel: forget what its last attempt did, unless it goes on after a redrive."""
    position, progress = (*position_of(env), state), of(env)
    if position in progress.resumed:
        progress.resumed.discard(position)
    else:
        progress.forget(position)


def end(env: Environment, state: str) -> None:
    """End a Map or a Parallel that has succeeded: nothing in it will be redriven."""
    of(env).forget((*position_of(env), state))


def track_positions() -> None:
    """Let every frame of an evaluation (asl/eval/environment.py:101) know its execution's progress and its position."""

    def framed(cls: Any, env: Environment, *arguments: Any, **named: Any) -> Environment:
        frame: Environment = stock(cls, env, *arguments, **named)
        frame.__dict__ |= {_KEPT: of(env), _POSITION: position_of(env)}
        return frame

    stock = Environment.as_inner_frame_of.__func__  # type: ignore[attr-defined] # that of a class method
    replace(Environment, "as_inner_frame_of", classmethod(framed))

    def environment(worker: Any) -> Environment:
        env: Environment = stock_environment(worker)
        env.__dict__[_KEPT] = of_execution(worker._execution_communication.execution)
        # As AWS has it in $$; a redriven execution counts on.
        data: Any = env.states.context_object.context_object_data["Execution"]
        data["RedriveCount"] = 0
        return env

    stock_environment = replace(ExecutionWorker, "_get_evaluation_environment", environment)


def note_every_state() -> None:
    """Note the state that is entered, with its input."""

    def entered(state: Any, env: Environment) -> None:
        of(env).current[position_of(env)] = (state.name, env.states.get_input())
        stock(state, env)

    stock = replace(CommonStateField, "_eval_body", entered)


def start_where_it_was() -> None:
    """Start a branch, an iteration or the execution at the state where it was, if it is redriven."""

    def evaluate(program: Any, env: Environment) -> None:
        position, progress = position_of(env), of(env)
        if position in progress.resumed:
            progress.resumed.discard(position)
            env.next_state_name, given = progress.current[position]
            env.states.reset(given)
        stock(program, env)

    stock = replace(Program, "_eval_body", evaluate)
