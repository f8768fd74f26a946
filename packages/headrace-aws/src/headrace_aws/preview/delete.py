"""A preview taken away, with everything in it."""

from collections.abc import Callable

from headrace_aws import naming
from headrace_aws.asl.render import pipeline_names
from headrace_aws.deletion.executions import executions, jobs_of, stop_executions
from headrace_aws.deletion.job_logs import remove_logs_of_jobs
from headrace_aws.deletion.objects import has_bucket, remove_objects
from headrace_aws.deletion.records import remove_records
from headrace_aws.deletion.registry import remove_group
from headrace_aws.runs.records.context import Place
from headrace_aws.stacks import stack_status
from headrace_aws.stacks.deployed import deployed_stack


def remove(place: Place, say: Callable[[str], None]) -> None:
    """Remove all that a preview has: logs of its jobs, versions, objects, records, and last its stack.

    `place` is that of its own model, as `preview_name` names it.

    The stack goes last: as long as there is one, the sweep finds what a broken removal left.

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
