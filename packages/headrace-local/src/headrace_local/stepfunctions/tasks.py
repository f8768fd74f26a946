"""Tasks: what a Task state calls, and by whom."""

import sys
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)

from headrace_local.patching import replace
from headrace_local.stepfunctions import shapes
from headrace_local.stepfunctions.clients import use_credentials_of_the_role
from headrace_local.stepfunctions.sagemaker_task import SageMakerTask
from headrace_local.stepfunctions.services import SDK_SERVICES, Call, call
from headrace_local.stepfunctions.states_task import StatesTask, look_more_often

_stock_service = state_task_service_factory.state_task_service_for
_SERVICE_PACKAGE = "moto.stepfunctions.parser.asl."


def install() -> None:
    """Correct what tasks call."""
    run_our_own_tasks()
    look_more_often()
    users = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(_SERVICE_PACKAGE) and hasattr(module, "boto_client_for")
    ]
    use_credentials_of_the_role(*users)


def run_our_own_tasks() -> None:
    """Run `sagemaker:` tasks, and corrected `aws-sdk:` and `states:` ones.

    asl/component/state/exec/state_task/service/state_task_service_factory.py:57 lists SageMaker as unsupported.
    """
    ours: dict[str, Any] = {"aws-sdk": SdkTask, "sagemaker": SageMakerTask, "states": StatesTask}

    def task_for(service_name: str) -> Any:
        return ours[service_name]() if service_name in ours else _stock_service(service_name)

    # The factory of states took the function by name.
    replace(state_task_factory, "state_task_service_for", task_for)


class SdkTask(StateTaskServiceAwsSdk):
    """An aws-sdk integration with AWS's names.

    In moto, parameters and results keep the API's own case (state_task_service.py:208,216 are empty), a stream
    stays a stream, and errors are named `s3.` where AWS says `S3.` (state_task_service_aws_sdk.py:62).
    """

    def _call(self) -> Call:
        found = call(self.resource.resource_arn)
        if isinstance(found, str):
            # Refused when the machine was made, unless that was under another version of this code.
            raise ValueError(found)  # noqa: TRY004 - the type is how the reason is reported
        return found

    def _get_boto_service_name(self, boto_service_name: str | None = None) -> str:
        return SDK_SERVICES[boto_service_name or self.resource.api_name][0]

    def _normalise_parameters(self, parameters: dict[str, Any], *_: Any, **__: Any) -> None:
        named = shapes.request(parameters, self._call().operation.input_shape)
        parameters.clear()
        parameters.update(named)

    def _normalise_response(self, response: Any, *_: Any, **__: Any) -> None:
        plain = shapes.response(response, self._call().operation.output_shape)
        response.clear()
        response.update(plain)

    @staticmethod
    def _normalise_service_error_name(service_name: str) -> str:
        return SDK_SERVICES[service_name][1]

    @staticmethod
    def _normalise_exception_name(norm_service_name: str, ex: Exception) -> str:
        """Name an error as AWS's Java SDK 2 does: NoSuchKey -> S3.NoSuchKeyException, any other S3.S3Exception."""
        name = norm_service_name if type(ex) is ClientError else type(ex).__name__
        return f"{norm_service_name}.{name.removesuffix('Exception').removesuffix('Fault')}Exception"
