"""Executions: their names, and their end by StopExecution."""

import sys
import time
from collections import deque
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends

from headrace_local.context import current
from headrace_local.events.executions import changed
from headrace_local.patching import replace
from headrace_local.stepfunctions import ends, history, map_runs, progress
from headrace_local.stepfunctions.record import keep_the_history_only

ENDED_BY_SERVER = "LocalAws.Stopped"
_IS_UNREPORTED = "_is_unreported"  # of an execution whose end no rule has heard of
_PACKAGE = "moto.stepfunctions.parser."
_START_SECONDS = 30.0
_POLL_SECONDS = 0.005


def install() -> None:
    """Correct how executions are named and how they end."""
    name_every_execution()
    keep_error_and_cause_of_a_stop()
    name_the_error_of_a_timeout()
    forget_threads_that_have_ended()


def name_every_execution() -> None:
    """Give a name to an execution that is started without one, and refuse an invalid one.

    parser/models.py:205 takes None for the name, so the ARN ends in `:None` and no second one can start.
    """

    def start(
        backend: Any,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> Any:
        if name:
            backend._validate_name(name)
        started = stock(backend, state_machine_arn, name or str(uuid4()), execution_input, trace_header)
        current().save_soon()
        return started

    stock = replace(StepFunctionsParserBackend, "start_execution", start)


def keep_error_and_cause_of_a_stop() -> None:
    """Show a stopped execution as ABORTED at once, with the error and the cause that were given.

    parser/backend/execution.py:77 drops both.
    """

    def stop(execution: Any, stop_date: datetime, error: str | None, cause: str | None) -> None:
        _wait_until_it_runs(execution)
        if execution.exec_status == ExecutionStatus.RUNNING:
            history.close(execution.exec_worker.env.event_manager)
            stock(execution, stop_date, error or None, cause or None)
            _reflect(execution)

    stock = replace(Execution, "stop", stop)


def name_the_error_of_a_timeout() -> None:
    """Give States.Timeout as the error of an execution that timed out; parser/backend/execution.py:83 gives none."""

    def reflect(communication: Any) -> None:
        stock(communication)
        _reflect(communication.execution)
        if communication.execution.exec_status == ExecutionStatus.SUCCEEDED:
            progress.of_execution(communication.execution).forget(())
        keep_the_history_only(communication.execution)
        ends.notify(communication.execution)
        if map_runs.is_child(communication.execution):  # one of perhaps thousands
            current().unsaved.set()
        else:
            current().save_soon()

    stock = replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", reflect)


def forget_threads_that_have_ended() -> None:
    """Do not keep the threads: parser/utils.py:5 collects them in a list that is never emptied."""
    for name, module in list(sys.modules.items()):
        if name.startswith(_PACKAGE) and hasattr(module, "TMP_THREADS"):
            replace(module, "TMP_THREADS", deque(maxlen=0))


def _reflect(execution: Any) -> None:
    ended = execution.exec_worker.env.program_state()
    if isinstance(ended, ProgramStopped):
        execution.exec_status = ExecutionStatus.ABORTED
        execution.stop_date, execution.error, execution.cause = ended.stop_date, ended.error, ended.cause
    elif isinstance(ended, ProgramTimedOut):
        execution.error = "States.Timeout"


def _wait_until_it_runs(execution: Any) -> None:
    """Wait until the thread of an execution has read its definition: a stop before that would be lost."""
    deadline = time.monotonic() + _START_SECONDS
    while execution.exec_status == ExecutionStatus.RUNNING and time.monotonic() < deadline:
        env = execution.exec_worker.env
        if env is not None and env.is_running():
            return
        time.sleep(_POLL_SECONDS)


def stop_all() -> None:
    """Stop every execution that runs: the server ends, and none can go on after it."""
    for execution in _running():
        execution.__dict__[_IS_UNREPORTED] = True
        execution.stop(datetime.now(UTC), ENDED_BY_SERVER, "the local AWS was stopped")


def abort_lost() -> None:
    """Record the end of the executions that a killed server left running: the state has them, no thread does.

    Report it, too, and the end of those that the server stopped as it ended: no rule could start anything then.
    """
    for execution in _running():
        execution.exec_status = ExecutionStatus.ABORTED
        execution.stop_date = datetime.now(UTC)
        execution.error, execution.cause = ENDED_BY_SERVER, "the local AWS was killed while it ran"
        execution.__dict__[_IS_UNREPORTED] = True
    for execution in _all():
        if execution.__dict__.pop(_IS_UNREPORTED, False):
            changed(execution)


def _running() -> list[Any]:
    return [execution for execution in _all() if execution.exec_status == ExecutionStatus.RUNNING]


def _all() -> list[Any]:
    backends: list[Any] = [backend for _, _, backend in stepfunctions_parser_backends.iter_backends()]
    return [execution for backend in backends for execution in map_runs.all_executions(backend)]
