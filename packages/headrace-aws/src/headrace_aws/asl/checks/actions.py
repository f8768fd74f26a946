"""The IAM actions that a state machine needs, from its definition alone.

What the encryption of a bucket, a table or a topic asks for beside (`kms:...`) is the stack's to know.
"""

from collections.abc import Iterator

from headrace_aws.asl.checks.findings import Definition, machines, states
from headrace_aws.asl.checks.services import Api, api

# IAM's name of a service, where Step Functions has another.
PREFIXES = {"sfn": "states", "eventbridge": "events", "cloudwatchlogs": "logs", "bedrockruntime": "bedrock"}
# Operations whose action has another name, or that need more than one.
OTHER_NAMES = {
    "s3:HeadObject": {"s3:GetObject"},
    "s3:ListObjects": {"s3:ListBucket"},
    "s3:ListObjectsV2": {"s3:ListBucket"},
    "s3:HeadBucket": {"s3:ListBucket"},
    "s3:CopyObject": {"s3:GetObject", "s3:PutObject"},
    "lambda:Invoke": {"lambda:InvokeFunction"},
}
# What SageMaker looks at as the caller. AWS documents it for CreateModelPackage by its managed policy
# AmazonSageMakerModelRegistryFullAccess only: reading artefact and image.
LOOKS_AT = {"sagemaker:CreateModelPackage": {"s3:GetObject", "ecr:BatchGetImage", "ecr:DescribeImages"}}
# By these rules Step Functions hears of the end of a job.
RULES = {"events:PutTargets", "events:PutRule", "events:DescribeRule"}
ROLES = ("RoleArn", "ExecutionRoleArn")


def actions(definition: Definition) -> set[str]:
    """Return every action that the role of the state machine must be granted."""
    needed = set()
    for _, state in states(definition):
        if state.get("Type") == "Task" and (called := api(state.get("Resource", ""))):
            needed |= _of_call(called)
            if any(key in ROLES for key in _keys(state.get("Parameters", {}))):
                needed.add("iam:PassRole")
        for field in ("ItemReader", "ResultWriter"):
            if called := api(state.get(field, {}).get("Resource", "")):
                needed |= _of_call(called)
        if any(inner.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED" for inner in machines(state)):
            needed |= {"states:StartExecution", "states:DescribeExecution", "states:StopExecution"}
    return needed


def _of_call(called: Api) -> set[str]:
    prefix = PREFIXES.get(called.service, called.service)
    action = f"{prefix}:{called.operation}"
    needed = OTHER_NAMES.get(action, {action}) | LOOKS_AT.get(action, set())
    if not called.synchronous:
        return needed
    if prefix == "states":
        return needed | RULES | {"states:DescribeExecution", "states:StopExecution"}
    job = called.operation.removeprefix("Create")
    needed |= RULES | {f"{prefix}:Describe{job}", f"{prefix}:Stop{job}"}
    if prefix == "sagemaker":
        # Step Functions tags every job that it starts; its documented policies hold ListTags beside.
        needed |= {"sagemaker:AddTags", "sagemaker:ListTags"}
    return needed


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield key.removesuffix(".$")
            yield from _keys(member)
    elif isinstance(value, list):
        for member in value:
            yield from _keys(member)
