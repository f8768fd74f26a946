"""An environment's parts taken away, in the order in which one needs the other. Each step may be repeated."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from headrace.errors import ConfigurationError
from infra import names, stack_status
from infra.aws import Clients
from infra.destroy.inventory import PENDING, Inventory, Key
from infra.preview.place import preview_name
from infra.preview.removal import remove
from infra.preview.sweep import preview_in
from infra.project_stacks import DeployedStack
from infra.protection import protect
from infra.records.place import Place
from infra.removal.executions import stop_executions
from infra.removal.images import remove_images
from infra.removal.job_logs import remove_logs_of_project
from infra.removal.objects import has_bucket, remove_bucket, remove_objects
from infra.removal.registry import remove_group
from pipelines.project import Project

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client

DAYS_OF_THE_KEY = 30  # until it is gone: the longest, in which somebody may still call it back
# Nothing is made in the one, which has no more than a change set; the other goes already.
_DELETABLE_IN_PROGRESS = frozenset({"REVIEW_IN_PROGRESS", "DELETE_IN_PROGRESS"})
_THEN = "repeat the command"
_MACHINE = "StateMachineArn"  # how the outputs of a pipelines stack end that name a state machine


def take_away(
    found: Clients, project: Project, there: Inventory, say: Callable[[str], None], *, everything: bool
) -> None:
    """Take away what there is: what starts runs, runs, models, data, images, and last the network.

    With `everything` go bootstrap and permissions too, which cost nothing.

    Raises:
        DeployError: something stays; the message says why. What was taken away until then is gone.
    """
    network = names.network_stack(project)
    free = names.free_stacks(project)
    s3: S3Client = found.client("s3")
    for stack in there.stacks:
        if stack.name not in {network, *free}:
            _take_stack(found, project, stack, say)
    remove_logs_of_project(found.client("logs"), project.name, say)
    for group in there.groups:
        remove_group(found.client("sagemaker"), group, say)
    _take_table(found.client("dynamodb"), there.table, say)
    if there.topic:
        found.client("sns").delete_topic(TopicArn=there.topic)
        say(f"deleted topic {there.topic}")
    _take_data(found, project, there.key, say)
    artefacts = names.artefact_bucket(project, found.environment)
    if artefacts in there.buckets:
        remove_objects(s3, artefacts, "", say)
    remove_images(found.client("ecr"), project.name, say)
    for stack in there.stacks:
        if stack.name == network or (stack.name in free and everything):
            _delete(found, stack, say)
    if everything:
        remove_bucket(s3, artefacts, say)
        _take_repository(found.client("ecr"), project.name, say)


def check_free(found: Clients, stacks: Sequence[DeployedStack]) -> None:
    """Raise `DeployError` when a stack is being made or changed just now."""
    for stack in stacks:
        if stack.status.endswith("_IN_PROGRESS") and stack.status not in _DELETABLE_IN_PROGRESS:
            stack_status.check_free(found, stack.name, stack.status, _THEN)


def check_unprotected(found: Clients) -> None:
    """Raise `ConfigurationError` when project.toml protects the environment."""
    if found.environment.protected:
        raise ConfigurationError(
            f"environment {found.name} is protected, so says project.toml. To destroy it nevertheless, set "
            f"protected = false under [environments.{found.name}], and repeat the command"
        )


def _take_stack(found: Clients, project: Project, stack: DeployedStack, say: Callable[[str], None]) -> None:
    if preview := preview_in(stack):
        name = preview_name(preview.model, preview.number)
        remove(Place(found, project, name), say)
        return
    for output, machine in stack.outputs.items():
        if output.endswith(_MACHINE):
            stop_executions(found, machine, "The environment is destroyed.", say)
    _delete(found, stack, say)


def _delete(found: Clients, stack: DeployedStack, say: Callable[[str], None]) -> None:
    if stack.protected:  # by a deployment from when project.toml said so
        protect(found.client("cloudformation"), stack.name, protected=False, say=say)
    stack_status.delete(found, stack.name, stack.role_arn, then=_THEN)
    say(f"deleted stack {stack.name}")


def _take_table(dynamodb: "DynamoDBClient", table: str | None, say: Callable[[str], None]) -> None:
    if table is None:
        return
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.get_waiter("table_exists").wait(TableName=table)  # until it has taken the change
    dynamodb.delete_table(TableName=table)
    dynamodb.get_waiter("table_not_exists").wait(TableName=table)
    say(f"deleted table {table}")


def _take_data(found: Clients, project: Project, key: Key | None, say: Callable[[str], None]) -> None:
    """Take the data away and the key; a broken attempt finds the key by the data bucket, so that goes after it."""
    s3: S3Client = found.client("s3")
    data = names.data_bucket(project, found.environment)
    if has_bucket(s3, data):
        remove_objects(s3, data, "", say)
    if key and key.state != PENDING:
        kms: KMSClient = found.client("kms")
        kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=DAYS_OF_THE_KEY)
        say(f"scheduled the deletion of key {key.arn}, in {DAYS_OF_THE_KEY} days")
    remove_bucket(s3, data, say)
    # Now that nothing is recorded in it any more.
    remove_bucket(s3, names.access_logs_bucket(project, found.environment), say)


def _take_repository(
    ecr: Any, repository: str, say: Callable[[str], None]  # noqa: ANN401 - its stubs are not installed
) -> None:
    try:
        ecr.delete_repository(repositoryName=repository)
    except ecr.exceptions.RepositoryNotFoundException:
        return
    say(f"deleted repository {repository}")
