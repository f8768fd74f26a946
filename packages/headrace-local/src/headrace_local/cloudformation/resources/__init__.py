"""The resource types that the local AWS creates, one module a service."""

import importlib

from headrace_local.cloudformation.resources.handler import Handler

_MODULES = (
    "budgets",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ec2_endpoints",
    "ec2_groups",
    "ecr",
    "events",
    "iam",
    "inert",
    "kms",
    "logs",
    "oidc",
    "s3",
    "sagemaker",
    "scheduler",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
)


def _handlers(module: str) -> tuple[Handler, ...]:
    found: tuple[Handler, ...] = importlib.import_module(f"{__name__}.{module}").HANDLERS
    return found


HANDLERS = {each.type: each for module in _MODULES for each in _handlers(module)}


def handler_of(type_name: str) -> Handler:
    """Return the handler of a type that there is one for."""
    return HANDLERS[type_name]
