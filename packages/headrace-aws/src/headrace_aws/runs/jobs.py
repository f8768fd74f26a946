"""The SageMaker jobs of a run, as SageMaker describes them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from headrace import strict_json
from headrace_aws.aws_words import NOT_FOUND_CODES
from headrace_aws.runs.failure import Failure
from headrace_aws.runs.history import Job, Visit

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

JOBS_LIMIT = 200  # that are asked for one by one; those that failed, and then the first


@dataclass(frozen=True)
class JobRun:
    """A job, the state that began it, and its description by SageMaker (empty when it was not asked)."""

    state: str
    job: Job
    iteration: int | None = None
    described: Mapping[str, Any] = field(default_factory=dict)
    failure: Failure | None = None  # as the state was told

    @property
    def status(self) -> str:
        """The status in SageMaker's words, such as Completed; empty when it is not known."""
        return str(self.described.get(f"{self.job.kind}Status", ""))

    @property
    def words(self) -> str:
        """What the job itself said when it failed; empty when it did not."""
        if self.status in {"Failed", "Stopped"}:
            return Failure(self.status, strict_json.dumps(self.described, default=_milliseconds)).words
        return self.failure.words if self.failure and not self.status else ""

    @property
    def instances(self) -> str:
        """Number and type of its instances; empty when they are not known."""
        cluster = (
            self.described.get("ProcessingResources", {}).get("ClusterConfig")
            or self.described.get("ResourceConfig")
            or self.described.get("TransformResources")
        )
        if not cluster:
            return ""
        return f"{cluster.get('InstanceCount', 1)} \N{MULTIPLICATION SIGN} {cluster.get('InstanceType', 'of several types')}"

    @property
    def seconds(self) -> float | None:
        """How long it ran; None when it has not ended."""
        start, end = self._time("Start"), self._time("End")
        return (end - start).total_seconds() if start and end else None

    @property
    def billable_seconds(self) -> float | None:
        """What is paid for, over all instances: SageMaker's own figure for training, else time by instances."""
        seconds = self.described.get("BillableTimeInSeconds")
        count = int(self.instances.partition(" ")[0] or 1)
        if seconds is not None:
            return float(seconds) * count
        return self.seconds * count if self.seconds is not None else None

    @property
    def inputs(self) -> list[str]:
        """S3 URIs that it read."""
        found = [each.get("S3Input", {}).get("S3Uri") for each in self.described.get("ProcessingInputs", [])]
        channels = [*self.described.get("InputDataConfig", []), self.described.get("TransformInput", {})]
        found += [each.get("DataSource", {}).get("S3DataSource", {}).get("S3Uri") for each in channels]
        return [uri for uri in found if uri]

    @property
    def outputs(self) -> list[str]:
        """S3 URIs that it wrote."""
        outputs = self.described.get("ProcessingOutputConfig", {}).get("Outputs", [])
        found = [each.get("S3Output", {}).get("S3Uri") for each in outputs]
        found.append(
            self.described.get("ModelArtifacts", {}).get("S3ModelArtifacts")
            or self.described.get("OutputDataConfig", {}).get("S3OutputPath")
        )
        found.append(self.described.get("TransformOutput", {}).get("S3OutputPath"))
        return [uri for uri in found if uri]

    def _time(self, which: str) -> datetime | None:
        kinds = (f"{kind}{which}Time" for kind in ("Processing", "Training", "Transform"))
        return next((self.described[key] for key in kinds if key in self.described), None)


def job_runs(sagemaker: "SageMakerClient", found: Sequence[Visit]) -> list[JobRun]:
    """Return every job of an execution in the order of beginning; the most telling ones are described."""
    begun = list(_begun(found))
    telling = sorted(range(len(begun)), key=lambda place: (begun[place].failure is None, place))[:JOBS_LIMIT]
    for place in telling:
        run = begun[place]
        begun[place] = JobRun(
            run.state, run.job, run.iteration, _description(sagemaker, run.job), run.failure
        )
    return begun


def _begun(found: Sequence[Visit]) -> Iterator[JobRun]:
    for visit in found:
        for job in visit.jobs:
            last = job == visit.jobs[-1]
            yield JobRun(visit.state, job, visit.iteration, failure=visit.failure if last else None)


def _description(sagemaker: "SageMakerClient", job: Job) -> dict[str, Any]:
    """Return SageMaker's description of a job; empty when it has none of that name, as it refused to begin it."""
    try:
        if job.kind == "TrainingJob":
            return dict(sagemaker.describe_training_job(TrainingJobName=job.name))
        if job.kind == "TransformJob":
            return dict(sagemaker.describe_transform_job(TransformJobName=job.name))
        return dict(sagemaker.describe_processing_job(ProcessingJobName=job.name))
    except ClientError as error:
        if error.response["Error"]["Code"] in NOT_FOUND_CODES:
            return {}
        raise


def _milliseconds(value: object) -> float | str:
    """Return a time as Step Functions writes it in a cause."""
    return value.timestamp() * 1000 if isinstance(value, datetime) else str(value)
