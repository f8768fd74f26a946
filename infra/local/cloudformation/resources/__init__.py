"""The resource types that the local AWS creates, one module a service."""

from infra.local.cloudformation.resources import (
    cloudwatch,
    dynamodb,
    events,
    iam,
    inert,
    kms,
    logs,
    s3,
    sagemaker,
    sns,
    sqs,
    ssm,
    stepfunctions,
)
from infra.local.cloudformation.resources.handler import Handler

_MODULES = (
    cloudwatch,
    dynamodb,
    events,
    iam,
    inert,
    kms,
    logs,
    s3,
    sagemaker,
    sns,
    sqs,
    ssm,
    stepfunctions,
)
HANDLERS: dict[str, Handler] = {each.type: each for module in _MODULES for each in module.HANDLERS}


def handler_of(type_name: str) -> Handler:
    """Return the handler of a type that there is one for."""
    return HANDLERS[type_name]
