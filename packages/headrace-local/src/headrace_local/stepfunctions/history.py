"""The history of an execution: which events it has, and that it ends with the execution."""

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped

from headrace_local.patching import replace

_DATA = frozenset({"input", "inputDetails", "output", "outputDetails"})
_IS_CLOSING = "_is_closing"
_LAST = frozenset(
    {
        HistoryEventType.ExecutionAborted,
        HistoryEventType.ExecutionFailed,
        HistoryEventType.ExecutionSucceeded,
        HistoryEventType.ExecutionTimedOut,
    }
)


def install() -> None:
    """Correct what the history tells."""
    write_nothing_after_the_end()
    tell_of_aborted_states()


def close(manager: Any) -> None:
    """Let nothing be written any more but the end of the execution: it was stopped, or has timed out."""
    manager.__dict__[_IS_CLOSING] = True


def write_nothing_after_the_end() -> None:
    """Drop what the branches and iterations of an ended execution still have to say.

    asl/eval/event/event_manager.py:72 writes it behind the last event.
    """

    def add_event(manager: Any, context: Any, event_type: Any, *arguments: Any, **named: Any) -> int:
        if manager.__dict__.get(_IS_CLOSING) and event_type not in _LAST:
            return int(context.last_published_event_id)
        if event_type in _LAST:
            close(manager)
        return int(stock(manager, context, event_type, *arguments, **named))

    stock = replace(EventManager, "add_event", add_event)


def tell_of_aborted_states() -> None:
    """Write that a state was aborted because a branch or an iteration beside it failed.

    asl/component/state/state.py:220 just leaves it.
    """

    def evaluate(state: Any, env: Environment) -> None:
        stock(state, env)
        name = state.state_entered_event_type.name.removesuffix("Entered") + "Aborted"
        if name in HistoryEventType.__members__ and isinstance(env.program_state(), ProgramStopped):
            env.event_manager.add_event(env.event_history_context, HistoryEventType[name])

    stock = replace(CommonStateField, "_eval_body", evaluate)


def without_data(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event without the inputs and outputs of states and tasks."""
    return {key: _stripped(value) if key.endswith("EventDetails") else value for key, value in event.items()}


def _stripped(details: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in details.items() if key not in _DATA}
