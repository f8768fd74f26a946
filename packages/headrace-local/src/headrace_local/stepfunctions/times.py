"""Times: in the context object ($$) as AWS writes them, and those that a Wait waits for."""

from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.backend.execution import Execution

from headrace_local.patching import replace
from headrace_local.stepfunctions.shapes import iso


def install() -> None:
    """Correct the times in the context object, and the end of a Wait."""
    give_start_time_as_text()
    give_entered_time_in_the_same_form()
    wait_for_the_moment_in_utc()


def give_start_time_as_text() -> None:
    """Make $$.Execution.StartTime a text: parser/backend/execution.py:266 gives a datetime.

    An output that holds it cannot be answered: DescribeExecution is an error 500.
    """

    def details(execution: Any) -> Any:
        found = stock(execution)
        found.start_time = iso(execution.start_date)
        return found

    stock = replace(Execution, "get_start_execution_details", details)


def give_entered_time_in_the_same_form() -> None:
    """Write $$.State.EnteredTime as AWS does; asl/component/state/state.py:227 writes +00:00 and microseconds."""

    def evaluated_input(state: Any, env: Any) -> None:
        env.states.context_object.context_object_data["State"]["EnteredTime"] = iso(datetime.now(UTC))
        stock(state, env)

    stock = replace(CommonStateField, "_eval_state_input", evaluated_input)


def wait_for_the_moment_in_utc() -> None:
    """Read the timestamp of a Wait as what it is, with its offset and its fractions of a second.

    asl/component/state/wait/wait_function/timestamp.py:66 takes it for a local time, refuses any offset but Z, and
    drops the fractions of the moment and of the wait, so that the Wait ends up to two seconds early.
    """
    replace(Timestamp, "_from_timestamp_string", staticmethod(_moment))
    replace(Timestamp, "_get_wait_seconds", _seconds_until)


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None and "T" in text else None


def _seconds_until(wait: Any, env: Any) -> float:
    wait.string.eval(env=env)
    text = env.stack.pop()
    moment = _moment(text)
    if moment is None:
        raise FailureEventException(wait._create_failure_event(env, text))
    return (moment - datetime.now(UTC)).total_seconds()
