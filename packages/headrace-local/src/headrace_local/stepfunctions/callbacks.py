"""Callbacks: states that wait for a task token, and the calls that give it back."""

import json
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.parser import api
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackConsumerTimeout,
    CallbackOutcome,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
    HeartbeatTimeoutError,
)
from moto.stepfunctions.responses import StepFunctionResponse

from headrace_local import strict_json
from headrace_local.patching import replace
from headrace_local.stepfunctions.interruption import notified_at_end
from headrace_local.stepfunctions.map_runs import all_executions


def install() -> None:
    """Correct how tokens are waited for, and given back."""
    wait_in_a_way_that_can_end()
    let_a_missing_heartbeat_be_caught()
    take_tokens_back()


def wait_in_a_way_that_can_end() -> None:
    """End the wait for a token when its state ends, and let the token count no more.

    state_task/service/state_task_service_callback.py:152 waits on in a thread of its own after a timeout or a stop,
    and takes the token all the same.
    """

    def evaluate(task: Any, env: Any, *arguments: Any, **named: Any) -> None:
        token = env.states.context_object.context_object_data.get("Task", {}).get("Token")
        endpoint = env.callback_pool_manager.get(token)
        if endpoint is None:
            stock(task, env, *arguments, **named)
            return
        try:
            with notified_at_end(env, endpoint.interrupt_all):
                stock(task, env, *arguments, **named)
        finally:
            endpoint.report(CallbackConsumerTimeout())

    stock = replace(StateTaskServiceCallback, "_eval_integration_pattern", evaluate)


def let_a_missing_heartbeat_be_caught() -> None:
    """Let a Catch or Retry for States.HeartbeatTimeout see a heartbeat that did not come.

    state_task/state_task.py:95 takes it for any other timeout. The error that is reported is States.Timeout on AWS too.
    """

    def from_error(task: Any, env: Any, ex: Exception) -> Any:
        event = stock(task, env, ex)
        if isinstance(ex, HeartbeatTimeoutError):
            event.error_name = ErrorName("States.HeartbeatTimeout")
        return event

    stock = replace(StateTask, "_from_error", from_error)


def take_tokens_back() -> None:
    """Answer SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat.

    moto/stepfunctions/responses.py:366 loses the cause, parser/models.py:113 takes an output that is no JSON, and
    parser/models.py:98 knows no token whose state has no HeartbeatSeconds, nor one of a distributed Map.
    """

    def success(response: Any) -> ActionResult:
        output = response._get_param("output")
        try:
            strict_json.loads(output)
        except json.JSONDecodeError as error:
            raise api.InvalidOutput(f"Invalid Output: '{error}'") from error
        return _give(response, lambda token: CallbackOutcomeSuccess(token, output))

    def failure(response: Any) -> ActionResult:
        error, cause = response._get_param("error"), response._get_param("cause")
        return _give(response, lambda token: CallbackOutcomeFailure(token, error, cause))

    def heartbeat(response: Any) -> ActionResult:
        _endpoint(response).notify_heartbeat()
        return EmptyResult()

    replace(StepFunctionResponse, "send_task_success", success)
    replace(StepFunctionResponse, "send_task_failure", failure)
    replace(StepFunctionResponse, "send_task_heartbeat", heartbeat)


def _give(response: Any, outcome: Any) -> ActionResult:
    endpoint = _endpoint(response)
    given: CallbackOutcome = outcome(endpoint.callback_id)
    endpoint.notify(given)
    return EmptyResult()


def _endpoint(response: Any) -> Any:
    """Return who waits for the token of a request."""
    token = response._get_param("taskToken")
    for execution in all_executions(response.stepfunction_backend):
        env = execution.exec_worker.env if execution.exec_worker is not None else None
        endpoint = env.callback_pool_manager.get(token) if env is not None else None
        if endpoint is None:
            continue
        if endpoint.consumer_error is not None or execution.status != "RUNNING":
            raise api.TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'")
        return endpoint
    raise api.InvalidToken
