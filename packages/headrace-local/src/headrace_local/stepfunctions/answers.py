"""What the API says of executions."""

from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser import api
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.responses import StepFunctionResponse

from headrace_local.patching import replace
from headrace_local.stepfunctions.history import without_data
from headrace_local.stepfunctions.map_runs import map_run
from headrace_local.stepfunctions.record import REDRIVEN_AT, history, redrivable, redrive_count, status

_PAGE = 100


def install() -> None:
    """Correct the answers on executions."""
    name_every_error()
    describe_every_end()
    stop_with_error_and_cause()
    list_by_machine_and_by_map_run()
    page_the_history()
    describe_the_machine_as_it_was()


def name_every_error() -> None:
    """Give their codes to the errors of the interpreter; parser/api.py:228-428 puts them where none is read.

    A refused definition was an error without a code, which no client can tell from any other.
    """
    for error in vars(api).values():
        if isinstance(error, type) and issubclass(error, AWSError) and hasattr(error, "code"):
            replace(error, "TYPE", error.code)


def describe_every_end() -> None:
    """Describe an execution whatever its end, with its output as JSON text.

    moto/stepfunctions/responses.py:285-351 gives no stopDate to one that timed out, and an output that is a text
    without its quotes.
    """

    def describe(response: StepFunctionResponse) -> ActionResult:
        arn = response._get_param("executionArn")
        return ActionResult(_described(response.stepfunction_backend.describe_execution(arn)))

    replace(StepFunctionResponse, "describe_execution", describe)


def _described(execution: Any) -> dict[str, Any]:
    now = status(execution)
    answer: dict[str, Any] = {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": now,
        "startDate": execution.start_date,
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "redriveCount": redrive_count(execution),
        **redrivable(execution),
    }
    if REDRIVEN_AT in execution.__dict__:
        answer["redriveDate"] = execution.__dict__[REDRIVEN_AT]
    if "map_run_arn" in execution.__dict__:
        answer["mapRunArn"] = execution.map_run_arn
    if now != "RUNNING":
        answer["stopDate"] = execution.stop_date
    if now == "SUCCEEDED":
        answer |= {"output": to_json_str(execution.output, (",", ":")), "outputDetails": {"included": True}}
    if now != "RUNNING":
        answer |= {key: value for key in ("error", "cause") if (value := getattr(execution, key)) is not None}
    return answer


def list_by_machine_and_by_map_run() -> None:
    """List the executions of a machine or of a Map run, by status, a page at a time.

    moto/stepfunctions/responses.py:285 knows no Map runs, and gives no stopDate to one that timed out.
    """

    def listed(response: StepFunctionResponse) -> ActionResult:
        parameter = response._get_param
        backend = response.stepfunction_backend
        if parameter("mapRunArn"):
            executions = map_run(backend, parameter("mapRunArn")).executions
        else:
            executions = backend.describe_state_machine(parameter("stateMachineArn")).executions
        wanted, redriven = parameter("statusFilter"), parameter("redriveFilter")
        found = [
            _item(execution)
            for execution in sorted(executions, key=lambda it: it.start_date, reverse=True)
            if wanted in {None, status(execution)}
            and redriven in {None, "REDRIVEN" if redrive_count(execution) else "NOT_REDRIVEN"}
        ]
        return ActionResult(_page(response, "executions", found))

    replace(StepFunctionResponse, "list_executions", listed)


def _item(execution: Any) -> dict[str, Any]:
    described = _described(execution)
    kept = (
        "executionArn",
        "stateMachineArn",
        "name",
        "status",
        "startDate",
        "stopDate",
        "mapRunArn",
        "redriveCount",
    )
    return {key: described[key] for key in kept if key in described}


def _page(response: StepFunctionResponse, key: str, found: list[Any]) -> dict[str, Any]:
    parameter = response._get_param
    size = int(parameter("maxResults") or 0) or _PAGE
    start = int(parameter("nextToken") or 0)
    answer: dict[str, Any] = {key: found[start : start + size]}
    if start + size < len(found):
        answer["nextToken"] = str(start + size)
    return answer


def stop_with_error_and_cause() -> None:
    """Pass on what StopExecution was given; moto/stepfunctions/responses.py:353 reads the ARN only."""

    def stop(response: StepFunctionResponse) -> ActionResult:
        parameter = response._get_param
        execution = response.stepfunction_backend.describe_execution(parameter("executionArn"))
        execution.stop(datetime.now(UTC), parameter("error"), parameter("cause"))
        return ActionResult({"stopDate": execution.stop_date})

    replace(StepFunctionResponse, "stop_execution", stop)


def page_the_history() -> None:
    """Heed reverseOrder, maxResults and includeExecutionData; moto/stepfunctions/responses.py:359 heeds none of them."""

    def get_history(response: StepFunctionResponse) -> ActionResult:
        parameter = response._get_param
        execution = response.stepfunction_backend.describe_execution(parameter("executionArn"))
        events = history(execution)
        if parameter("reverseOrder"):
            events.reverse()
        if parameter("includeExecutionData") is False:
            events = [without_data(event) for event in events]
        return ActionResult(_page(response, "events", events))

    replace(StepFunctionResponse, "get_execution_history", get_history)


def describe_the_machine_as_it_was() -> None:
    """Describe the machine of an execution as it was when that started; moto/stepfunctions/models.py:869 gives today's."""

    def describe(response: StepFunctionResponse) -> ActionResult:
        execution: Any = response.stepfunction_backend.describe_execution(response._get_param("executionArn"))
        machine = execution.state_machine
        answer = {
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "definition": machine.definition,
            "roleArn": execution.role_arn,
            "updateDate": machine.update_date,
            "loggingConfiguration": machine.loggingConfiguration,
            "tracingConfiguration": machine.tracingConfiguration,
        }
        if "map_run_arn" in execution.__dict__:
            answer["mapRunArn"] = execution.map_run_arn
        return ActionResult(answer)

    replace(StepFunctionResponse, "describe_state_machine_for_execution", describe)
