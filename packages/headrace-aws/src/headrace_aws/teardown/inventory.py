"""What a project has in an environment: stacks, and the state that outlives them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError
from headrace_aws import formatting, naming
from headrace_aws.config.project import Project
from headrace_aws.session import AwsSession
from headrace_aws.stacks.deployed import DeployedStack, deployed_stacks
from headrace_aws.teardown.images import images
from headrace_aws.teardown.objects import has_bucket
from headrace_aws.teardown.preview import preview_of_stack
from headrace_aws.teardown.registry import groups

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient

PENDING = "PendingDeletion"  # the state of a key that is scheduled for deletion


@dataclass(frozen=True)
class Key:
    """The key that encrypts everything."""

    id: str
    arn: str
    state: str


@dataclass(frozen=True)
class Inventory:
    """What a project has. State has fixed names, so it is found without the stack that created it."""

    stacks: Sequence[DeployedStack]  # in the order in which they can be deleted; previews are among them
    groups: Sequence[str]  # of the registry
    buckets: Sequence[str]
    table: str | None
    topic: str | None  # ARN
    key: Key | None
    images: int  # in the repository

    def lines(self) -> list[str]:
        """Return a line for each thing."""
        listed = [
            *(f"stack   {stack.name}" for stack in self.stacks),
            *(f"models  {group}, in the registry with all of its versions" for group in self.groups),
            *(f"bucket  {bucket}, with every version of its objects" for bucket in self.buckets),
            f"table   {self.table}, with the record of every run" if self.table else "",
            f"topic   {self.topic}" if self.topic else "",
            f"key     {self.key.arn} ({self.key.state})" if self.key else "",
            f"images  {formatting.count(self.images, 'image')}" if self.images else "",
        ]
        return [line for line in listed if line]


def inventory(aws: AwsSession, project: Project) -> Inventory:
    """Return what a project has; raise `ConfigurationError` when its key may belong to another project."""
    stacks = sorted(deployed_stacks(aws, project), key=lambda stack: _deletion_order(stack, project))
    s3: S3Client = aws.client("s3")
    buckets = [
        naming.data_bucket(project, aws.environment),
        naming.access_logs_bucket(project, aws.environment),
        naming.artefact_bucket(project, aws.environment),
    ]
    return Inventory(
        stacks=stacks,
        groups=groups(aws.client("sagemaker"), project.name),
        buckets=[bucket for bucket in buckets if has_bucket(s3, bucket)],
        table=_table(aws, project),
        topic=_topic(aws, project),
        key=_key(aws, project, stacks),
        images=len(images(aws.client("ecr"), project.name)),
    )


def _deletion_order(stack: DeployedStack, project: Project) -> int:
    """Return how late a stack is deleted: what starts pipelines first, what others import from later."""
    shared = naming.shared_stacks(project)
    if stack.name in shared:
        return 4 + shared.index(stack.name)
    if stack.model and stack.name == naming.automation_stack(project, stack.model):
        return 0
    if preview_of_stack(stack):
        return 1
    # Such as an endpoint, which was made from the pipelines' models.
    return 3 if stack.model and stack.name == naming.pipelines_stack(project, stack.model) else 2


def _table(aws: AwsSession, project: Project) -> str | None:
    dynamodb: DynamoDBClient = aws.client("dynamodb")
    try:
        return dynamodb.describe_table(TableName=naming.run_table(project))["Table"]["TableName"]
    except dynamodb.exceptions.ResourceNotFoundException:
        return None


def _topic(aws: AwsSession, project: Project) -> str | None:
    sns: SNSClient = aws.client("sns")
    arn = naming.topic_arn(project, aws.environment)
    try:
        sns.get_topic_attributes(TopicArn=arn)
    except sns.exceptions.NotFoundException:
        return None
    return arn


def _key(aws: AwsSession, project: Project, stacks: Sequence[DeployedStack]) -> Key | None:
    """Return the key: as its stack tells, or, when that is gone, the data bucket that it encrypts.

    Raises:
        ConfigurationError: it does not bear the project's tag: an output can name any key, and a bucket can use any.
    """
    outputs = [stack.outputs.get("KeyArn") for stack in stacks if stack.name == naming.data_stack(project)]
    arn = next((arn for arn in outputs if arn), None) or _key_of_bucket(aws, project)
    key = key_named(aws, arn) if arn else None
    if key and key.state != PENDING and project.name not in _projects(aws, key):
        raise ConfigurationError(
            f"key {key.arn} has no tag project={project.name}: perhaps it is another's, and what it encrypts would be "
            "lost with it. Nothing was changed; if it is this project's, give it the tag (aws kms tag-resource), and "
            "repeat the command"
        )
    return key


def _projects(aws: AwsSession, key: Key) -> set[str]:
    """Return the values of a key's tag `project`: one or none."""
    kms: KMSClient = aws.client("kms")
    pages = kms.get_paginator("list_resource_tags").paginate(KeyId=key.id)
    return {tag["TagValue"] for page in pages for tag in page["Tags"] if tag["TagKey"] == "project"}


def key_named(aws: AwsSession, arn: str) -> Key | None:
    """Return a key as it is now; None when it is gone."""
    kms: KMSClient = aws.client("kms")
    try:
        described = kms.describe_key(KeyId=arn)["KeyMetadata"]
    except kms.exceptions.NotFoundException:
        return None
    return Key(described["KeyId"], described["Arn"], described["KeyState"])


def _key_of_bucket(aws: AwsSession, project: Project) -> str | None:
    s3: S3Client = aws.client("s3")
    try:
        answer = s3.get_bucket_encryption(Bucket=naming.data_bucket(project, aws.environment))
    except ClientError as error:
        if error.response["Error"]["Code"] not in {
            "NoSuchBucket",
            "ServerSideEncryptionConfigurationNotFoundError",
        }:
            raise
        return None
    [rule] = answer["ServerSideEncryptionConfiguration"]["Rules"]
    return rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID")
