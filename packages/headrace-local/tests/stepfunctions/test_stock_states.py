"""Stock moto still evaluates states in the ways that `headrace_local.stepfunctions` corrects; see `test_stock`."""

# ruff: noqa: SLF001 - the interpreter has no public face

import dis
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
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (
    InlineIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_worker import (
    IterationWorker,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.resource_eval.resource_eval_s3 import (
    ResourceEvalS3,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl import BranchesDecl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser, ASLParserException
from moto.stepfunctions.parser.asl.parse.intrinsic.intrinsic_parser import IntrinsicParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.asl.utils.json_path import extract_json

PASS = {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": True}}}


def names_of(function: Any) -> set[str]:
    """Return the names that the code of a function uses."""
    return set(function.__code__.co_names)


def cannot_be_read(state: dict[str, Any]) -> bool:
    definition = {"StartAt": "Do", "States": {"Do": state | {"End": True}}}
    try:
        AmazonStateLanguageParser.parse(json.dumps(definition))
    except ASLParserException:
        return True
    return False


def a_worker_calls_itself_for_each_item() -> bool:
    return "_eval_pool" in names_of(IterationWorker._eval_pool)


def the_other_iterations_run_on() -> bool:
    return not {"set_stop", "set_ended"} & names_of(InlineIterationComponent._eval_body)


def the_other_branches_are_not_waited_for() -> bool:
    return "join" not in names_of(BranchesDecl._eval_body)


def a_distributed_map_starts_no_executions() -> bool:
    return "JobPool" in names_of(DistributedIterationComponent._map_run)


def an_empty_manifest_is_written() -> bool:
    """The code names the kinds of files, and puts one object: the manifest."""
    instructions = [it.argval for it in dis.get_instructions(ResourceEvalS3._handle_put_object)]
    return "SUCCEEDED" in str(instructions) and instructions.count("put_object") == 1


def an_event_follows_the_last_one() -> bool:
    manager, context = EventManager(), EventHistoryContext.of_program_start()
    for kind in (HistoryEventType.ExecutionSucceeded, HistoryEventType.PassStateEntered):
        manager.add_event(context, kind)
    return len(manager.get_event_history()) == 2


def no_state_is_said_to_be_aborted() -> bool:
    return not any("bort" in name for name in names_of(CommonStateField._eval_body))


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


def a_wait_can_miss_its_end() -> bool:
    return "program_state_event" in names_of(WaitFunction._wait_interval)


def a_wait_for_a_token_goes_on_alone() -> bool:
    return "is_running" not in names_of(StateTaskServiceCallback._wait_for_task_token_timeout)


def a_missing_heartbeat_is_any_timeout() -> bool:
    return "HeartbeatTimeoutError" not in names_of(StateTask._from_error)


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


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        (a_worker_calls_itself_for_each_item, "stepfunctions/.../iteration/iteration_worker.py:208"),
        (the_other_iterations_run_on, "stepfunctions/.../iteration/inline_iteration_component.py:82"),
        (the_other_branches_are_not_waited_for, "stepfunctions/.../state_parallel/branches_decl.py:77"),
        (a_distributed_map_starts_no_executions, "stepfunctions/.../distributed_iteration_component.py:105"),
        (an_empty_manifest_is_written, "stepfunctions/.../resource_eval/resource_eval_s3.py:43"),
        (an_event_follows_the_last_one, "stepfunctions/parser/asl/eval/event/event_manager.py:72"),
        (no_state_is_said_to_be_aborted, "stepfunctions/parser/asl/component/state/state.py:220"),
        (a_runtime_error_is_caught, "stepfunctions/.../error_name/error_equals_decl.py:47"),
        (parsers_share_a_list, "stepfunctions/parser/asl/parse/preprocessor.py:339"),
        (an_exponent_cannot_be_read, "stepfunctions/parser/asl/antlr/runtime/ASLLexer.py"),
        (a_batcher_cannot_be_read, "stepfunctions/parser/asl/antlr/runtime/ASLLexer.py"),
        (a_fraction_cannot_be_read, "stepfunctions/parser/asl/parse/intrinsic/preprocessor.py:75"),
        (a_quote_cannot_be_escaped, "stepfunctions/parser/asl/parse/intrinsic/intrinsic_parser.py:18"),
        (a_timestamp_has_no_offset, "stepfunctions/.../wait/wait_function/timestamp.py:66"),
        (a_wait_can_miss_its_end, "stepfunctions/.../wait/wait_function/wait_function.py:22"),
        (a_wait_for_a_token_goes_on_alone, "stepfunctions/.../state_task_service_callback.py:246"),
        (a_missing_heartbeat_is_any_timeout, "stepfunctions/.../state_task/state_task.py:93"),
        (a_definite_path_gives_a_list, "stepfunctions/parser/asl/utils/json_path.py:66"),
        (tasks_have_fixed_credentials, "stepfunctions/parser/asl/utils/boto_client.py:14"),
        (sagemaker_is_unsupported, "stepfunctions/.../state_task_service_factory.py:57"),
        (parameters_keep_their_case, "stepfunctions/.../state_task_service.py:208"),
        (errors_of_s3_are_in_lower_case, "stepfunctions/.../state_task_service_aws_sdk.py:48"),
        (errors_of_step_functions_cannot_pass, "stepfunctions/.../fail/state_fail.py:45"),
        (a_retry_sleeps_through_a_stop, "stepfunctions/.../retry/retrier_decl.py:107"),
        (the_entered_time_has_an_offset, "stepfunctions/.../state/state.py:227"),
    ],
)
def test_stock_moto_has_the_fault(fault: Callable[[], bool], place: str) -> None:
    """The correction is needed: moto as it comes, in this process, does what the row says."""
    assert fault(), f"moto/{place} is mended: drop the correction"
