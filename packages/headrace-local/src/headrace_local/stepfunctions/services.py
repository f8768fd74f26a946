"""What a Task state may call here, by the names that AWS gives to it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.model import OperationModel, ServiceModel, StructureShape

from headrace_local.events.role_clients import session
from headrace_local.unsupported_operations import refusal

# Services of the aws-sdk integrations: their name in a resource ARN -> botocore's name, prefix of their errors
# (the name of the service in AWS's Java SDK 2, which Step Functions calls with).
SDK_SERVICES = {
    "cloudformation": ("cloudformation", "CloudFormation"),
    "cloudwatch": ("cloudwatch", "CloudWatch"),
    "cloudwatchlogs": ("logs", "CloudWatchLogs"),
    "dynamodb": ("dynamodb", "DynamoDb"),
    "eventbridge": ("events", "EventBridge"),
    "iam": ("iam", "Iam"),
    "kms": ("kms", "Kms"),
    "s3": ("s3", "S3"),
    "sagemaker": ("sagemaker", "SageMaker"),
    "scheduler": ("scheduler", "Scheduler"),
    "sfn": ("stepfunctions", "Sfn"),
    "sns": ("sns", "Sns"),
    "sqs": ("sqs", "Sqs"),
    "ssm": ("ssm", "Ssm"),
    "sts": ("sts", "Sts"),
}

# Optimised integrations: their actions, each with the ways in which Step Functions can wait for it.
_JOB = frozenset({"", "sync"})
_CALL = frozenset({""})
_TOKEN = frozenset({"", "waitForTaskToken"})
OPTIMISED: dict[str, dict[str, frozenset[str]]] = {
    "dynamodb": dict.fromkeys(("getItem", "putItem", "updateItem", "deleteItem"), _CALL),
    "events": {"putEvents": _TOKEN},
    "sagemaker": {
        "createProcessingJob": _JOB,
        "createTrainingJob": _JOB,
        "createTransformJob": _JOB,
        "createHyperParameterTuningJob": _JOB,
        "createModel": _CALL,
        "createEndpointConfig": _CALL,
        "createEndpoint": _CALL,
        "updateEndpoint": _CALL,
    },
    "sns": {"publish": _TOKEN},
    "sqs": {"sendMessage": _TOKEN},
    "states": {"startExecution": frozenset({"", "sync", "sync:2", "waitForTaskToken"})},
}
_BOTOCORE_NAMES = {"states": "stepfunctions"}


@dataclass(frozen=True)
class Call:
    """The operation that a resource ARN names, and whether its parameters are in Pascal case for any API."""

    service: str
    operation: OperationModel
    is_pascal_case: bool


def call(resource: str) -> Call | str:
    """Return the call of a Task's resource ARN, or the reason for which it cannot be made."""
    parts = resource.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "states":  # noqa: PLR2004 - an ARN has six parts
        return f"the resource '{resource}' is not supported by the local AWS: only service integrations are"
    name, _, pattern = parts[5].partition(".")
    if name.startswith("aws-sdk:"):
        return _sdk_call(resource, name, pattern)
    service, _, action = name.partition(":")
    if service not in OPTIMISED:
        return (
            f"the resource '{resource}' is not supported by the local AWS; "
            f"it has aws-sdk, {', '.join(sorted(OPTIMISED))}"
        )
    patterns = OPTIMISED[service].get(action)
    if patterns is None or pattern not in patterns:
        return _not_recognised(resource)
    operation = _operation(_BOTOCORE_NAMES.get(service, service), action)
    return refusal(service, operation.name) or Call(service, operation, is_pascal_case=service == "states")


def _sdk_call(resource: str, name: str, pattern: str) -> Call | str:
    _, _, rest = name.partition(":")
    service, _, action = rest.partition(":")
    if service not in SDK_SERVICES:
        return (
            f"the service of '{resource}' is not part of the local AWS; "
            f"aws-sdk has {', '.join(sorted(SDK_SERVICES))}"
        )
    operation = _operation(SDK_SERVICES[service][0], action)
    if operation is None or pattern not in _TOKEN:
        return _not_recognised(resource)
    return refusal(service, operation.name) or Call(service, operation, is_pascal_case=True)


def _not_recognised(resource: str) -> str:
    # The words of AWS.
    return (
        f"SCHEMA_VALIDATION_FAILED: The resource provided {resource} is not recognized. "
        "The value is not a valid resource ARN, or the resource is not available in this region."
    )


def _operation(service: str, action: str) -> Any:
    model = service_model(service)
    name = action[:1].upper() + action[1:]
    # AWS writes actions in camel case: ListModelPackages is listModelPackages, and nothing else.
    is_known = action[:1].islower() and name in model.operation_names
    return model.operation_model(name) if is_known else None


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service. Cached: that of SageMaker takes a third of a second to read."""
    return session().get_service_model(service)


def members(shape: StructureShape | None) -> dict[str, Any]:
    """Return the members of an operation's input or output, none when it has no shape."""
    return dict(shape.members) if shape is not None else {}
