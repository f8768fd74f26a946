"""A preview of a pull request: the tags by which its stack is known, and its deletion."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headrace_aws import naming
from headrace_aws.asl.render import pipeline_names
from headrace_aws.model_context import ModelContext
from headrace_aws.stacks import stack_status
from headrace_aws.stacks.deployed import DeployedStack, deployed_stack
from headrace_aws.teardown.executions import executions, jobs_of, stop_executions
from headrace_aws.teardown.job_logs import remove_logs_of_jobs
from headrace_aws.teardown.objects import has_bucket, remove_objects
from headrace_aws.teardown.records import remove_records
from headrace_aws.teardown.registry import remove_group

TAG = "preview"  # of the stack: the number of the pull request
TAG_OF_MODEL = "preview-of"  # of the stack: the model that the pull request changes


@dataclass(frozen=True)
class DeployedPreview:
    """A preview in an environment, as the tags of its stack tell."""

    model: str
    number: int
    renewed_at: datetime


def preview_of_stack(stack: DeployedStack) -> DeployedPreview | None:
    """Return the preview that a stack holds; None when it is no preview's."""
    if not {TAG, TAG_OF_MODEL} <= stack.tags.keys():
        return None
    return DeployedPreview(stack.tags[TAG_OF_MODEL], int(stack.tags[TAG]), stack.changed_at)


def delete_preview(context: ModelContext, say: Callable[[str], None]) -> None:
    """Delete all that a preview has: logs of its jobs, versions, objects, records, and last its stack.

    `context` is that of the preview's own model. The stack goes last: as long as there is one, the sweep finds what a
    deletion that broke off left.

    Raises:
        DeployError: something stays; the message says why.
    """
    said: list[str] = []

    def tell(text: str) -> None:
        said.append(text)
        say(text)

    machines = [
        naming.state_machine_arn(context.project, context.aws.environment, context.model, pipeline)
        for pipeline in pipeline_names()
    ]
    for machine in machines:
        stop_executions(context.aws, machine, "The preview is removed.", tell)
    jobs = jobs_of(
        context.states, [arn for machine in machines for arn in executions(context.states, machine)]
    )
    remove_logs_of_jobs(context.aws.client("logs"), jobs, tell)
    remove_group(context.sagemaker, context.group, tell)
    if has_bucket(context.s3, context.bucket):
        remove_objects(context.s3, context.bucket, f"{context.model}/", tell)
        remove_records(context.dynamodb, context.table, context.model, tell)
    if stack := deployed_stack(context.aws, naming.pipelines_stack(context.project, context.model)):
        stack_status.delete(context.aws, stack, then="repeat the command")
        tell(f"deleted stack {stack.name}")
    say(f"preview {context.model}: {'removed' if said else 'nothing is left of it'}")
