"""Print the logs of jobs: `headrace logs [--job NAME | --execution NAME]`.

A job's name may be cut short: every job whose name begins so is printed. Without a name, the newest job is.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError
from headrace_aws import cli, naming
from headrace_aws.config.project import load_project
from headrace_aws.runs.history import history
from headrace_aws.runs.pipeline import DeployedPipeline, add_pipeline_option, named_pipeline, pipeline_of
from headrace_aws.session import AwsSession, aws_session

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

KINDS = ("ProcessingJob", "TrainingJob")
_MILLISECONDS = 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = cli.parser("logs", "Print the logs of jobs.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--job", metavar="NAME", help="a job, or how the names of several begin")
    which.add_argument("--execution", metavar="NAME", help="all jobs of an execution")
    add_pipeline_option(parser)
    options = parser.parse_args(arguments)

    def command() -> int:
        if options.execution:
            pipeline = named_pipeline(options)
            aws, parts = pipeline.aws, execution_jobs(pipeline, options.execution)
        else:
            project = load_project()
            aws = aws_session(project, options.env)
            parts = [options.job or newest_job(aws, project.name)]
        streams = [stream for part in parts for stream in streams_of(aws.client("logs"), part)]
        if not streams:
            raise ConfigurationError(
                f"no log of {options.execution or options.job!r}; see the job's name in the output of `make run`"
            )
        print_streams(aws.client("logs"), streams, cli.say)
        return 0

    return cli.exit_status(command)


def execution_jobs(pipeline: DeployedPipeline, execution: str) -> list[str]:
    """Return the names of an execution's jobs, those of its loops too, in the order in which they were started."""
    target = pipeline_of(pipeline, execution)
    visits = history(target.states, naming.execution_arn(target.machine, execution))
    return [job.name for visit in visits for job in visit.jobs]


def newest_job(aws: AwsSession, prefix: str) -> str:
    """Return the job that was created last; raise `ConfigurationError` when there was none."""
    sagemaker = aws.client("sagemaker")
    newest = {"SortBy": "CreationTime", "SortOrder": "Descending", "NameContains": prefix, "MaxResults": 1}
    jobs = [
        (job["CreationTime"], job["ProcessingJobName"])
        for job in sagemaker.list_processing_jobs(**newest)["ProcessingJobSummaries"]
    ] + [
        (job["CreationTime"], job["TrainingJobName"])
        for job in sagemaker.list_training_jobs(**newest)["TrainingJobSummaries"]
    ]
    if not jobs:
        raise ConfigurationError("no job has run yet; `make run` runs some")
    return str(max(jobs)[1])


def streams_of(logs: "CloudWatchLogsClient", job: str) -> list[tuple[str, str]]:
    """Return log group and stream of every instance of every job whose name begins so, oldest first."""
    found: list[tuple[int, str, str]] = []
    for kind in KINDS:
        group = naming.log_group(kind)
        try:
            pages = list(
                logs.get_paginator("describe_log_streams").paginate(
                    logGroupName=group, logStreamNamePrefix=job
                )
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                continue  # no job of this kind has run yet
            raise
        found += [
            (stream.get("creationTime", 0), group, stream["logStreamName"])
            for page in pages
            for stream in page["logStreams"]
        ]
    return [(group, stream) for _, group, stream in sorted(found)]


def print_streams(
    logs: "CloudWatchLogsClient", streams: Sequence[tuple[str, str]], say: Callable[[str], None]
) -> None:
    """Say every line of every stream, with its time (UTC), under the stream's name."""
    for group, stream in streams:
        say(f"{group} {stream}")
        for milliseconds, line in lines(logs, group, stream):
            say(f"{datetime.fromtimestamp(milliseconds / _MILLISECONDS, UTC):%H:%M:%S}  {line}")


def lines(logs: "CloudWatchLogsClient", group: str, stream: str) -> Iterator[tuple[int, str]]:
    """Yield time (milliseconds since 1970) and text of each line, oldest first."""
    token: str | None = None
    while True:
        more = {"nextToken": token} if token else {}
        answer = logs.get_log_events(
            logGroupName=group, logStreamName=stream, startFromHead=True, **more  # type: ignore[arg-type]
        )
        yield from ((event["timestamp"], event["message"]) for event in answer["events"])
        # The last page has the same token as the one before.
        if answer["nextForwardToken"] == token:
            return
        token = answer["nextForwardToken"]


def tail(logs: "CloudWatchLogsClient", kind: str, job: str, count: int) -> list[str]:
    """Return the last lines that a job printed, of its first instance; none when it printed nothing."""
    group = naming.log_group(kind)
    streams = [stream for found, stream in streams_of(logs, f"{job}/") if found == group]
    if not streams:
        return []
    answer = logs.get_log_events(
        logGroupName=group, logStreamName=streams[0], startFromHead=False, limit=count
    )
    return [event["message"] for event in answer["events"]]
