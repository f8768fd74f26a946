"""Delete an environment, part by part, in the order of dependence. Each step may be repeated."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from headrace.errors import ConfigurationError
from headrace_aws import naming
from headrace_aws.config.project import Project
from headrace_aws.model_context import ModelContext
from headrace_aws.session import AwsSession
from headrace_aws.stacks import stack_status
from headrace_aws.stacks.deployed import DeployedStack
from headrace_aws.stacks.protection import protect
from headrace_aws.teardown.executions import stop_executions
from headrace_aws.teardown.images import remove_images
from headrace_aws.teardown.inventory import PENDING, Inventory, Key
from headrace_aws.teardown.job_logs import remove_logs_of_project
from headrace_aws.teardown.objects import has_bucket, remove_bucket, remove_objects
from headrace_aws.teardown.preview import delete_preview, preview_of_stack
from headrace_aws.teardown.registry import remove_group
from headrace_aws.waiting import CHANGED_TABLE, DELETED_TABLE, GONE, wait_until_ended

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client

DAYS_OF_THE_KEY = 30  # until it is gone: the longest, in which somebody may still call it back
# The one has no more than a change set; the other is deleted already.
_DELETABLE_IN_PROGRESS = frozenset({"REVIEW_IN_PROGRESS", "DELETE_IN_PROGRESS"})
_MINUTES = 15  # for a table to change or to go
_THEN = "repeat the command"
_MACHINE = "StateMachineArn"  # how the outputs of a pipelines stack end that name a state machine


def delete_environment(
    aws: AwsSession, project: Project, inventory: Inventory, say: Callable[[str], None], *, everything: bool
) -> None:
    """Delete what the inventory lists: what starts runs, runs, models, data, images, and last the network.

    `everything` includes bootstrap and permissions, which cost nothing.

    Raises:
        DeployError: something stays; the message says why. What was deleted until then is gone.
    """
    network = naming.network_stack(project)
    free = naming.free_stacks(project)
    s3: S3Client = aws.client("s3")
    for stack in inventory.stacks:
        if stack.name not in {network, *free}:
            _delete_used_stack(aws, project, stack, say)
    remove_logs_of_project(aws.client("logs"), project.name, say)
    for group in inventory.groups:
        remove_group(aws.client("sagemaker"), group, say)
    _delete_table(aws.client("dynamodb"), inventory.table, say)
    if inventory.topic:
        aws.client("sns").delete_topic(TopicArn=inventory.topic)
        say(f"deleted topic {inventory.topic}")
    _delete_data(aws, project, inventory.key, say)
    artefacts = naming.artefact_bucket(project, aws.environment)
    if artefacts in inventory.buckets:
        remove_objects(s3, artefacts, "", say)
    remove_images(aws.client("ecr"), project.name, say)
    for stack in inventory.stacks:
        if stack.name == network or (stack.name in free and everything):
            _delete_stack(aws, stack, say)
    if everything:
        remove_bucket(s3, artefacts, say)
        _delete_repository(aws.client("ecr"), project.name, say)


def check_not_changing(aws: AwsSession, stacks: Sequence[DeployedStack]) -> None:
    """Raise `DeployError` when a stack is being created or changed just now."""
    for stack in stacks:
        if stack.status.endswith("_IN_PROGRESS") and stack.status not in _DELETABLE_IN_PROGRESS:
            stack_status.check_free(aws, stack, _THEN)


def check_unprotected(aws: AwsSession) -> None:
    """Raise `ConfigurationError` when project.toml protects the environment."""
    if aws.environment.protected:
        raise ConfigurationError(
            f"environment {aws.name} is protected, so says project.toml. To destroy it nevertheless, set "
            f"protected = false under [environments.{aws.name}], and repeat the command"
        )


def _delete_used_stack(
    aws: AwsSession, project: Project, stack: DeployedStack, say: Callable[[str], None]
) -> None:
    if preview := preview_of_stack(stack):
        delete_preview(ModelContext(aws, project, naming.preview(preview.model, preview.number)), say)
        return
    for output, machine in stack.outputs.items():
        if output.endswith(_MACHINE):
            stop_executions(aws, machine, "The environment is destroyed.", say)
    _delete_stack(aws, stack, say)


def _delete_stack(aws: AwsSession, stack: DeployedStack, say: Callable[[str], None]) -> None:
    if stack.protected:  # by a deployment from when project.toml said so
        protect(aws, stack.name, protected=False, say=say)
    stack_status.delete(aws, stack, then=_THEN)
    say(f"deleted stack {stack.name}")


def _delete_table(dynamodb: "DynamoDBClient", table: str | None, say: Callable[[str], None]) -> None:
    if table is None:
        return
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)

    def status() -> str:
        try:
            return dynamodb.describe_table(TableName=table)["Table"]["TableStatus"]
        except dynamodb.exceptions.ResourceNotFoundException:
            return GONE

    if wait_until_ended(f"table {table}", status, CHANGED_TABLE, _MINUTES) != GONE:
        dynamodb.delete_table(TableName=table)
        wait_until_ended(f"the deletion of table {table}", status, DELETED_TABLE, _MINUTES)
    say(f"deleted table {table}")


def _delete_data(aws: AwsSession, project: Project, key: Key | None, say: Callable[[str], None]) -> None:
    """Delete the data and the key; a repeated attempt finds the key by the data bucket, so that goes after it."""
    s3: S3Client = aws.client("s3")
    data = naming.data_bucket(project, aws.environment)
    if has_bucket(s3, data):
        remove_objects(s3, data, "", say)
    if key and key.state != PENDING:
        kms: KMSClient = aws.client("kms")
        kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=DAYS_OF_THE_KEY)
        say(f"scheduled the deletion of key {key.arn}, in {DAYS_OF_THE_KEY} days")
    remove_bucket(s3, data, say)
    # Now that nothing is recorded in it any more.
    remove_bucket(s3, naming.access_logs_bucket(project, aws.environment), say)


def _delete_repository(
    ecr: Any, repository: str, say: Callable[[str], None]  # noqa: ANN401 - its stubs are not installed
) -> None:
    try:
        ecr.delete_repository(repositoryName=repository)
    except ecr.exceptions.RepositoryNotFoundException:
        return
    say(f"deleted repository {repository}")
