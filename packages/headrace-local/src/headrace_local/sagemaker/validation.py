"""What SageMaker refuses at once, before there is a job."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.sagemaker.exceptions import AWSValidationException

from headrace_local.iam import roles
from headrace_local.sagemaker.errors import JobFailedError, no_objects
from headrace_local.sagemaker.job import Job
from headrace_local.sagemaker.plan import relative_to_root
from headrace_local.sagemaker.s3 import Store, split, store

_SERVICE = "sagemaker.amazonaws.com"
_PROCESSING_ROOT = "/opt/ml/processing/"
# DataProcessing that hands on what it gets.
_UNCHANGED = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}


def check_role(arn: str, account: str, job_arn: str | None = None) -> None:
    """Raise AWS's error unless the role is one of the account and SageMaker may assume it, for the job if one is given."""
    role = roles.find(arn)
    if role is None or arn.split(":")[4] != account or not roles.trusts(role, _SERVICE, source_arn=job_arn):
        raise AWSValidationException(
            f"Could not assume role {arn}. Please ensure that the role exists and allows principal '{_SERVICE}' "
            "to assume the role."
        )


def check_processing(request: dict[str, Any]) -> None:
    """Refuse what the local AWS cannot do for a processing job, and what AWS refuses itself."""
    for number, entry in enumerate(request.get("ProcessingInputs", ()), start=1):
        source = entry.get("S3Input")
        place = f"processingInputs.{number}.member"
        if source is None:
            raise AWSValidationException(f"{place}: the local AWS knows S3Input only, not DatasetDefinition")
        if not entry.get("AppManaged"):
            path = source.get("LocalPath", "")
            if not path.startswith(_PROCESSING_ROOT):
                raise AWSValidationException(
                    f"{place}: LocalPath {path!r} must begin with {_PROCESSING_ROOT}"
                )
            _check_path(path, place)
        _check_source(
            source, place, source.get("S3InputMode", "File"), source.get("S3CompressionType", "None")
        )
    for number, output in enumerate(request.get("ProcessingOutputConfig", {}).get("Outputs", ()), start=1):
        place = f"processingOutputConfig.outputs.{number}.member"
        if output.get("S3Output") is None:
            raise AWSValidationException(
                f"{place}: the local AWS knows S3Output only, not FeatureStoreOutput"
            )
        if not output.get("AppManaged"):
            _check_path(output["S3Output"].get("LocalPath", ""), place)


def check_training(request: dict[str, Any]) -> None:
    """Refuse what the local AWS cannot do for a training job, and what AWS refuses itself."""
    algorithm, stopping = request["AlgorithmSpecification"], request["StoppingCondition"]
    if not algorithm.get("TrainingImage"):
        raise AWSValidationException("algorithmSpecification: the local AWS needs a TrainingImage")
    for number, channel in enumerate(request.get("InputDataConfig", ()), start=1):
        place = f"inputDataConfig.{number}.member"
        source = channel["DataSource"].get("S3DataSource")
        if source is None:
            raise AWSValidationException(f"{place}: the local AWS knows S3DataSource only")
        mode = channel.get("InputMode") or algorithm["TrainingInputMode"]
        _check_source(source, place, mode, channel.get("CompressionType", "None"))
    if "CheckpointConfig" in request:
        _check_path(request["CheckpointConfig"].get("LocalPath", "/opt/ml/checkpoints"), "checkpointConfig")
    if request.get("EnableManagedSpotTraining"):
        wait, runtime = stopping.get("MaxWaitTimeInSeconds"), stopping.get("MaxRuntimeInSeconds", 86400)
        if wait is None or wait < runtime:
            raise AWSValidationException(
                "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
            )


def check_transform(request: dict[str, Any]) -> None:
    """Refuse what the local AWS cannot do for a batch transform job, and what AWS refuses itself."""
    for member, value in request.get("DataProcessing", {}).items():
        if value != _UNCHANGED.get(member):
            raise AWSValidationException(f"DataProcessing.{member} is not supported by the local AWS")
    for member in ("DataCaptureConfig", "ExperimentConfig"):
        if request.get(member):
            raise AWSValidationException(f"{member} of a transform job is not supported by the local AWS")
    source = request["TransformInput"]
    split = source.get("SplitType", "None")
    if split not in {"None", "Line"}:
        raise AWSValidationException(f"SplitType {split} is not supported by the local AWS; use None or Line")
    if source.get("CompressionType", "None") != "None":
        raise AWSValidationException(
            "CompressionType Gzip of a TransformInput is not supported by the local AWS"
        )
    _check_source(source["DataSource"]["S3DataSource"], "transformInput", "File", "None")


def check_channels(job: Job) -> None:
    """Raise AWS's error for a channel without objects: CreateTrainingJob looks, CreateProcessingJob does not."""
    channels = job.request.get("InputDataConfig", ())
    for uri in (channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in channels):
        with _as_validation("inputDataConfig"):
            bucket, _ = split(uri)
        if not _has_objects(store(job), uri):
            raise AWSValidationException(no_objects(uri, bucket, job.region, job.role))


def _has_objects(reader: Store, uri: str) -> bool:
    try:
        return bool(reader.objects(uri))
    except JobFailedError:
        return False  # the bucket is not there


def _check_source(source: dict[str, Any], place: str, mode: str, compression: str) -> None:
    if source.get("S3DataType") != "S3Prefix":
        raise AWSValidationException(
            f"{place}: S3DataType {source.get('S3DataType')} is not supported by the local AWS; use S3Prefix"
        )
    if mode == "Pipe":
        raise AWSValidationException(f"{place}: input mode Pipe is not supported by the local AWS; use File")
    if compression != "None":
        raise AWSValidationException(f"{place}: compression type {compression} can only be used in Pipe mode")


def _check_path(path: str, place: str) -> None:
    with _as_validation(place):
        relative_to_root(path)


@contextmanager
def _as_validation(place: str) -> Iterator[None]:
    """Refuse at once what would fail the job."""
    try:
        yield
    except JobFailedError as error:
        raise AWSValidationException(f"{place}: {str(error).removeprefix('ClientError: ')}") from error
