"""Stock moto still evaluates states in the ways that `headrace_local.stepfunctions` corrects; see `test_stock`."""

# ruff: noqa: SLF001 - the interpreter has no public face

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser, ASLParserException
from moto.stepfunctions.parser.asl.parse.intrinsic.intrinsic_parser import IntrinsicParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils.json_path import extract_json

PASS = {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": True}}}


def cannot_be_read(state: dict[str, Any]) -> bool:
    definition = {"StartAt": "Do", "States": {"Do": state | {"End": True}}}
    try:
        AmazonStateLanguageParser.parse(json.dumps(definition))
    except ASLParserException:
        return True
    return False


def an_event_follows_the_last_one() -> bool:
    manager, context = EventManager(), EventHistoryContext.of_program_start()
    for kind in (HistoryEventType.ExecutionSucceeded, HistoryEventType.PassStateEntered):
        manager.add_event(context, kind)
    return len(manager.get_event_history()) == 2


def a_runtime_error_is_caught() -> bool:
    env: Any = SimpleNamespace(stack=[ErrorName("States.Runtime")])
    ErrorEqualsDecl([StatesErrorName(StatesErrorNameType.StatesALL)])._eval_body(env)
    return env.stack == [True]


def parsers_share_a_list() -> bool:
    return isinstance(vars(Preprocessor)["_query_language_per_scope"], list)


def an_exponent_cannot_be_read() -> bool:
    return cannot_be_read({"Type": "Pass", "Result": {"rate": 1e-05}})


def a_batcher_cannot_be_read() -> bool:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **PASS}
    return cannot_be_read({"Type": "Map", "ItemProcessor": processor, "ItemBatcher": {"MaxItemsPerBatch": 2}})


def a_fraction_cannot_be_read() -> bool:
    with pytest.raises(AttributeError):
        IntrinsicParser.parse("States.MathAdd(1.5, 1)")
    return True


def a_quote_cannot_be_escaped() -> bool:
    function: Any = IntrinsicParser.parse(r"States.Format('it\\'s')")[0]
    return function.argument_list.arguments[0].definition_value != "it's"


def a_timestamp_has_no_offset() -> bool:
    return Timestamp._from_timestamp_string("2026-01-01T00:00:00+01:00") is None


def a_definite_path_gives_a_list() -> bool:
    return bool(extract_json("$.items[0].name", {"items": [{"name": "a"}]}) == ["a"])


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


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        (an_event_follows_the_last_one, "stepfunctions/parser/asl/eval/event/event_manager.py:72"),
        (a_runtime_error_is_caught, "stepfunctions/.../error_name/error_equals_decl.py:47"),
        (parsers_share_a_list, "stepfunctions/parser/asl/parse/preprocessor.py:339"),
        (an_exponent_cannot_be_read, "stepfunctions/parser/asl/antlr/runtime/ASLLexer.py"),
        (a_batcher_cannot_be_read, "stepfunctions/parser/asl/antlr/runtime/ASLLexer.py"),
        (a_fraction_cannot_be_read, "stepfunctions/parser/asl/parse/intrinsic/preprocessor.py:75"),
        (a_quote_cannot_be_escaped, "stepfunctions/parser/asl/parse/intrinsic/intrinsic_parser.py:18"),
        (a_timestamp_has_no_offset, "stepfunctions/.../wait/wait_function/timestamp.py:66"),
        (a_definite_path_gives_a_list, "stepfunctions/parser/asl/utils/json_path.py:66"),
        (sagemaker_is_unsupported, "stepfunctions/.../state_task_service_factory.py:57"),
        (parameters_keep_their_case, "stepfunctions/.../state_task_service.py:208"),
        (errors_of_s3_are_in_lower_case, "stepfunctions/.../state_task_service_aws_sdk.py:48"),
        (errors_of_step_functions_cannot_pass, "stepfunctions/.../fail/state_fail.py:45"),
    ],
)
def test_stock_moto_has_the_fault(fault: Callable[[], bool], place: str) -> None:
    """The correction is needed: moto as it comes, in this process, does what the row says."""
    assert fault(), f"moto/{place} is mended: drop the correction"
