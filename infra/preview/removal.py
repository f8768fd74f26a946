"""A preview taken away, with everything in it."""

from collections.abc import Callable

from infra import names, stack_status
from infra.project_stacks import stack_named
from infra.records.place import Place
from infra.removal.executions import executions, jobs_of, stop_executions
from infra.removal.job_logs import remove_logs_of_jobs
from infra.removal.objects import has_bucket, remove_objects
from infra.removal.records import remove_records
from infra.removal.registry import remove_group
from pipelines.render import PIPELINES


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
        names.state_machine_arn(place.project, place.found.environment, place.model, pipeline.NAME)
        for pipeline in PIPELINES
    ]
    for machine in machines:
        stop_executions(place.found, machine, "The preview is removed.", tell)
    jobs = jobs_of(place.states, [arn for machine in machines for arn in executions(place.states, machine)])
    remove_logs_of_jobs(place.found.client("logs"), jobs, tell)
    remove_group(place.sagemaker, place.group, tell)
    if has_bucket(place.s3, place.bucket):
        remove_objects(place.s3, place.bucket, f"{place.model}/", tell)
        remove_records(place.dynamodb, place.table, place.model, tell)
    if stack := stack_named(place.found, names.pipelines_stack(place.project, place.model)):
        stack_status.delete(place.found, stack.name, stack.role_arn, then="repeat the command")
        tell(f"deleted stack {stack.name}")
    say(f"preview {place.model}: {'removed' if said else 'nothing is left of it'}")
