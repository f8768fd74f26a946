"""The stacks of a project that there are in an account, whoever deployed them and whatever project.toml says now."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace_aws import naming
from headrace_aws.config.project import Project
from headrace_aws.session import AwsSession

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import StackStatusType
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

# All but DELETE_COMPLETE, which CloudFormation lists for 90 days.
_EXISTING: Sequence["StackStatusType"] = (
    "CREATE_COMPLETE",
    "CREATE_FAILED",
    "CREATE_IN_PROGRESS",
    "DELETE_FAILED",
    "DELETE_IN_PROGRESS",
    "IMPORT_COMPLETE",
    "IMPORT_IN_PROGRESS",
    "IMPORT_ROLLBACK_COMPLETE",
    "IMPORT_ROLLBACK_FAILED",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "REVIEW_IN_PROGRESS",
    "ROLLBACK_COMPLETE",
    "ROLLBACK_FAILED",
    "ROLLBACK_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_FAILED",
    "UPDATE_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS",
)


@dataclass(frozen=True)
class DeployedStack:
    """A stack as it is."""

    name: str
    status: str
    tags: Mapping[str, str]
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    role_arn: str | None  # with which CloudFormation makes and deletes its resources
    protected: bool  # from deletion
    changed_at: datetime  # when it was last updated, or created

    @property
    def model(self) -> str | None:
        """The model that it belongs to; None for what all models share."""
        return self.tags.get("model")


def project_stacks(aws: AwsSession, project: Project) -> list[DeployedStack]:
    """Return the project's stacks, by name."""
    cloudformation: CloudFormationClient = aws.client("cloudformation")
    pages = cloudformation.get_paginator("list_stacks").paginate(StackStatusFilter=_EXISTING)
    listed = {stack["StackName"] for page in pages for stack in page["StackSummaries"]}
    shared = naming.shared_stacks(project)
    of_models = re.compile(rf"{re.escape(project.name)}-[a-z0-9-]+-(pipelines|automation)")
    stacks = [
        stack
        for name in sorted(listed)
        if name in shared or of_models.fullmatch(name)
        if (stack := stack_named(aws, name))
    ]
    # The name of another project may begin like this one's; its tag tells.
    return [stack for stack in stacks if stack.name in shared or stack.tags.get("project") == project.name]


def stack_named(aws: AwsSession, name: str) -> DeployedStack | None:
    """Return a stack, or None when there is none of that name."""
    try:
        [stack] = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return deployed_stack(stack)


def deployed_stack(stack: "StackTypeDef") -> DeployedStack:
    """Return a stack as DescribeStacks answers it."""
    return DeployedStack(
        name=stack["StackName"],
        status=stack["StackStatus"],
        tags={tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])},
        parameters={
            each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])
        },
        outputs={output["OutputKey"]: output.get("OutputValue", "") for output in stack.get("Outputs", [])},
        role_arn=stack.get("RoleARN"),
        protected=stack.get("EnableTerminationProtection", False),
        changed_at=stack.get("LastUpdatedTime", stack["CreationTime"]),
    )
