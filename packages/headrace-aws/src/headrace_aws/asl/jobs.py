"""SageMaker jobs as states: `python -m headrace.jobs.<step>` in the project's image, by SageMaker's own contract.

Every job is named after its execution, encrypted with the data key, cut off from the network, and bounded in
time. All that a run writes lies under one prefix, `s3://<bucket>/<model>/runs/<pipeline>/<execution name>/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from headrace_aws.asl import placeholders
from headrace_aws.asl.expressions import (
    EXECUTION,
    EXECUTION_NAME,
    RETRY_COUNT,
    Expression,
    Payload,
    md5,
    parts,
    path,
    text,
)
from headrace_aws.asl.retries import JOB_RETRY, catch
from headrace_aws.asl.states import State, task
from headrace_aws.config.project import Job, TrainingJob

PROCESSING = "/opt/ml/processing"
ENVIRONMENT = {"HEADRACE_COMMIT": placeholders.GIT_COMMIT}
NETWORK: Mapping[str, Payload] = {
    "Subnets": parts(placeholders.SUBNET_IDS, ","),
    "SecurityGroupIds": parts(placeholders.SECURITY_GROUP_IDS, ","),
}
# What the train job says of the model on the validation rows, for SageMaker to show.
METRICS: Sequence[Payload] = tuple(
    {"Name": f"validation:{metric}", "Regex": f"validation: .*{metric}=([0-9.]+)"}
    for metric in ("log_loss", "roc_auc")
)
# Beyond the job's own limit: time to find machines, to pull the image, to move the data.
PROVISIONING_SECONDS = 1800
# How often SageMaker itself restarts a training job that its own fault ended.
RESTARTS_AFTER_SERVICE_FAULT = 2


@dataclass(frozen=True)
class Pipeline:
    """What the jobs of one pipeline share: project, model and pipeline, by which they are named and tagged.

    In a loop, `part` is what tells one turn's jobs and outputs from those of the others.
    """

    project: str
    model: str
    name: str
    part: Expression | None = None

    def of(self, part: Expression) -> "Pipeline":
        """Return the pipeline inside a loop, whose turns are told apart by what lies at a path."""
        return replace(self, part=part)

    def key(self, place: str, *values: Expression) -> Expression:
        """The S3 key of one file of a run, such as `evaluate/evaluation/evaluation.json`; `{}` takes a value."""
        return text(f"{self.model}/runs/{self.name}/{{}}/{place}", EXECUTION_NAME, *values)

    def uri(self, place: str, *values: Expression) -> Expression:
        """The S3 URI of a file or a folder of a run, such as `prepare/train/`; `{}` takes a value."""
        root = f"s3://{placeholders.DATA_BUCKET}/{self.model}/runs/{self.name}"
        return text(f"{root}/{{}}/{place}", EXECUTION_NAME, *values)

    def output(self, place: str) -> Expression:
        """The S3 URI that a job writes to, below which each part has a folder of its own."""
        return self.uri(place) if self.part is None else self.uri(f"{place}{{}}/", self.part)

    def job_name(self, step: str) -> Expression:
        """The job's name: unlike that of any other run or part, of an earlier attempt, and of one before a wait."""
        name = f"{self.project}-{step}-{{}}{{}}-{{}}"
        one = EXECUTION if self.part is None else text("{}/{}", EXECUTION, self.part)
        return text(name, md5(one), path("$.capacity.suffix"), RETRY_COUNT)

    @property
    def tags(self) -> list[Payload]:
        """The tags of every job, by which costs and jobs are found."""
        values: dict[str, str] = {
            "project": self.project,
            "model": self.model,
            "pipeline": self.name,
            "execution": EXECUTION_NAME,
        }
        return [{"Key": key, "Value": value} for key, value in values.items()]


def processing_job(  # noqa: PLR0913 - a job has this many independent parts, all named
    name: str,
    pipeline: Pipeline,
    step: str,
    machine: Job,
    *,
    inputs: Mapping[str, str],
    outputs: tuple[str, ...],
    on_error: str,
    arguments: Sequence[Payload] = (),
    shared_out: frozenset[str] = frozenset(),
    then: str | None = None,
) -> State:
    """Return the state that runs `headrace.jobs.<step>` over folders; its answer lands at `$.<step>`.

    Each instance gets every input whole, but of those in `shared_out` its share of the files.
    """
    parameters: dict[str, Payload] = {
        "ProcessingJobName": pipeline.job_name(step),
        "AppSpecification": {
            "ImageUri": placeholders.IMAGE_URI,
            "ContainerEntrypoint": _command(step),
            **({"ContainerArguments": arguments} if arguments else {}),
        },
        "Environment": ENVIRONMENT,
        "RoleArn": placeholders.JOB_ROLE_ARN,
        "ProcessingInputs": [
            _input(name, uri, "ShardedByS3Key" if name in shared_out else "FullyReplicated")
            for name, uri in inputs.items()
        ],
        "ProcessingOutputConfig": {
            "KmsKeyId": placeholders.KEY_ARN,
            "Outputs": [_output(output, pipeline.output(f"{step}/{output}/")) for output in outputs],
        },
        "ProcessingResources": {"ClusterConfig": _cluster(machine)},
        "NetworkConfig": {
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": machine.instance_count > 1,
            "VpcConfig": NETWORK,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": machine.timeout_seconds},
        "Tags": pipeline.tags,
    }
    return task(
        name,
        "sagemaker:createProcessingJob.sync",
        parameters,
        timeout_seconds=machine.timeout_seconds + PROVISIONING_SECONDS,
        select={"job": path("$.ProcessingJobName")},
        at=f"$.{step}",
        retry=JOB_RETRY,
        catch=catch(on_error),
        then=then,
    )


def training_job(  # noqa: PLR0913 - a job has this many independent parts, all named
    name: str,
    pipeline: Pipeline,
    step: str,
    machine: TrainingJob,
    *,
    arguments: Sequence[Payload],
    hyperparameters: Expression,
    channels: Mapping[str, Expression],
    on_error: str,
    then: str | None = None,
) -> State:
    """Return the state that runs `headrace.jobs.<step>` as a training; job and artefact land at `$.<step>`."""
    parameters: dict[str, Payload] = {
        "TrainingJobName": pipeline.job_name(step),
        "AlgorithmSpecification": {
            "TrainingImage": placeholders.IMAGE_URI,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": _command(step),
            "ContainerArguments": arguments,
            "MetricDefinitions": METRICS,
        },
        # SageMaker does not tell a training where its channels came from, as it tells a processing job.
        "Environment": {
            **ENVIRONMENT,
            **{f"HEADRACE_INPUT_{channel.upper()}": uri for channel, uri in channels.items()},
        },
        "RoleArn": placeholders.JOB_ROLE_ARN,
        "HyperParameters": hyperparameters,
        "InputDataConfig": [_channel(channel, uri) for channel, uri in channels.items()],
        "OutputDataConfig": {"S3OutputPath": pipeline.output(f"{step}/"), "KmsKeyId": placeholders.KEY_ARN},
        "ResourceConfig": _cluster(machine),
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": machine.instance_count > 1,
        "VpcConfig": NETWORK,
        "EnableManagedSpotTraining": machine.spot,
        "StoppingCondition": {"MaxRuntimeInSeconds": machine.timeout_seconds},
        "RetryStrategy": {"MaximumRetryAttempts": RESTARTS_AFTER_SERVICE_FAULT},
        "Tags": pipeline.tags,
    }
    seconds = machine.timeout_seconds
    if machine.spot:
        seconds += machine.spot_wait_seconds
        parameters["StoppingCondition"] = {
            "MaxRuntimeInSeconds": machine.timeout_seconds,
            "MaxWaitTimeInSeconds": seconds,
        }
        parameters["CheckpointConfig"] = {
            "S3Uri": pipeline.output(f"{step}/checkpoints/"),
            "LocalPath": "/opt/ml/checkpoints",
        }
    return task(
        name,
        "sagemaker:createTrainingJob.sync",
        parameters,
        timeout_seconds=seconds + PROVISIONING_SECONDS,
        select={"job": path("$.TrainingJobName"), "artefact": path("$.ModelArtifacts.S3ModelArtifacts")},
        at=f"$.{step}",
        retry=JOB_RETRY,
        catch=catch(on_error),
        then=then,
    )


def has_local_storage(instance_type: str) -> bool:
    """Tell whether an instance type brings its own encrypted disks, for which SageMaker refuses a volume key."""
    family = instance_type.split(".")[1]
    return "d" in family[1:] or family.startswith(("g5", "g6", "p5", "trn"))


def _command(step: str) -> list[Payload]:
    return ["python", "-m", f"headrace.jobs.{step}"]


def _cluster(machine: Job) -> dict[str, Payload]:
    cluster: dict[str, Payload] = {
        "InstanceType": machine.instance_type,
        "InstanceCount": machine.instance_count,
        "VolumeSizeInGB": machine.volume_size_in_gb,
    }
    if not has_local_storage(machine.instance_type):
        cluster["VolumeKmsKeyId"] = placeholders.KEY_ARN
    return cluster


def _input(name: str, uri: str, distribution: str) -> dict[str, Payload]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{PROCESSING}/input/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": distribution,
        },
    }


def _output(name: str, uri: Expression) -> dict[str, Payload]:
    return {
        "OutputName": name,
        "S3Output": {"S3Uri": uri, "LocalPath": f"{PROCESSING}/output/{name}", "S3UploadMode": "EndOfJob"},
    }


def _channel(name: str, uri: Expression) -> dict[str, Payload]:
    return {
        "ChannelName": name,
        "InputMode": "File",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": uri,
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }
