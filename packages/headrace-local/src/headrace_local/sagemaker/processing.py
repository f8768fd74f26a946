"""Processing jobs: the container contract of CreateProcessingJob.

Outputs are uploaded when the job has completed. AWS documents nothing for `EndOfJob` outputs of a failed job;
nothing of one is published here. `Continuous` outputs are treated the same.
"""

from pathlib import Path
from typing import Any

from headrace_local.sagemaker.errors import JobFailedError, algorithm_error, client_error
from headrace_local.sagemaker.job import Job
from headrace_local.sagemaker.plan import Input, Plan, hosts, relative_to_root
from headrace_local.sagemaker.s3 import Store

LONGEST_MESSAGE = 1024  # bytes of /opt/ml/output/message that become the ExitMessage
ONE_DAY = 86400  # seconds: the default of MaxRuntimeInSeconds


def plan(job: Job) -> Plan:
    """Return what the job needs."""
    request = job.request
    specification = request["AppSpecification"]
    names = hosts(request["ProcessingResources"]["ClusterConfig"]["InstanceCount"])
    return Plan(
        image=specification["ImageUri"],
        command=(*specification.get("ContainerEntrypoint", ()), *specification.get("ContainerArguments", ())),
        environment={"AWS_REGION": job.region, **request.get("Environment", {})},
        hosts=names,
        inputs=_inputs(request),
        folders=("output", *(folder for folder, _ in _outputs(request))),
        configuration=lambda host: _configuration(job, names, host),
        max_runtime_seconds=request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", ONE_DAY),
        volume_gigabytes=request["ProcessingResources"]["ClusterConfig"].get("VolumeSizeInGB"),
    )


def publish(job: Job, store: Store, folders: list[Path], *, completed: bool) -> dict[str, Any]:
    """Upload every instance's outputs, unless the job was stopped."""
    if completed:
        key = job.request.get("ProcessingOutputConfig", {}).get("KmsKeyId")
        for folder in folders:
            for output, uri in _outputs(job.request):
                store.upload_folder(folder / output, uri, key)
    return {}


def exit_message(folders: list[Path]) -> dict[str, Any]:
    """Return the ExitMessage: what the instances wrote to /opt/ml/output/message, one after the other."""
    files = [folder / "output" / "message" for folder in folders]
    message = b"".join(file.read_bytes()[:LONGEST_MESSAGE] for file in files if file.is_file())
    try:
        text = message.decode()
    except UnicodeDecodeError as error:
        raise client_error("the exit message in /opt/ml/output/message is not UTF-8") from error
    return {"ExitMessage": text.encode()[:LONGEST_MESSAGE].decode(errors="ignore")}


def failure(_folders: list[Path], exit_code: int) -> JobFailedError:
    """Return why the job failed. What its program has to say is the ExitMessage."""
    return algorithm_error("See job logs for more information", exit_code)


def _inputs(request: dict[str, Any]) -> tuple[Input, ...]:
    return tuple(
        Input(
            uri=entry["S3Input"]["S3Uri"],
            folder=relative_to_root(entry["S3Input"]["LocalPath"]),
            sharded=entry["S3Input"].get("S3DataDistributionType") == "ShardedByS3Key",
        )
        for entry in request.get("ProcessingInputs", ())
        if not entry.get("AppManaged")
    )


def _outputs(request: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the folder, relative to /opt/ml, and the S3 URI of each output."""
    entries = request.get("ProcessingOutputConfig", {}).get("Outputs", ())
    outputs = [entry["S3Output"] for entry in entries if not entry.get("AppManaged")]
    return [(relative_to_root(output["LocalPath"]), output["S3Uri"]) for output in outputs]


def _configuration(job: Job, names: tuple[str, ...], host: str) -> dict[str, Any]:
    given = {name: value for name, value in job.request.items() if name != "Tags"}
    return {
        "config/processingjobconfig.json": {"ProcessingJobArn": job.arn, **given},
        "config/resourceconfig.json": {"current_host": host, "hosts": list(names)},
    }
