"""The operations on jobs: create, describe, stop, list, and wait for the end without polling."""

import threading
from datetime import UTC, datetime
from typing import Any, cast

from moto.sagemaker.exceptions import AWSValidationException, ResourceInUseException
from moto.sagemaker.models import SageMakerModelBackend, sagemaker_backends
from moto.sagemaker.utils import arn_formatter

from infra.local.sagemaker import engine, handles, validation
from infra.local.sagemaker.constraints import check_request
from infra.local.sagemaker.job import Job, Kind, ask_to_stop, describe, enter

_creating = threading.Lock()


def create(backend: SageMakerModelBackend, kind: Kind, request: dict[str, Any]) -> str:
    """Start a job and return its ARN; raise AWS's errors for a name in use, a role, a value out of bounds."""
    check_request(f"Create{kind}Job", request)
    check = validation.check_processing if kind == "Processing" else validation.check_training
    check(request)
    validation.check_role(request["RoleArn"], backend.account_id)
    name = request[f"{kind}JobName"]
    job = Job(
        kind=kind,
        name=name,
        arn=arn_formatter(f"{kind.lower()}-job", name, backend.account_id, backend.region_name),
        account=backend.account_id,
        region=backend.region_name,
        request={key: value for key, value in request.items() if key != "Tags"},
        tags=list(request.get("Tags") or ()),
    )
    if kind == "Training":
        validation.check_channels(job)
    enter(job, "Starting")
    known = _jobs(backend, kind)
    with _creating:
        if name in known:
            raise ResourceInUseException(
                f"Job name must be unique within an AWS account and region, and a job "
                f"with this name already exists ({job.arn})"
            )
        engine.launch(job)
        known[name] = job
    return job.arn


def find(backend: SageMakerModelBackend, kind: Kind, name: str) -> Job:
    """Return a job; raise AWS's error when there is none."""
    job = _jobs(backend, kind).get(name)
    if job is None:
        raise AWSValidationException(f"Could not find requested job with name: {name}")
    return _settled(job)


def stop(backend: SageMakerModelBackend, kind: Kind, name: str) -> None:
    """Ask a job to end; it is Stopping until its processes have ended."""
    job = find(backend, kind, name)
    handle = handles.find(job.arn)
    if handle is None:
        raise AWSValidationException(
            f"The request was rejected because the {kind.lower()} job is in status {job.status}."
        )
    if ask_to_stop(job):
        handle.events.put(handles.Event("requested"))


def wait(arn: str, timeout_seconds: float | None = None) -> None:
    """Return when the job with that ARN has ended; raise `TimeoutError` when it has not in time."""
    handle = handles.find(arn)
    if handle is None:
        # It has ended already, or never was: the second is the caller's mistake and must not look like the first.
        _, _, _, region, account, resource = arn.split(":", 5)
        resource_type, _, name = resource.partition("/")
        kind: Kind = "Training" if resource_type == "training-job" else "Processing"
        find(sagemaker_backends[account][region], kind, name)
    elif not handle.finished.wait(timeout_seconds):
        raise TimeoutError(f"{arn} has not ended within {timeout_seconds} s")


def listing(backend: SageMakerModelBackend, kind: Kind, query: dict[str, Any]) -> dict[str, Any]:
    """Return one page of ListXJobs: filtered, sorted, newest last unless asked otherwise."""
    check_request(f"List{kind}Jobs", query)
    jobs = [_settled(job) for job in list(_jobs(backend, kind).values()) if _wanted(job, query)]
    sort_by = query.get("SortBy", "CreationTime")
    order = {"Name": lambda job: job.name, "Status": lambda job: job.status}
    jobs.sort(
        key=order.get(sort_by, lambda job: job.creation_time), reverse=query.get("SortOrder") == "Descending"
    )
    begin = _offset(query.get("NextToken"))
    end = begin + query.get("MaxResults", 100)
    page = {f"{kind}JobSummaries": [describe(job) for job in jobs[begin:end]]}
    return page | ({"NextToken": str(end)} if end < len(jobs) else {})


def _jobs(backend: SageMakerModelBackend, kind: Kind) -> dict[str, Job]:
    # moto keeps its own classes there; ours take their place.
    jobs: Any = backend.training_jobs if kind == "Training" else backend.processing_jobs
    return cast("dict[str, Job]", jobs)


def _settled(job: Job) -> Job:
    """Return the job; one that runs in no thread of this process was lost with an earlier one, and has failed."""
    if not job.is_final and handles.find(job.arn) is None and not job.is_final:
        engine.settle_lost(job)
    return job


def _wanted(job: Job, query: dict[str, Any]) -> bool:
    return (
        query.get("NameContains", "") in job.name
        and query.get("StatusEquals", job.status) == job.status
        and _within(job.creation_time, query.get("CreationTimeAfter"), query.get("CreationTimeBefore"))
        and _within(
            job.last_modified_time, query.get("LastModifiedTimeAfter"), query.get("LastModifiedTimeBefore")
        )
    )


def _within(moment: datetime, after: datetime | None, before: datetime | None) -> bool:
    return (after is None or moment > _naive(after)) and (before is None or moment < _naive(before))


def _naive(moment: datetime) -> datetime:
    """Return a moment as moto keeps them: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdecimal():
        raise AWSValidationException("Invalid pagination token")
    return int(token)
