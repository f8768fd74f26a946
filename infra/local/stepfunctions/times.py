"""Times in the context object ($$), as AWS writes them."""

from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.backend.execution import Execution

from infra.local.replacing import replace
from infra.local.stepfunctions.shapes import iso


def install() -> None:
    """Correct the times in the context object."""
    give_start_time_as_text()
    give_entered_time_in_the_same_form()


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
