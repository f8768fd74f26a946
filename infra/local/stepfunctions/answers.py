"""What the API says of executions."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser import api
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.responses import StepFunctionResponse

from infra.local.replacing import replace
from infra.local.stepfunctions.record import history

_HISTORY_PAGE = 100


def install() -> None:
    """Correct the answers on executions."""
    name_every_error()
    describe_every_end()
    stop_with_error_and_cause()
    page_the_history()


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
    replace(StepFunctionResponse, "list_executions", _listing(StepFunctionResponse.list_executions))


def _described(execution: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.start_date,
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "redriveCount": 0,
    }
    if execution.status != "RUNNING":
        answer["stopDate"] = execution.stop_date
    if execution.status == "SUCCEEDED":
        answer |= {"output": to_json_str(execution.output, (",", ":")), "outputDetails": {"included": True}}
    answer |= {key: value for key in ("error", "cause") if (value := getattr(execution, key)) is not None}
    return answer


def _listing(stock: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
    def listed(response: StepFunctionResponse) -> ActionResult:
        answer = stock(response)
        found: Any = answer.result
        backend = response.stepfunction_backend
        for item in found["executions"]:
            if item["status"] != "RUNNING":
                item["stopDate"] = backend.describe_execution(item["executionArn"]).stop_date
        return answer

    return listed


def stop_with_error_and_cause() -> None:
    """Pass on what StopExecution was given; moto/stepfunctions/responses.py:353 reads the ARN only."""

    def stop(response: StepFunctionResponse) -> ActionResult:
        parameter = response._get_param
        execution = response.stepfunction_backend.describe_execution(parameter("executionArn"))
        execution.stop(datetime.now(UTC), parameter("error"), parameter("cause"))
        return ActionResult({"stopDate": execution.stop_date})

    replace(StepFunctionResponse, "stop_execution", stop)


def page_the_history() -> None:
    """Heed reverseOrder and maxResults of GetExecutionHistory; moto/stepfunctions/responses.py:359 heeds neither."""

    def get_history(response: StepFunctionResponse) -> ActionResult:
        parameter = response._get_param
        execution = response.stepfunction_backend.describe_execution(parameter("executionArn"))
        events = history(execution)
        if parameter("reverseOrder"):
            events.reverse()
        size = int(parameter("maxResults") or 0) or _HISTORY_PAGE
        start = int(parameter("nextToken") or 0)
        answer: dict[str, Any] = {"events": events[start : start + size]}
        if start + size < len(events):
            answer["nextToken"] = str(start + size)
        return ActionResult(answer)

    replace(StepFunctionResponse, "get_execution_history", get_history)
