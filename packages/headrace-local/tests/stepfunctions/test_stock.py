"""Stock moto still has the faults that `headrace_local.stepfunctions` corrects: a row that fails is a correction to drop."""

# ruff: noqa: SLF001 - the interpreter has no public face

import json
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.config import default_user_config
from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.parser.utils import TMP_THREADS
from moto.stepfunctions.responses import StepFunctionResponse

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PASS = {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": True}}}
ROLE = "arn:aws:iam::123456789012:role/nobody"


def client() -> Any:
    return boto3.client("stepfunctions", region_name="us-east-1")


def machine(definition: Any) -> str:
    made = client().create_state_machine(name="stock", definition=json.dumps(definition), roleArn=ROLE)
    return str(made["stateMachineArn"])


def reflected(end: Any) -> dict[str, Any]:
    """Return what an execution has of its end."""
    worker = SimpleNamespace(env=SimpleNamespace(program_state=lambda: end))
    execution: Any = SimpleNamespace(exec_worker=worker)
    BaseExecutionWorkerCommunication(execution)._reflect_execution_status()
    return vars(execution)


def parameters_read(operation: Callable[[Any], Any]) -> set[str]:
    """Return the names of the parameters that an operation looks at."""
    read: set[str] = set()
    execution = SimpleNamespace(stop_date=NOW)
    backend = SimpleNamespace(stop_execution=lambda _: execution, get_execution_history=lambda _: {})
    operation(SimpleNamespace(_get_param=read.add, stepfunction_backend=backend))
    return read


def described_output() -> Any:
    execution = SimpleNamespace(status="SUCCEEDED", output="text", error=None, cause=None, start_date=NOW)
    for name in ("execution_input", "name", "state_machine_arn", "stop_date", "output_details"):
        setattr(execution, name, None)
    backend = SimpleNamespace(describe_execution=lambda _: execution)
    response: Any = SimpleNamespace(_get_param=str, stepfunction_backend=backend)
    answer: Any = StepFunctionResponse.describe_execution(response).result
    return answer["output"]


def nothing_runs() -> bool:
    return default_user_config["stepfunctions"] == {"execute_state_machine": False}


def a_dangling_state_is_accepted() -> bool:
    StepFunctionsParserBackend._validate_definition(
        json.dumps({"StartAt": "Do", "States": {"Do": {"Type": "Pass", "Next": "Gone"}}})
    )
    return True


def a_taken_name_is_given_again() -> bool:
    other = {"StartAt": "Other", "States": {"Other": {"Type": "Pass", "End": True}}}
    return machine(PASS) == machine(other)


def a_role_that_is_not_there_will_do() -> bool:
    return bool(machine(PASS))


def an_execution_without_a_name_is_named_none() -> bool:
    started = client().start_execution(stateMachineArn=machine(PASS))
    return str(started["executionArn"]).endswith(":None")


def a_stop_loses_error_and_cause() -> bool:
    return "error" not in reflected(ProgramStopped(stop_date=NOW, error="Mine", cause="enough"))


def a_timeout_has_no_error() -> bool:
    return "error" not in reflected(ProgramTimedOut())


def the_start_time_is_no_text() -> bool:
    execution: Any = SimpleNamespace(exec_arn="", name="", role_arn="", input_data={}, start_date=NOW)
    return isinstance(Execution.get_start_execution_details(execution).start_time, datetime)


def a_text_loses_its_quotes() -> bool:
    return bool(described_output() == "text")


def a_stop_reads_the_arn_only() -> bool:
    return parameters_read(StepFunctionResponse.stop_execution) == {"executionArn"}


def a_history_reads_the_arn_only() -> bool:
    return parameters_read(StepFunctionResponse.get_execution_history) == {"executionArn"}


def errors_have_no_code() -> bool:
    return getattr(InvalidDefinition, "TYPE", None) != InvalidDefinition.code


def threads_are_kept() -> bool:
    return isinstance(TMP_THREADS, list)


def no_execution_is_redriven() -> bool:
    return not hasattr(StepFunctionResponse, "redrive_execution")


def no_definition_is_validated() -> bool:
    return not hasattr(StepFunctionResponse, "validate_state_machine_definition")


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        (nothing_runs, "core/config.py:56"),
        (a_dangling_state_is_accepted, "stepfunctions/parser/models.py:64"),
        (a_taken_name_is_given_again, "stepfunctions/models.py:646"),
        (a_role_that_is_not_there_will_do, "stepfunctions/parser/models.py:77"),
        (an_execution_without_a_name_is_named_none, "stepfunctions/parser/models.py:205"),
        (a_stop_loses_error_and_cause, "stepfunctions/parser/backend/execution.py:77"),
        (a_timeout_has_no_error, "stepfunctions/parser/backend/execution.py:83"),
        (the_start_time_is_no_text, "stepfunctions/parser/backend/execution.py:266"),
        (a_text_loses_its_quotes, "stepfunctions/responses.py:336"),
        (a_stop_reads_the_arn_only, "stepfunctions/responses.py:353"),
        (a_history_reads_the_arn_only, "stepfunctions/responses.py:359"),
        (errors_have_no_code, "stepfunctions/parser/api.py:228"),
        (threads_are_kept, "stepfunctions/parser/utils.py:5"),
        (no_execution_is_redriven, "stepfunctions/responses.py"),
        (no_definition_is_validated, "stepfunctions/responses.py"),
    ],
)
def test_stock_moto_has_the_fault(fault: Callable[[], bool], place: str) -> None:
    """The correction is needed: moto as it comes, in this process, does what the row says."""
    with mock_aws(config={"stepfunctions": {"execute_state_machine": fault is not nothing_runs}}):
        assert fault(), f"moto/{place} is mended: drop the correction"
