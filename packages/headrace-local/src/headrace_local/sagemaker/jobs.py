"""The operations on jobs: create, describe, stop, and wait for the end without polling."""

import threading
from typing import Any

from moto.sagemaker.exceptions import AWSValidationException, ResourceInUseException
from moto.sagemaker.models import SageMakerModelBackend, sagemaker_backends
from moto.sagemaker.utils import arn_formatter

from headrace_local.sagemaker import engine, handles, models, trials, tuning, validation
from headrace_local.sagemaker.constraints import check_request
from headrace_local.sagemaker.job import Job, Kind, ask_to_stop, describe, enter
from headrace_local.sagemaker.job_store import jobs, kind_of, resource_type

_creating = threading.Lock()


def create(backend: SageMakerModelBackend, kind: Kind, request: dict[str, Any], tuning_arn: str = "") -> str:
    """Start a job and return its ARN; raise AWS's errors for a name in use, a role, a value out of bounds.

    `tuning_arn` is the tuning job that a training belongs to.
    """
    name = request.get(f"{kind}JobName", "")  # a request without one is refused by the check
    arn = arn_formatter(resource_type(kind), name, backend.account_id, backend.region_name)
    role = _checked_role(backend, kind, request, arn)
    job = Job(
        kind=kind,
        name=name,
        arn=arn,
        account=backend.account_id,
        region=backend.region_name,
        request={key: value for key, value in request.items() if key != "Tags"},
        tags=list(request.get("Tags") or ()),
        role_arn=role,
        tuning_arn=tuning_arn,
    )
    if kind == "Training":
        validation.check_channels(job)
    enter(job, "Starting")
    known = jobs(backend, kind)
    with _creating:
        if name in known:
            raise ResourceInUseException(
                f"Job name must be unique within an AWS account and region, and a job "
                f"with this name already exists ({job.arn})"
            )
        engine.launch(job, _run_tuning if kind == "HyperParameterTuning" else engine.execute)
        known[name] = job
    return job.arn


def _run_tuning(handle: handles.Handle) -> None:
    tuning.run(handle, create)


def _checked_role(backend: SageMakerModelBackend, kind: Kind, request: dict[str, Any], arn: str) -> str:
    """Hold a request against all that can be known before there is a job; return the role of the job."""
    check_request(f"Create{kind}Job", request)
    if kind == "HyperParameterTuning":
        tuning.check(request)
        return _checked_role(backend, "Training", tuning.first_training(request), arn)
    _CHECKS[kind](request)
    role = models.role(backend, request["ModelName"]) if kind == "Transform" else request["RoleArn"]
    validation.check_role(role, backend.account_id, arn)
    return str(role)


_CHECKS = {
    "Processing": validation.check_processing,
    "Training": validation.check_training,
    "Transform": validation.check_transform,
}


def find(backend: SageMakerModelBackend, kind: Kind, name: str) -> Job:
    """Return a job; raise AWS's error when there is none."""
    job = jobs(backend, kind).get(name)
    if job is None:
        raise AWSValidationException(f"Could not find requested job with name: {name}")
    return refreshed(job)


def description(backend: SageMakerModelBackend, job: Job) -> dict[str, Any]:
    """Return what DescribeXJob answers."""
    more = trials.description(backend, job) if job.kind == "HyperParameterTuning" else {}
    return describe(job) | more


def stop(backend: SageMakerModelBackend, kind: Kind, name: str) -> None:
    """Ask a job to end; it is Stopping until its processes have ended."""
    job = find(backend, kind, name)
    handle = handles.find(job.arn)
    if handle is None:
        raise AWSValidationException(
            f"The request was rejected because the {resource_type(kind).replace('-', ' ')} is in status {job.status}."
        )
    if ask_to_stop(job):
        handle.events.put(handles.Event("requested"))


def wait(arn: str, timeout_seconds: float | None = None) -> None:
    """Return when the job with that ARN has ended; raise `TimeoutError` when it has not in time."""
    handle = handles.find(arn)
    if handle is None:
        # It has ended already, or never was: the second is the caller's mistake and must not look like the first.
        _, _, _, region, account, resource = arn.split(":", 5)
        resource_type_, _, name = resource.partition("/")
        find(sagemaker_backends[account][region], kind_of(resource_type_), name)
    elif not handle.finished.wait(timeout_seconds):
        raise TimeoutError(f"{arn} has not ended within {timeout_seconds} s")


def refreshed(job: Job) -> Job:
    """Return the job with its true status: one that runs in no thread of this process was lost with an earlier one, and has failed."""
    if not job.is_final and handles.find(job.arn) is None and not job.is_final:
        engine.fail_lost(job)
    return job
