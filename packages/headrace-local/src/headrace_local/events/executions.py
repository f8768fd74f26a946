"""What Step Functions reports of an execution: an event and a metric when it starts, and when it has ended."""

from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.stepfunctions.parser.api import ExecutionStatus, StateMachineType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution

from headrace_local.events import depth
from headrace_local.events.event import Json, in_utc, milliseconds
from headrace_local.events.rules import publish
from headrace_local.patching import replace

_METRICS = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}


def install() -> None:
    """Have executions report, and tasks act as a consequence of what started their execution."""
    report_the_start()
    report_the_end()
    keep_the_cause_of_an_execution()


def report_the_start() -> None:
    """Report an execution before its first state is entered; parser/backend/execution.py:294 reports nothing."""

    def start(execution: Any) -> None:  # noqa: ANN401 - moto's interpreter is barely typed
        depth.remember(execution.execution_arn)
        if not execution.exec_worker:
            execution.exec_status = ExecutionStatus.RUNNING
            changed(execution)
        stock(execution)

    stock = replace(Execution, "start", start)


def report_the_end() -> None:
    """Report the end of an execution when clients can see it; parser/backend/execution.py:84 reports nothing."""

    def reflect(communication: Any) -> None:  # noqa: ANN401 - moto's interpreter is barely typed
        stock(communication)
        changed(communication.execution)

    stock = replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", reflect)


def keep_the_cause_of_an_execution() -> None:
    """Have a task know how many rules led to it, in whichever thread it runs.

    Not a fault of parser/asl/component/state/exec/state_task/service/state_task_service.py:329: moto has no rule
    that could loop.
    """

    def evaluate(task: Any, env: Any) -> None:  # noqa: ANN401 - moto's interpreter is barely typed
        execution = env.states.context_object.context_object_data["Execution"]["Id"]
        with depth.at_depth(depth.of(execution)):
            stock(task, env)

    stock = replace(StateTaskService, "_eval_execution", evaluate)


def changed(execution: Json) -> None:
    """Report the status of an execution that has just started or ended; of an Express one AWS reports nothing."""
    if execution.sm_type == StateMachineType.EXPRESS:
        return
    _, _, _, region, account, _ = execution.execution_arn.split(":", 5)
    with depth.at_depth(depth.current() or depth.of(execution.execution_arn)):
        publish(
            account,
            region,
            "aws.states",
            "Step Functions Execution Status Change",
            [execution.execution_arn],
            _detail(execution),
        )
        _count(execution, account, region)


def _detail(execution: Json) -> dict[str, Json]:
    succeeded = execution.status == "SUCCEEDED"
    ended = execution.status != "RUNNING"
    return {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "name": execution.name,
        "status": execution.status,
        "startDate": milliseconds(execution.start_date),
        "stopDate": milliseconds(execution.stop_date) if ended else None,
        "input": execution.execution_input,
        "output": to_json_str(execution.output, (",", ":")) if succeeded else None,
        "inputDetails": {"included": True},
        "outputDetails": {"included": True} if succeeded else None,
        "error": execution.error if ended else None,
        "cause": execution.cause if ended else None,
    }


def _count(execution: Json, account: str, region: str) -> None:
    """Put the metrics of AWS/States, which alarms watch."""
    dimensions = [{"Name": "StateMachineArn", "Value": execution.state_machine_arn}]
    now = datetime.now(UTC)
    metrics = [(_METRICS[execution.status], 1.0, "Count")]
    if execution.status != "RUNNING":
        seconds = (in_utc(execution.stop_date) - in_utc(execution.start_date)).total_seconds()
        metrics.append(("ExecutionTime", seconds * 1000, "Milliseconds"))
    data = [
        {"MetricName": name, "Value": value, "Unit": unit, "Dimensions": dimensions, "Timestamp": now}
        for name, value, unit in metrics
    ]
    cloudwatch_backends[account][region].put_metric_data("AWS/States", data)
