"""What there is of a project in an environment: stacks, and the state that outlives them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError
from infra import names, words
from infra.aws import Clients
from infra.preview.sweep import preview_in
from infra.project_stacks import DeployedStack, project_stacks
from infra.removal.images import images
from infra.removal.objects import has_bucket
from infra.removal.registry import groups
from pipelines.project import Project

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
    """What there is. State has fixed names, so it is found without the stack that made it."""

    stacks: Sequence[DeployedStack]  # in the order in which they can be deleted; previews are among them
    groups: Sequence[str]  # of the registry
    buckets: Sequence[str]
    table: str | None
    topic: str | None  # ARN
    key: Key | None
    images: int  # in the repository

    def lines(self) -> list[str]:
        """Return what there is, a thing a line."""
        told = [
            *(f"stack   {stack.name}" for stack in self.stacks),
            *(f"models  {group}, in the registry with all of its versions" for group in self.groups),
            *(f"bucket  {bucket}, with every version of its objects" for bucket in self.buckets),
            f"table   {self.table}, with the record of every run" if self.table else "",
            f"topic   {self.topic}" if self.topic else "",
            f"key     {self.key.arn} ({self.key.state})" if self.key else "",
            f"images  {words.count(self.images, 'image')}" if self.images else "",
        ]
        return [line for line in told if line]


def inventory(found: Clients, project: Project) -> Inventory:
    """Return what there is of a project; raise `ConfigurationError` when its key is perhaps another's."""
    stacks = sorted(project_stacks(found, project), key=lambda stack: _place_in_order(stack, project))
    s3: S3Client = found.client("s3")
    buckets = [
        names.data_bucket(project, found.environment),
        names.access_logs_bucket(project, found.environment),
        names.artefact_bucket(project, found.environment),
    ]
    return Inventory(
        stacks=stacks,
        groups=groups(found.client("sagemaker"), project.name),
        buckets=[bucket for bucket in buckets if has_bucket(s3, bucket)],
        table=_table(found, project),
        topic=_topic(found, project),
        key=_key(found, project, stacks),
        images=len(images(found.client("ecr"), project.name)),
    )


def _place_in_order(stack: DeployedStack, project: Project) -> int:
    """Return how late a stack is deleted: what starts pipelines first, what others import from later."""
    shared = names.shared_stacks(project)
    if stack.name in shared:
        return 4 + shared.index(stack.name)
    if stack.model and stack.name == names.automation_stack(project, stack.model):
        return 0
    if preview_in(stack):
        return 1
    # Such as an endpoint, which was made from the pipelines' models.
    return 3 if stack.model and stack.name == names.pipelines_stack(project, stack.model) else 2


def _table(found: Clients, project: Project) -> str | None:
    dynamodb: DynamoDBClient = found.client("dynamodb")
    try:
        return dynamodb.describe_table(TableName=names.run_table(project))["Table"]["TableName"]
    except dynamodb.exceptions.ResourceNotFoundException:
        return None


def _topic(found: Clients, project: Project) -> str | None:
    sns: SNSClient = found.client("sns")
    arn = names.topic_arn(project, found.environment)
    try:
        sns.get_topic_attributes(TopicArn=arn)
    except sns.exceptions.NotFoundException:
        return None
    return arn


def _key(found: Clients, project: Project, stacks: Sequence[DeployedStack]) -> Key | None:
    """Return the key: as its stack tells, or, when that is gone, the data bucket that it encrypts.

    Raises:
        ConfigurationError: it does not bear the project's tag: an output can name any key, and a bucket can use any.
    """
    told = [stack.outputs.get("KeyArn") for stack in stacks if stack.name == names.data_stack(project)]
    arn = next((arn for arn in told if arn), None) or _key_of_bucket(found, project)
    key = key_named(found, arn) if arn else None
    if key and key.state != PENDING and project.name not in _projects(found, key):
        raise ConfigurationError(
            f"key {key.arn} has no tag project={project.name}: perhaps it is another's, and what it encrypts would be "
            "lost with it. Nothing was changed; if it is this project's, give it the tag (aws kms tag-resource), and "
            "repeat the command"
        )
    return key


def _projects(found: Clients, key: Key) -> set[str]:
    """Return the values of a key's tag `project`: one or none."""
    kms: KMSClient = found.client("kms")
    pages = kms.get_paginator("list_resource_tags").paginate(KeyId=key.id)
    return {tag["TagValue"] for page in pages for tag in page["Tags"] if tag["TagKey"] == "project"}


def key_named(found: Clients, arn: str) -> Key | None:
    """Return a key as it is now; None when it is gone."""
    kms: KMSClient = found.client("kms")
    try:
        described = kms.describe_key(KeyId=arn)["KeyMetadata"]
    except kms.exceptions.NotFoundException:
        return None
    return Key(described["KeyId"], described["Arn"], described["KeyState"])


def _key_of_bucket(found: Clients, project: Project) -> str | None:
    s3: S3Client = found.client("s3")
    try:
        answer = s3.get_bucket_encryption(Bucket=names.data_bucket(project, found.environment))
    except ClientError as error:
        if error.response["Error"]["Code"] not in {
            "NoSuchBucket",
            "ServerSideEncryptionConfigurationNotFoundError",
        }:
            raise
        return None
    [rule] = answer["ServerSideEncryptionConfiguration"]["Rules"]
    return rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID")
