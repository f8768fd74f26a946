"""A preview of a pull request: the tags by which its stack is known, and its deletion."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headrace_aws import naming
from headrace_aws.asl.render import pipeline_names
from headrace_aws.runs.records.context import Place
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


def delete_preview(place: Place, say: Callable[[str], None]) -> None:
    """Delete all that a preview has: logs of its jobs, versions, objects, records, and last its stack.

    `place` is that of the preview's own model. The stack goes last: as long as there is one, the sweep finds what a
    deletion that broke off left.

    Raises:
        DeployError: something stays; the message says why.
    """
    said: list[str] = []

    def tell(text: str) -> None:
        said.append(text)
        say(text)

    machines = [
        naming.state_machine_arn(place.project, place.aws.environment, place.model, pipeline)
        for pipeline in pipeline_names()
    ]
    for machine in machines:
        stop_executions(place.aws, machine, "The preview is removed.", tell)
    jobs = jobs_of(place.states, [arn for machine in machines for arn in executions(place.states, machine)])
    remove_logs_of_jobs(place.aws.client("logs"), jobs, tell)
    remove_group(place.sagemaker, place.group, tell)
    if has_bucket(place.s3, place.bucket):
        remove_objects(place.s3, place.bucket, f"{place.model}/", tell)
        remove_records(place.dynamodb, place.table, place.model, tell)
    if stack := deployed_stack(place.aws, naming.pipelines_stack(place.project, place.model)):
        stack_status.delete(place.aws, stack, then="repeat the command")
        tell(f"deleted stack {stack.name}")
    say(f"preview {place.model}: {'removed' if said else 'nothing is left of it'}")
