"""What is known of one execution, read once for the terminal, the text of a failure and the page."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace_aws import naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.runs import logs
from headrace_aws.runs.failure import Failure, execution_failure
from headrace_aws.runs.history import (
    Event,
    Iteration,
    Visit,
    failing_visit,
    iterations,
    read_new_events,
    visits,
)
from headrace_aws.runs.jobs import JobRun, job_runs
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.runs.summary import LOG_LINES
from headrace_aws.s3_objects import MissingObjectError, content_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

REPORTS_LIMIT = 1_200_000  # bytes of embedded reports: the page stays below 2 MB
_REPORT = "/report/report.html"  # where a job leaves its report, under the run's prefix
_ALL = 1000  # objects that are listed; of a run with more that is said


@dataclass(frozen=True)
class StoredObject:
    """An object that the run wrote."""

    uri: str
    size: int  # bytes


@dataclass(frozen=True)
class JobReport:
    """A report that a job of the run wrote; `html` is None when there is no room for it."""

    uri: str
    html: str | None

    @property
    def step(self) -> str:
        """The folder of the run that it lies in, such as `evaluate`."""
        return self.uri.removesuffix(_REPORT).rpartition("/")[2]


@dataclass(frozen=True)
class RunSnapshot:
    """What is known of one execution at one time."""

    environment: str
    region: str
    model: str
    pipeline: str
    execution: Mapping[str, Any]  # as DescribeExecution answers
    visits: Sequence[Visit]
    iterations: Sequence[Iteration] = ()
    log: Sequence[str] = ()  # the end of the failing job's
    # The details, which the page needs and the terminal does not:
    definition: Mapping[str, Any] = field(default_factory=dict)  # the state machine that ran
    jobs: Sequence[JobRun] = ()
    objects: Sequence[StoredObject] = ()
    has_more_objects: bool = False
    reports: Sequence[JobReport] = ()
    read_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def name(self) -> str:
        """Name of the execution."""
        return str(self.execution["executionArn"]).rpartition(":")[2]

    @property
    def is_local(self) -> bool:
        """Whether it ran on the local AWS, which has no console."""
        return self.environment == LOCAL

    @property
    def is_running(self) -> bool:
        """Whether the execution had not ended when it was looked at."""
        return self.execution["status"] in {"RUNNING", "PENDING_REDRIVE"}

    @property
    def end(self) -> datetime:
        """When the execution ended; when it was looked at, if it still runs."""
        ended: datetime = self.read_at if self.is_running else self.execution["stopDate"]
        return ended

    @property
    def failure(self) -> Failure | None:
        """Why the execution failed, was stopped or ran out of time; None when it did not."""
        return execution_failure(self.execution)

    @property
    def failed(self) -> Visit | None:
        """The visit that ended the execution; of one that was stopped or ran out of time, the last."""
        failure = self.failure
        if failure is None:
            return None
        if self.execution["status"] == "FAILED":
            return failing_visit(self.visits, failure.cause) or next(reversed(self.visits), None)
        return next(reversed(self.visits), None)


def read_snapshot(pipeline: DeployedPipeline, name: str) -> RunSnapshot:
    """Return what is known of an execution, by its name, with the details; raise `ConfigurationError` for none."""
    arn = naming.execution_arn(pipeline.machine, name)
    described = _described(pipeline.states, arn)
    events: dict[int, Event] = {}
    read_new_events(pipeline.states, arn, events)
    return with_details(snapshot(pipeline, described, list(events.values())), pipeline)


def snapshot(
    pipeline: DeployedPipeline, described: Mapping[str, Any], events: Sequence[Event]
) -> RunSnapshot:
    """Return what description and events of an execution tell, with the end of the log of the job that failed."""
    made = RunSnapshot(
        environment=pipeline.aws.name,
        region=pipeline.aws.region,
        model=pipeline.model,
        pipeline=pipeline.name,
        execution=described,
        visits=visits(events),
        iterations=iterations(events),
    )
    if made.failed is None or not made.failed.jobs:
        return made
    job = made.failed.jobs[-1]
    return replace(made, log=logs.tail(pipeline.aws.client("logs"), job.kind, job.name, LOG_LINES))


def with_details(run: RunSnapshot, pipeline: DeployedPipeline) -> RunSnapshot:
    """Return the snapshot with the definition that ran, its jobs, and the objects and reports that they wrote."""
    definition = pipeline.states.describe_state_machine_for_execution(
        executionArn=run.execution["executionArn"]
    )["definition"]
    prefix = f"{pipeline.model}/runs/{pipeline.name}/{run.name}/"
    objects, has_more = _objects(pipeline.s3, pipeline.bucket, prefix)
    return replace(
        run,
        definition=strict_json.loads(definition, "the definition"),
        jobs=job_runs(pipeline.sagemaker, run.visits),
        objects=objects,
        has_more_objects=has_more,
        reports=_reports(pipeline.s3, objects),
    )


def _described(states: "SFNClient", arn: str) -> dict[str, Any]:
    try:
        return dict(states.describe_execution(executionArn=arn))
    except ClientError as error:
        if error.response["Error"]["Code"] in {"ExecutionDoesNotExist", "StateMachineDoesNotExist"}:
            raise ConfigurationError(
                f"{arn} does not exist; a run says its name in its first line"
            ) from error
        raise


def _objects(s3: "S3Client", bucket: str, prefix: str) -> tuple[list[StoredObject], bool]:
    """Return what lies under a prefix, and whether there are more."""
    try:
        answer = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=_ALL)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return [], False  # the run wrote nothing
        raise
    found = [
        StoredObject(f"s3://{bucket}/{each['Key']}", each["Size"]) for each in answer.get("Contents", [])
    ]
    return found, answer["IsTruncated"]


def _reports(s3: "S3Client", objects: Sequence[StoredObject]) -> list[JobReport]:
    """Return the reports among the objects; that of the whole run, nearest to its prefix, has room first."""
    found = sorted(
        (each for each in objects if each.uri.endswith(_REPORT)),
        key=lambda each: (each.uri.count("/"), each.uri),
    )
    room = REPORTS_LIMIT
    reports = []
    for each in found:
        html = None
        if each.size <= room:
            with suppress(MissingObjectError):  # deleted since it was listed
                html = content_of(s3, each.uri, "a report of the run", "run again").decode(errors="replace")
            room -= each.size
        reports.append(JobReport(each.uri, html))
    return reports
