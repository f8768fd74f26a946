"""Managed spot training: jobs that are interrupted on request, and go on when they have instances again.

AWS: InProgress goes through Starting, Downloading, Training, Interrupted, Starting, Downloading, Training and so on;
MaxRuntimeInSeconds counts the time of all attempts, MaxWaitTimeInSeconds the waits between them as well. Here a
user (`headrace-local interrupt JOB`) or a test interrupts a job; the environment variable
HEADRACE_LOCAL_INTERRUPT_AFTER_SECONDS of the server does so once to every such job.
"""

import threading
import time
from queue import Empty

from moto.core.utils import utcnow
from moto.sagemaker.exceptions import AWSValidationException

from headrace_local import environ
from headrace_local.sagemaker import handles
from headrace_local.sagemaker.handles import Event, Handle, Reason
from headrace_local.sagemaker.job import Job, enter
from headrace_local.sagemaker.plan import Plan


def capacity_seconds() -> float:
    """Return how long an interrupted job waits for new instances."""
    return environ.seconds(environ.SPOT_WAIT, 1)


def is_spot(job: Job) -> bool:
    """Tell whether the job runs on spot instances, which can be interrupted."""
    return job.kind == "Training" and bool(job.request.get("EnableManagedSpotTraining"))


def interrupt(job: Job) -> None:
    """Interrupt a running job; refuse one that does not run, or does not run on spot instances."""
    handle = handles.find(job.arn)
    if handle is None or job.status != "InProgress":
        raise AWSValidationException(
            f"The request was rejected because the training job {job.name} is in status {job.status}."
        )
    if not is_spot(job):
        raise AWSValidationException(
            f"The training job {job.name} cannot be interrupted: EnableManagedSpotTraining is false."
        )
    handle.events.put(Event("interrupted"))


def interrupt_later(handle: Handle) -> None:
    """Interrupt the job once, when the server's environment says so."""
    seconds = environ.seconds(environ.INTERRUPT_AFTER, 0)
    if seconds and is_spot(handle.job):
        timer = threading.Timer(seconds, handle.events.put, [Event("interrupted")])
        timer.daemon = True
        timer.start()


def limit(job: Job, plan: Plan) -> tuple[float, Reason]:
    """Return when the attempt that now begins has to end, by the monotonic clock, and what is over then."""
    used = sum(
        (transition["EndTime"] - transition["StartTime"]).total_seconds()
        for transition in job.transitions
        if transition["Status"] == "Training"
    )
    now = time.monotonic()
    runtime: tuple[float, Reason] = (now + plan.max_runtime_seconds - used, "runtime")
    return min(runtime, (now + _seconds_to_wait(job), "wait")) if is_spot(job) else runtime


def new_instances(handle: Handle) -> Event | None:
    """Wait for new instances; return what came instead, if anything did."""
    job = handle.job
    enter(job, "Interrupted")
    deadline = time.monotonic() + min(capacity_seconds(), _seconds_to_wait(job))
    while True:
        try:
            event = handle.events.get(timeout=max(0, deadline - time.monotonic()))
        except Empty:
            break
        if event.reason != "interrupted":  # it has no instances
            return event
    if _seconds_to_wait(job) <= 0:
        return Event("wait")
    enter(job, "Starting")
    return None


def _seconds_to_wait(job: Job) -> float:
    """Return what is left of MaxWaitTimeInSeconds, which counts from the job's creation."""
    waited = (utcnow() - job.creation_time).total_seconds()
    return float(job.request["StoppingCondition"]["MaxWaitTimeInSeconds"]) - waited
