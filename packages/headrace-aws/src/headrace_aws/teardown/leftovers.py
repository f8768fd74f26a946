"""What stays of an environment, and why that costs nothing."""

from collections.abc import Mapping, Sequence

from headrace_aws import naming
from headrace_aws.config.environment import Environment
from headrace_aws.config.project import Project
from headrace_aws.teardown.inventory import PENDING, Inventory, Key

# What AWS keeps of its own accord, or what others use too.
BESIDE = (
    "log groups /aws/sagemaker/*: shared by all projects of the account; the logs of this one's jobs are deleted",
    "rules StepFunctionsGetEventsFor*: Step Functions keeps them for all state machines of the account; free",
    "the last state of the table: DynamoDB keeps it for 35 days; free",
    "records of jobs in SageMaker and of calls in CloudTrail: AWS keeps them; free",
)
_BOOTSTRAP_GONE = "identity provider of GitHub: one for all projects of the account; free"


def leftover_lines(inventory: Inventory, key: Key | None, project: Project) -> list[str]:
    """Return a line with the reason for each thing that stays: what was looked up afterwards, and what AWS keeps."""
    bootstrap = _free(inventory, project)
    lines = [f"stack {name}: {what}; free; ALL=1 takes it too" for name, what in bootstrap.items()]
    if key and key.state == PENDING:
        lines.append(f"key {key.arn}: deleted at the end of its waiting time; free until then")
    return [*lines, *([] if bootstrap else [_BOOTSTRAP_GONE]), *BESIDE]


def not_deleted(
    inventory: Inventory, key: Key | None, project: Project, environment: Environment
) -> Sequence[str]:
    """Return what should be gone and is not."""
    bootstrap = _free(inventory, project)
    # The bucket of the bootstrap stack stays with it, and is empty.
    artefacts = naming.artefact_bucket(project, environment)
    buckets = [bucket for bucket in inventory.buckets if not (bootstrap and bucket == artefacts)]
    return [
        *(stack.name for stack in inventory.stacks if stack.name not in bootstrap),
        *inventory.groups,
        *buckets,
        *(part for part in (inventory.table, inventory.topic) if part),
        *([key.arn] if key and key.state != PENDING else []),
        *(["images"] if inventory.images else []),
    ]


def _free(inventory: Inventory, project: Project) -> Mapping[str, str]:
    """Return the stacks that an administrator made and that cost nothing, with what is in them."""
    contents = (
        "identity provider, roles, an empty bucket and an empty repository",
        "a role and two policies",
    )
    known = dict(zip(naming.free_stacks(project), contents, strict=True))
    return {stack.name: known[stack.name] for stack in inventory.stacks if stack.name in known}
