"""Errors that pass through a state keep their names."""

from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import iteration_worker
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl
from moto.stepfunctions.parser.asl.component.state.fail import state_fail

from infra.local.replacing import replace


def install() -> None:
    """Correct which error names may pass."""
    pass_on_errors_of_states()


def pass_on_errors_of_states() -> None:
    """Let Fail, Parallel and Map pass on an error such as States.TaskFailed.

    They wrap its name in a class that refuses names of Step Functions' own
    (asl/component/state/fail/state_fail.py:45, state_parallel/branches_decl.py:102,
    state_map/iteration/iteration_worker.py:91), so that the execution fails with States.Runtime.
    """
    for module in (state_fail, branches_decl, iteration_worker):
        replace(module, "CustomErrorName", ErrorName)
