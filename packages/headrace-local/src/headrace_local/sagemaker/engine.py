"""How a job runs: a thread per job, which brings the inputs, runs the containers, and publishes what they leave.

`containers.py` runs the processes, `spot.py` interrupts instances and replaces them. The work of a tuning job is other
jobs: `tuning.py`.
"""

import logging
import shutil
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from headrace_local.events.depth import at_this_depth
from headrace_local.sagemaker import (
    checkpoints,
    containers,
    instance,
    processing,
    spot,
    training,
    transform,
    volume,
)
from headrace_local.sagemaker.errors import JobFailedError
from headrace_local.sagemaker.handles import Event, Handle, add, everything, remove
from headrace_local.sagemaker.job import Job, enter, finish, report
from headrace_local.sagemaker.metrics import final_metrics
from headrace_local.sagemaker.plan import Instance, Plan, image_of, instances
from headrace_local.sagemaker.s3 import Store, store

_KINDS = {"Processing": processing, "Training": training, "Transform": transform}
_ENDED_WITH_SERVER = "InternalServerError: the local AWS was stopped while the job ran; start the job again"
_TIME_LIMITS = {"runtime": "MaxRuntimeExceeded", "wait": "MaxWaitTimeExceeded"}

logger = logging.getLogger(__name__)


def launch(job: Job, work: Callable[[Handle], None]) -> None:
    """Do the work of a job, such as `execute`, in a thread of its own."""
    handle = add(job)
    spot.interrupt_later(handle)
    report(job)
    threading.Thread(target=at_this_depth(_run), args=(handle, work), name=job.name, daemon=True).start()


def end_all() -> None:
    """End every running job, as the server is about to; return when each is recorded as failed."""
    handles = everything()
    for handle in handles:
        handle.events.put(Event("server"))
    for handle in handles:
        handle.finished.wait(containers.grace_seconds() + 10)


def fail_lost(job: Job) -> None:
    """Record the end of a job that an earlier server process left unfinished, having been killed."""
    finish(job, "Failed", FailureReason=_ENDED_WITH_SERVER)


def _run(handle: Handle, work: Callable[[Handle], None]) -> None:
    job = handle.job
    try:
        work(handle)
    except JobFailedError as failure:
        finish(job, "Failed", FailureReason=str(failure))
    except Exception as error:
        full = volume.full_disk(error) if isinstance(error, OSError) else None
        if full is None:
            logger.exception("job %s", job.name)
        finish(job, "Failed", FailureReason=str(full or f"InternalServerError: {error!r}"))
    finally:
        remove(handle)


def execute(handle: Handle) -> None:
    """Run a processing, training or transform job on its instances, from its inputs to its outputs."""
    job = handle.job
    plan = _KINDS[job.kind].plan(job)
    image_of(plan.image)  # an image that nothing stands for fails the job before its inputs are brought
    machines = instances(instance.work_folder(job.name, job.arn), plan.hosts)
    bucket = store(job)
    try:
        end = _attempted(handle, plan, machines, bucket)
        if end.reason != "server" and not end.exit_code:
            volume.check_written(plan, machines)
    finally:
        for machine in machines:
            shutil.rmtree(machine.scratch, ignore_errors=True)
            instance.drop_inputs(plan, machine)
    _conclude(job, end, bucket, machines)


def _attempted(handle: Handle, plan: Plan, machines: list[Instance], bucket: Store) -> Event:
    """Run the job, and again after each interruption; return how it ended."""
    while True:
        end = _ran(handle, plan, machines, bucket)
        if end.reason != "interrupted":
            return end
        for machine in machines:
            instance.erase(machine)
        instead = spot.new_instances(handle)
        if instead is not None:
            return instead


def _ran(handle: Handle, plan: Plan, machines: list[Instance], bucket: Store) -> Event:
    """Bring the inputs, run the processes, keep the checkpoints; return how it ended."""
    job = handle.job
    enter(job, "Downloading")
    for machine in machines:
        instance.prepare(plan, machine, bucket)
    roots = [machine.root for machine in machines]
    with checkpoints.kept(job, bucket, roots) if job.kind == "Training" else nullcontext():
        return containers.ran(handle, plan, machines, spot.limit(job, plan))


def _conclude(job: Job, end: Event, bucket: Store, machines: list[Instance]) -> None:
    """Publish what there is to publish, and record the end."""
    roots = [machine.root for machine in machines]
    kind = _KINDS[job.kind]
    words = processing.exit_message(roots) if job.kind == "Processing" else {}
    if end.reason == "server":
        finish(job, "Failed", FailureReason=_ENDED_WITH_SERVER, **words)
        return
    completed = end.reason == "exited" and not end.exit_code
    enter(job, "Uploading")
    facts = kind.publish(job, bucket, roots, completed=completed)
    if job.kind == "Training":
        facts["FinalMetricDataList"] = _measured(job, machines)
    if end.exit_code:
        finish(job, "Failed", FailureReason=str(kind.failure(roots, end.exit_code)), **facts, **words)
    elif completed:
        _remove(roots)
        finish(job, "Completed", **facts, **words)
    else:
        finish(job, "Stopped", _TIME_LIMITS.get(end.reason), **facts, **words)


def _measured(job: Job, machines: list[Instance]) -> list[dict[str, object]]:
    definitions = job.request["AlgorithmSpecification"].get("MetricDefinitions", [])
    return final_metrics(definitions, [machine.log for machine in machines if machine.log.is_file()])


def _remove(folders: list[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
