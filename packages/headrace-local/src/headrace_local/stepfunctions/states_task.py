"""`states:` tasks: one state machine that starts another, and with `.sync` waits for its end."""

from typing import Any

from botocore import xform_name
from moto.stepfunctions.parser.asl.component.state.exec.state_task.credentials import StateCredentials
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
    ResourceRuntimePart,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment

from headrace_local.patching import replace
from headrace_local.stepfunctions import shapes
from headrace_local.stepfunctions.clients import client
from headrace_local.stepfunctions.interruption import notified_at_end
from headrace_local.stepfunctions.services import service_model

_SERVICE = "stepfunctions"
_POLL_SECONDS = 0.05


def look_more_often() -> None:
    """Look every 50 ms whether a started execution has ended; state_task_service_callback.py:49 has half a second."""
    replace(state_task_service_callback, "_DELAY_SECONDS_SYNC_CONDITION_CHECK", _POLL_SECONDS)


class StatesTask(StateTaskServiceSfn):
    """A `states:` integration with AWS's names, which stops what it started when it ends early.

    In moto parameters reach the API in the wrong case (state_task_service.py:208,216 are empty).
    """

    def _normalise_parameters(
        self,
        parameters: dict[str, Any],
        boto_service_name: str | None = None,
        service_action_name: str | None = None,
    ) -> None:
        super()._normalise_parameters(parameters, boto_service_name, service_action_name)
        named = shapes.request(parameters, self._operation(service_action_name).input_shape)
        parameters.clear()
        parameters.update(named)

    def _normalise_response(
        self,
        response: Any,
        boto_service_name: str | None = None,
        service_action_name: str | None = None,
    ) -> None:
        del boto_service_name
        plain = shapes.response(shapes.epoch(response), self._operation(service_action_name).output_shape)
        response.clear()
        response.update(plain)

    def _operation(self, action: str | None) -> Any:
        names = {xform_name(name): name for name in service_model(_SERVICE).operation_names}
        return service_model(_SERVICE).operation_model(names[self._get_boto_service_action(action)])

    def _eval_integration_pattern(
        self,
        env: Environment,
        resource_runtime_part: ResourceRuntimePart,
        normalised_parameters: dict[str, Any],
        state_credentials: StateCredentials,
    ) -> None:
        started = env.stack[-1]["ExecutionArn"]
        api = client(_SERVICE, resource_runtime_part.region, state_credentials.role_arn)

        def stop() -> None:
            api.stop_execution(executionArn=started, cause="the execution that started it ended")

        if self.resource.condition == ResourceCondition.WaitForTaskToken:
            super()._eval_integration_pattern(
                env, resource_runtime_part, normalised_parameters, state_credentials
            )
            return
        with notified_at_end(env, stop):
            super()._eval_integration_pattern(
                env, resource_runtime_part, normalised_parameters, state_credentials
            )
