"""Addresses of the console of AWS, where a run's parts are looked at; the local AWS has none."""

from urllib.parse import quote

from headrace_aws.naming import log_group
from headrace_aws.runs.history import Job

_DOMAINS = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}
_PAGES = {"ProcessingJob": "processing-jobs", "TrainingJob": "jobs", "TransformJob": "transform-jobs"}


def execution_link(region: str, arn: str) -> str:
    """Return the address of an execution's page."""
    return f"{_console(region)}/states/home?region={region}#/v2/executions/details/{quote(arn, safe=':')}"


def job_link(region: str, job: Job) -> str:
    """Return the address of a job's page."""
    return f"{_console(region)}/sagemaker/home?region={region}#/{_PAGES[job.kind]}/{quote(job.name, safe='')}"


def log_link(region: str, job: Job) -> str:
    """Return the address of a job's log streams."""
    group, stream = _twice_quoted(log_group(job.kind)), _twice_quoted(f"{job.name}/")
    return (
        f"{_console(region)}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}"
        f"$3FlogStreamNameFilter$3D{stream}"
    )


def object_link(region: str, uri: str) -> str:
    """Return the address of the page of an S3 URI, which names an object or, ending in a slash, a folder."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    page = "buckets" if key.endswith("/") or not key else "object"
    return f"{_console(region)}/s3/{page}/{quote(bucket)}?region={region}&prefix={quote(key, safe='/')}"


def _console(region: str) -> str:
    domain = next(
        (domain for start, domain in _DOMAINS.items() if region.startswith(start)), "console.aws.amazon.com"
    )
    return f"https://{region}.{domain}"


def _twice_quoted(text: str) -> str:
    """Return a text as CloudWatch's console has it in its address: quoted twice, with $ for %."""
    return quote(quote(text, safe=""), safe="").replace("%", "$")
