"""RedriveExecution: a failed execution goes on from where it failed, with the definition that it was started with."""

import time
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import (
    ExecutionNotRedrivable,
    ExecutionRedrivenEventDetails,
    ExecutionStatus,
    HistoryEventType,
)
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.responses import StepFunctionResponse

from headrace_local import strict_json
from headrace_local.events.executions import changed
from headrace_local.patching import add
from headrace_local.stepfunctions import progress
from headrace_local.stepfunctions.map_definition import maps
from headrace_local.stepfunctions.record import (
    KEPT,
    REDRIVEN_AT,
    REDRIVES,
    history,
    redrivable,
    redrive_count,
)
from headrace_local.stepfunctions.shapes import iso

_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.005


def install() -> None:
    """Give the API what it lacks."""
    answer_redrive()


def answer_redrive() -> None:
    """Answer RedriveExecution, which moto/stepfunctions/responses.py does not have."""

    def answer(response: Any) -> ActionResult:
        execution = response.stepfunction_backend.describe_execution(response._get_param("executionArn"))
        redrive(execution)
        return ActionResult({"redriveDate": execution.__dict__[REDRIVEN_AT]})

    add(StepFunctionResponse, "redrive_execution", answer)


def redrive(execution: Any) -> None:
    """Have an execution go on; raise `ExecutionNotRedrivable` with the reason when it cannot.

    States that succeeded do not run again, nor do iterations and branches; the others start anew, with the input
    that they had and all of their retries.
    """
    state = redrivable(execution)
    if state["redriveStatus"] != "REDRIVABLE":
        reason = state.get("redriveStatusReason", "the executions of a Map run are redriven by its execution")
        raise ExecutionNotRedrivable(reason)
    where = progress.of_execution(execution)
    distributed = _distributed_maps(execution.state_machine.definition)
    inside = sorted({name for name, _ in where.current.values()} & distributed)
    if inside:
        raise ExecutionNotRedrivable(
            f"The local AWS does not redrive a distributed Map, and '{inside[0]}' is one."
        )
    _wait_until_it_is_over(execution)
    where.resume()
    execution.__dict__ |= {REDRIVES: redrive_count(execution) + 1, REDRIVEN_AT: datetime.now(UTC)}
    execution.exec_status = ExecutionStatus.RUNNING
    execution.stop_date = execution.error = execution.cause = execution.output = None
    worker = execution._get_start_execution_worker()
    worker.__class__ = _Redriven
    execution.exec_worker = worker
    changed(execution)
    worker.start()


def _wait_until_it_is_over(execution: Any) -> None:
    """Wait until the thread of a stopped execution has written its last event."""
    deadline = time.monotonic() + _STOP_SECONDS
    while KEPT not in execution.__dict__ and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _distributed_maps(definition: str) -> set[str]:
    return {
        place.rpartition("/States/")[2]
        for place, state in maps(strict_json.loads(definition))
        if state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"
    }


class _Redriven(ExecutionWorker):
    """Evaluates a definition again; the history goes on where it ended."""

    def _execution_logic(self) -> None:
        program = self._get_evaluation_entrypoint()
        env = self._get_evaluation_environment()
        execution = self._execution_communication.execution  # type: ignore[attr-defined]
        events: Any = history(execution)
        env.event_manager._history_event_list.extend(events)
        env.event_manager._event_id_gen._next_id = len(events) + 1
        context = env.event_history_context
        context.source_event_id = context.last_published_event_id = len(events)
        count = redrive_count(execution)
        data: Any = env.states.context_object.context_object_data["Execution"]
        data |= {"RedriveCount": count, "RedriveTime": iso(execution.__dict__[REDRIVEN_AT])}
        details: Any = {"executionRedrivenEventDetails": ExecutionRedrivenEventDetails(redriveCount=count)}
        env.event_manager.add_event(context, HistoryEventType.ExecutionRedriven, details)
        self.env = env
        del execution.__dict__[KEPT]
        program.eval(env)
        self._execution_communication.terminated()
