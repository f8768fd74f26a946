"""`sagemaker:` tasks: the call, and with `.sync` the wait for the job's end."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import OperationModel
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.credentials import StateCredentials
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
    ResourceRuntimePart,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from headrace_local.sagemaker import jobs
from headrace_local.stepfunctions import shapes
from headrace_local.stepfunctions.clients import client
from headrace_local.stepfunctions.interruption import notified_at_end
from headrace_local.stepfunctions.services import OPTIMISED, members, service_model

# Errors that SageMaker's API models, and so Step Functions names; it calls all others AmazonSageMakerException.
_MODELLED = ("ConflictException", "ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound")
_OTHER = "SageMaker.AmazonSageMakerException"


@dataclass(frozen=True)
class Job:
    """A kind of job, by the words of its API: Describe<kind>, Stop<kind>, <kind>Name, <kind>Arn, <kind>Status."""

    kind: str

    def describe(self, api: Any, name: str) -> dict[str, Any]:
        operation = getattr(api, xform_name(f"Describe{self.kind}"))
        return dict(operation(**{f"{self.kind}Name": name}))

    def stop(self, api: Any, name: str) -> None:
        # A job that has ended in the meantime cannot be stopped, and need not be.
        with suppress(ClientError):
            getattr(api, xform_name(f"Stop{self.kind}"))(**{f"{self.kind}Name": name})


class SageMakerTask(StateTaskServiceCallback):
    """A `sagemaker:` integration, which moto has none of (state_task_service_factory.py:57)."""

    def __init__(self) -> None:
        super().__init__(supported_integration_patterns={ResourceCondition(ResourceCondition.Sync)})

    def _get_supported_parameters(self) -> set[str] | None:
        known = self.resource.api_action in OPTIMISED["sagemaker"]
        return set(members(self._operation().input_shape)) if known else None

    def _operation(self) -> OperationModel:
        action = self.resource.api_action
        return service_model("sagemaker").operation_model(action[:1].upper() + action[1:])

    def _eval_service_task(
        self,
        env: Environment,
        resource_runtime_part: ResourceRuntimePart,
        normalised_parameters: dict[str, Any],
        state_credentials: StateCredentials,
    ) -> None:
        api = client("sagemaker", resource_runtime_part.region, state_credentials.role_arn)
        answer = getattr(api, xform_name(self._operation().name))(**normalised_parameters)
        env.stack.append(shapes.epoch(answer))

    def _eval_integration_pattern(
        self,
        env: Environment,
        resource_runtime_part: ResourceRuntimePart,
        normalised_parameters: dict[str, Any],
        state_credentials: StateCredentials,
    ) -> None:
        """Put the ended job's description on the stack; fail as AWS does when it did not complete.

        The stock method polls twice a second (state_task_service_callback.py:141), and cannot be used for want of a
        task token (state_task_service_callback.py:224).
        """
        created = env.stack.pop()
        job = Job(self._operation().name.removeprefix("Create"))
        name = normalised_parameters[f"{job.kind}Name"]
        api = client("sagemaker", resource_runtime_part.region, state_credentials.role_arn)
        with notified_at_end(env, lambda: job.stop(api, name)):
            jobs.wait(created[f"{job.kind}Arn"])
        described = shapes.epoch(job.describe(api, name))
        if described[f"{job.kind}Status"] != "Completed":
            raise self._failure(env, "States.TaskFailed", to_json_str(described, (",", ":")))
        env.stack.append(described)

    def _from_error(self, env: Environment, ex: Exception) -> FailureEvent:
        if not isinstance(ex, ClientError):
            return super()._from_error(env=env, ex=ex)
        code, message = ex.response["Error"]["Code"], ex.response["Error"]["Message"]
        metadata = ex.response["ResponseMetadata"]
        name = f"SageMaker.{code.removesuffix('Exception')}Exception" if code in _MODELLED else _OTHER
        cause = (
            f"{message} (Service: AmazonSageMaker; Status Code: {metadata['HTTPStatusCode']}; Error Code: {code}; "
            f"Request ID: {metadata.get('RequestId')}; Proxy: null)"
        )
        return self._failure(env, name, cause).failure_event

    def _failure(self, env: Environment, error: str, cause: str) -> FailureEventException:
        failed = TaskFailedEventDetails(
            error=error,
            cause=cause,
            resource=self._get_sfn_resource(),
            resourceType=self._get_sfn_resource_type(),
        )
        details: Any = {"taskFailedEventDetails": failed}
        event = FailureEvent(env, ErrorName(error), HistoryEventType.TaskFailed, details)
        return FailureEventException(event)
