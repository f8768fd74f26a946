"""The stacks of a project that are deployed in an account, whoever deployed them and whatever project.toml says now."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace_aws import naming
from headrace_aws.config.project import Project
from headrace_aws.session import AwsSession

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

# A stack in one of these has no resources: its change set was never executed, or its creation failed.
NEVER_COMPLETE = frozenset({"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"})
DELETED = "DELETE_COMPLETE"  # which CloudFormation lists for 90 days


@dataclass(frozen=True)
class DeployedStack:
    """A stack in an account."""

    name: str
    arn: str  # distinguishes it from a later stack of the same name
    status: str
    changed_at: datetime  # when it was last updated, or created
    tags: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    role_arn: str | None = None  # with which CloudFormation creates and deletes its resources
    protected: bool = False  # from deletion

    @property
    def model(self) -> str | None:
        """The model that it belongs to; None for what all models share."""
        return self.tags.get("model")


def deployed_stack(aws: AwsSession, name: str) -> DeployedStack | None:
    """Return a stack, by name or ARN; None when there is none."""
    try:
        [stack] = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if stack["StackStatus"] == DELETED else _stack(stack)


def completed_stack(aws: AwsSession, name: str) -> DeployedStack | None:
    """Return a stack; None when there is none, or its creation was never completed."""
    stack = deployed_stack(aws, name)
    return None if stack is None or stack.status in NEVER_COMPLETE else stack


def deployed_stacks(aws: AwsSession, project: Project) -> list[DeployedStack]:
    """Return the project's stacks, by name."""
    cloudformation: CloudFormationClient = aws.client("cloudformation")
    pages = cloudformation.get_paginator("list_stacks").paginate()
    listed = {
        stack["StackName"]
        for page in pages
        for stack in page["StackSummaries"]
        if stack["StackStatus"] != DELETED
    }
    shared = naming.shared_stacks(project)
    of_models = re.compile(rf"{re.escape(project.name)}-[a-z0-9-]+-(pipelines|automation)")
    stacks = [
        stack
        for name in sorted(listed)
        if name in shared or of_models.fullmatch(name)
        if (stack := deployed_stack(aws, name))
    ]
    # The name of another project may begin like this one's; its tag distinguishes them.
    return [stack for stack in stacks if stack.name in shared or stack.tags.get("project") == project.name]


def _stack(stack: "StackTypeDef") -> DeployedStack:
    """Return a stack from the answer of DescribeStacks."""
    return DeployedStack(
        name=stack["StackName"],
        arn=stack["StackId"],
        status=stack["StackStatus"],
        changed_at=stack.get("LastUpdatedTime", stack["CreationTime"]),
        tags={tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])},
        parameters={
            each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])
        },
        outputs={output["OutputKey"]: output.get("OutputValue", "") for output in stack.get("Outputs", [])},
        role_arn=stack.get("RoleARN"),
        protected=stack.get("EnableTerminationProtection", False),
    )
