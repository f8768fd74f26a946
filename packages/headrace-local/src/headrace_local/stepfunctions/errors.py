"""Errors: they keep their names on their way through states, and Retry and Catch match them as AWS does."""

from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import iteration_worker
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback
from moto.stepfunctions.parser.asl.component.state.fail import state_fail
from moto.stepfunctions.parser.asl.eval.environment import Environment

from headrace_local.patching import replace

# Errors that end an execution: neither States.ALL nor their own name catches them.
_TERMINAL = frozenset({"States.Runtime", "States.DataLimitExceeded"})


def install() -> None:
    """Correct which error names may pass, and what matches them."""
    pass_on_errors_of_states()
    match_errors_as_aws_does()


def pass_on_errors_of_states() -> None:
    """Let Fail, Map and SendTaskFailure pass on an error such as States.TaskFailed.

    They wrap its name in a class that refuses names of Step Functions' own
    (asl/component/state/fail/state_fail.py:45, state_map/iteration/iteration_worker.py:91, state_task/service/state_task_service_callback.py:303), so that the
    execution fails with States.Runtime.
    """
    for module in (state_fail, iteration_worker, state_task_service_callback):
        replace(module, "CustomErrorName", ErrorName)


def match_errors_as_aws_does() -> None:
    """Catch no States.Runtime, and take States.TaskFailed for any error but a timeout.

    For asl/component/common/error_name/error_equals_decl.py:47 States.ALL means every error, and States.TaskFailed
    means States.Timeout too once it has left a branch. Source: Step Functions Developer Guide, "Error handling".
    """

    def evaluate(declaration: Any, env: Environment) -> None:
        error = env.stack.pop().error_name
        names = {name.error_name for name in declaration.error_names}
        env.stack.append(_matches(error, names))

    replace(ErrorEqualsDecl, "_eval_body", evaluate)


def _matches(error: str | None, names: set[str | None]) -> bool:
    if error in _TERMINAL:
        return False
    if "States.ALL" in names or error in names:
        return True
    if error == "States.HeartbeatTimeout" and "States.Timeout" in names:
        return True
    return "States.TaskFailed" in names and error not in {"States.Timeout", "States.HeartbeatTimeout"}
