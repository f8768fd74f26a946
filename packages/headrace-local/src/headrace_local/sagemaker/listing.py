"""Lists of jobs, page by page: ListXJobs, and the trainings of a tuning job."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.models import SageMakerModelBackend

from headrace_local.sagemaker import trials
from headrace_local.sagemaker.constraints import check_request
from headrace_local.sagemaker.job import Job, Kind
from headrace_local.sagemaker.job_store import jobs
from headrace_local.sagemaker.jobs import description, find, refreshed

_LONGEST_PAGE = 100
# Filters of ListTrainingJobs on what no job here ever has.
_NEVER_THERE = ("WarmPoolStatusEquals", "TrainingPlanArnEquals")


def listing(backend: SageMakerModelBackend, kind: Kind, query: dict[str, Any]) -> dict[str, Any]:
    """Return one page of ListXJobs: filtered, sorted, newest last unless asked otherwise."""
    check_request(f"List{kind}Jobs", query)
    found = [refreshed(job) for job in list(jobs(backend, kind).values())]
    wanted = [job for job in found if _wanted(job, query)]
    return _page(wanted, query, f"{kind}JobSummaries", lambda job: _summary(backend, job))


def trainings(backend: SageMakerModelBackend, query: dict[str, Any]) -> dict[str, Any]:
    """Return one page of ListTrainingJobsForHyperParameterTuningJob."""
    check_request("ListTrainingJobsForHyperParameterTuningJob", query)
    tuning = find(backend, "HyperParameterTuning", query["HyperParameterTuningJobName"])
    found = [refreshed(job) for job in trials.of(backend, tuning) if _wanted(job, query)]
    if query.get("SortBy") == "FinalObjectiveMetricValue":
        found = [job for job in found if trials.objective_value(job, tuning) is not None]

    def value(job: Job) -> float:
        return trials.objective_value(job, tuning) or 0.0

    return _page(found, query, "TrainingJobSummaries", lambda job: trials.summary(job, tuning), value)


def _summary(backend: SageMakerModelBackend, job: Job) -> dict[str, Any]:
    found = description(backend, job)
    configuration = found.get("HyperParameterTuningJobConfig")
    if configuration:  # a summary has no place for the configuration itself
        found |= {"Strategy": configuration["Strategy"], "ResourceLimits": configuration["ResourceLimits"]}
    return found


def _page(
    found: list[Job],
    query: dict[str, Any],
    name: str,
    summary: Callable[[Job], dict[str, Any]],
    objective: Callable[[Job], float] | None = None,
) -> dict[str, Any]:
    orders: dict[str, Callable[[Job], Any]] = {"Name": lambda job: job.name, "Status": lambda job: job.status}
    if objective is not None:
        orders["FinalObjectiveMetricValue"] = objective
    order = orders.get(query.get("SortBy", ""), lambda job: job.creation_time)
    ordered = sorted(found, key=order, reverse=query.get("SortOrder") == "Descending")
    begin = offset(query.get("NextToken"))
    end = begin + query.get("MaxResults", _LONGEST_PAGE)
    page = {name: [summary(job) for job in ordered[begin:end]]}
    return page | ({"NextToken": str(end)} if end < len(ordered) else {})


def _wanted(job: Job, query: dict[str, Any]) -> bool:
    return (
        query.get("NameContains", "").lower() in job.name.lower()
        and query.get("StatusEquals", job.status) == job.status
        and _within(job.creation_time, query.get("CreationTimeAfter"), query.get("CreationTimeBefore"))
        and _within(
            job.last_modified_time, query.get("LastModifiedTimeAfter"), query.get("LastModifiedTimeBefore")
        )
        and not any(query.get(name) for name in _NEVER_THERE)
    )


def _within(moment: datetime, after: datetime | None, before: datetime | None) -> bool:
    return (after is None or moment > naive(after)) and (before is None or moment < naive(before))


def naive(moment: datetime) -> datetime:
    """Return a moment as moto keeps them: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def offset(token: str | None) -> int:
    """Return where a page begins; raise AWS's error for a token that is none."""
    if token is None:
        return 0
    if not token.isdecimal():
        raise AWSValidationException("Invalid pagination token")
    return int(token)
