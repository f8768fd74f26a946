"""Stock moto still has the faults that `infra.local.stepfunctions` corrects: a row that fails is a correction to drop."""

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
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.asl.utils.json_path import extract_json
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
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


def a_definite_path_gives_a_list() -> bool:
    return bool(extract_json("$.items[0].name", {"items": [{"name": "a"}]}) == ["a"])


def tasks_have_fixed_credentials() -> bool:
    # Read from the code: `mock_aws` replaces what a client has of them.
    return {"ak", "sk"} <= set(boto_client_for.__code__.co_consts)


def sagemaker_is_unsupported() -> bool:
    return "sagemaker" in state_task_service_factory._UNSUPPORTED_SERVICE_NAMES


def parameters_keep_their_case() -> bool:
    given = {"LogGroupName": "/group"}
    StateTaskServiceAwsSdk()._normalise_parameters(given, "logs", "createLogGroup")
    return given == {"LogGroupName": "/group"}


def errors_of_s3_are_in_lower_case() -> bool:
    return StateTaskServiceAwsSdk._normalise_service_error_name("s3") == "s3"


def errors_of_step_functions_cannot_pass() -> bool:
    with pytest.raises(ValueError, match=r"States\."):
        CustomErrorName("States.TaskFailed")
    return True


def a_retry_sleeps_through_a_stop() -> bool:
    return "sleep" in RetrierDecl._eval_body.__code__.co_names


def the_entered_time_has_an_offset() -> bool:
    return "isoformat" in CommonStateField._eval_body.__code__.co_names


def a_text_loses_its_quotes() -> bool:
    return bool(described_output() == "text")


def a_stop_reads_the_arn_only() -> bool:
    return parameters_read(StepFunctionResponse.stop_execution) == {"executionArn"}


def a_history_reads_the_arn_only() -> bool:
    return parameters_read(StepFunctionResponse.get_execution_history) == {"executionArn"}


def errors_have_no_code() -> bool:
    return getattr(InvalidDefinition, "TYPE", None) != InvalidDefinition.code


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
        (a_definite_path_gives_a_list, "stepfunctions/parser/asl/utils/json_path.py:66"),
        (tasks_have_fixed_credentials, "stepfunctions/parser/asl/utils/boto_client.py:14"),
        (sagemaker_is_unsupported, "stepfunctions/.../state_task_service_factory.py:57"),
        (parameters_keep_their_case, "stepfunctions/.../state_task_service.py:208"),
        (errors_of_s3_are_in_lower_case, "stepfunctions/.../state_task_service_aws_sdk.py:48"),
        (errors_of_step_functions_cannot_pass, "stepfunctions/.../fail/state_fail.py:45"),
        (a_retry_sleeps_through_a_stop, "stepfunctions/.../retry/retrier_decl.py:107"),
        (the_entered_time_has_an_offset, "stepfunctions/.../state/state.py:227"),
        (a_text_loses_its_quotes, "stepfunctions/responses.py:336"),
        (a_stop_reads_the_arn_only, "stepfunctions/responses.py:353"),
        (a_history_reads_the_arn_only, "stepfunctions/responses.py:359"),
        (errors_have_no_code, "stepfunctions/parser/api.py:228"),
    ],
)
def test_stock_moto_has_the_fault(fault: Callable[[], bool], place: str) -> None:
    """The correction is needed: moto as it comes, in this process, does what the row says."""
    with mock_aws(config={"stepfunctions": {"execute_state_machine": fault is not nothing_runs}}):
        assert fault(), f"moto/{place} is mended: drop the correction"
