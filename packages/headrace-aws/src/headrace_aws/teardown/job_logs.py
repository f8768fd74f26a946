"""What jobs logged. Their log groups are shared by all of an account, so streams are removed and groups stay."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from headrace_aws import formatting, naming
from headrace_aws.config.project import Jobs
from headrace_aws.runs.history import Job
from headrace_aws.runs.logs import KINDS

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


def remove_logs_of_jobs(
    logs: "CloudWatchLogsClient", jobs: Iterable[Job], say: Callable[[str], None]
) -> None:
    """Delete the log streams of jobs."""
    removed = sum(
        _remove(logs, naming.log_group(job.kind), f"{job.name}/", re.compile(re.escape(f"{job.name}/")))
        for job in jobs
    )
    _say(removed, say)


def remove_logs_of_project(logs: "CloudWatchLogsClient", project: str, say: Callable[[str], None]) -> None:
    """Delete the log streams of all jobs that a project ever ran."""
    # As the pipelines name their jobs. Another project's name may begin like this one's.
    job = re.compile(rf"{re.escape(project)}-({'|'.join(Jobs.model_fields)})-[0-9a-f]{{32}}")
    _say(sum(_remove(logs, naming.log_group(kind), f"{project}-", job) for kind in KINDS), say)


def _remove(logs: "CloudWatchLogsClient", group: str, prefix: str, job: "re.Pattern[str]") -> int:
    """Delete the streams of a group that begin with a prefix and are of such a job; return how many they were."""
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName=group, logStreamNamePrefix=prefix
    )
    try:
        found = [
            stream["logStreamName"]
            for page in pages
            for stream in page["logStreams"]
            if job.match(stream["logStreamName"])
        ]
    except logs.exceptions.ResourceNotFoundException:
        return 0  # no job ever logged
    for stream in found:
        logs.delete_log_stream(logGroupName=group, logStreamName=stream)
    return len(found)


def _say(removed: int, say: Callable[[str], None]) -> None:
    if removed:
        say(f"deleted {formatting.count(removed, 'log stream')} of jobs")
