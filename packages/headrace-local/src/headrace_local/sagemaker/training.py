"""Training jobs: the container contract of CreateTrainingJob.

A job that is stopped, or reaches its time limit, keeps its model: AWS gives it a grace to save one. What a failed job
left is uploaded too, as AWS does.
"""

from pathlib import Path
from typing import Any

from headrace_local.sagemaker.errors import JobFailedError, algorithm_error
from headrace_local.sagemaker.job import Job
from headrace_local.sagemaker.plan import IMAGE_TRAINS, Input, Plan, hosts, relative_to_root
from headrace_local.sagemaker.s3 import Store

LONGEST_FAILURE = 1024  # characters of /opt/ml/output/failure that SageMaker reports
_GROUP = "homogeneousCluster"  # SageMaker's name of the one instance group of a job that names none


def plan(job: Job) -> Plan:
    """Return what the job needs."""
    request = job.request
    algorithm = request["AlgorithmSpecification"]
    names = hosts(request["ResourceConfig"].get("InstanceCount", 1))
    return Plan(
        image=algorithm["TrainingImage"],
        command=(
            *algorithm.get("ContainerEntrypoint", (IMAGE_TRAINS,)),
            *algorithm.get("ContainerArguments", ()),
        ),
        environment={
            "AWS_REGION": job.region,
            "TRAINING_JOB_NAME": job.name,
            "TRAINING_JOB_ARN": job.arn,
            **request.get("Environment", {}),
        },
        hosts=names,
        inputs=(*_channels(request), *_checkpoints(request)),
        folders=("model", "output/data", "input/data", checkpoint_folder(request)),
        configuration=lambda host: _configuration(request, names, host),
        max_runtime_seconds=request["StoppingCondition"].get("MaxRuntimeInSeconds", 86400),
        volume_gigabytes=request["ResourceConfig"].get("VolumeSizeInGB"),
    )


def publish(job: Job, store: Store, folders: list[Path], *, completed: bool) -> dict[str, Any]:
    """Upload model and output data of all instances to `<S3OutputPath>/<job>/output/`."""
    configuration = job.request["OutputDataConfig"]
    target = f"{configuration['S3OutputPath'].rstrip('/')}/{job.name}/output"
    key = configuration.get("KmsKeyId")
    models = [folder / "model" for folder in folders]
    data = [folder / "output" / "data" for folder in folders]
    if configuration.get("CompressionType") == "NONE":
        for folder in models:
            store.upload_folder(folder, f"{target}/model/", key)
        for folder in data:
            store.upload_folder(folder, f"{target}/data/", key)
        return {"ModelArtifacts": {"S3ModelArtifacts": f"{target}/model/"}}
    has_model = store.upload_archive(models, f"{target}/model.tar.gz", key)
    store.upload_archive(data, f"{target}/output.tar.gz", key)
    if not has_model and not completed:
        return {}  # stopped, or failed, before it had saved one
    return {"ModelArtifacts": {"S3ModelArtifacts": f"{target}/model.tar.gz"}}


def failure(folders: list[Path], exit_code: int) -> JobFailedError:
    """Return why the job failed: what the first instance with anything to say wrote to /opt/ml/output/failure."""
    files = [folder / "output" / "failure" for folder in folders]
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file()]
    return algorithm_error(next(filter(None, texts), "")[:LONGEST_FAILURE], exit_code)


def checkpoint_folder(request: dict[str, Any]) -> str:
    """Return the folder of the checkpoints, relative to /opt/ml."""
    return relative_to_root(request.get("CheckpointConfig", {}).get("LocalPath", "/opt/ml/checkpoints"))


def _channels(request: dict[str, Any]) -> tuple[Input, ...]:
    return tuple(
        Input(
            uri=channel["DataSource"]["S3DataSource"]["S3Uri"],
            folder=f"input/data/{channel['ChannelName']}",
            sharded=channel["DataSource"]["S3DataSource"].get("S3DataDistributionType") == "ShardedByS3Key",
        )
        for channel in request.get("InputDataConfig", ())
    )


def _checkpoints(request: dict[str, Any]) -> tuple[Input, ...]:
    if "CheckpointConfig" not in request:
        return ()
    uri = request["CheckpointConfig"]["S3Uri"].rstrip("/") + "/"
    return (Input(uri, checkpoint_folder(request), required=False),)


def _configuration(request: dict[str, Any], names: tuple[str, ...], host: str) -> dict[str, Any]:
    instance_type = request["ResourceConfig"].get("InstanceType", "")
    return {
        "input/config/hyperparameters.json": request.get("HyperParameters", {}),
        "input/config/inputdataconfig.json": {
            channel["ChannelName"]: _channel_configuration(request, channel)
            for channel in request.get("InputDataConfig", ())
        },
        "input/config/resourceconfig.json": {
            "current_host": host,
            "current_instance_type": instance_type,
            "current_group_name": _GROUP,
            "hosts": list(names),
            "instance_groups": [
                {"instance_group_name": _GROUP, "instance_type": instance_type, "hosts": list(names)}
            ],
            "network_interface_name": "lo",  # eth0 on AWS: here all instances meet on the loopback
        },
    }


def _channel_configuration(request: dict[str, Any], channel: dict[str, Any]) -> dict[str, str]:
    mode = channel.get("InputMode") or request["AlgorithmSpecification"]["TrainingInputMode"]
    source = channel["DataSource"]["S3DataSource"]
    configuration = {
        "TrainingInputMode": mode,
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    if channel.get("ContentType"):
        configuration["ContentType"] = channel["ContentType"]
    return configuration
