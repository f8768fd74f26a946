"""Batch transform jobs: a model's container serves, and each object of the input is sent to it.

SageMaker runs a model's container as `docker run IMAGE serve`; here `serve` is a program on the job's PATH. What sends
the records is `transformer.py`, which starts it: the engine sees one process per instance, as of any other job.
"""

from pathlib import Path
from typing import Any

from headrace_local.sagemaker import models
from headrace_local.sagemaker.errors import JobFailedError, algorithm_error
from headrace_local.sagemaker.job import Job
from headrace_local.sagemaker.plan import Input, Plan, hosts
from headrace_local.sagemaker.s3 import Store

_TRANSFORMER = Path(__file__).parent / "transformer.py"
_MODEL, _INPUT, _OUTPUT, _FAILURE = "model", "transform/input", "transform/output", "transform/failure"
_LONGEST_DAYS = 28  # AWS sets no limit to a transform job; no job of SageMaker runs longer
_SECONDS_PER_DAY = 86400


def plan(job: Job) -> Plan:
    """Return what the job needs."""
    request = job.request
    container = models.container(job.account, job.region, request["ModelName"])
    data = request["TransformInput"]["DataSource"]["S3DataSource"]
    names = hosts(request["TransformResources"]["InstanceCount"])
    return Plan(
        image=container["Image"],
        command=("python", "-I", str(_TRANSFORMER)),
        environment={
            "AWS_REGION": job.region,
            "SAGEMAKER_BATCH": "true",
            **_asked(request),
            **container.get("Environment", {}),
            **request.get("Environment", {}),
        },
        hosts=names,
        # AWS spreads the objects over the instances by their keys.
        inputs=(*_model_inputs(container), Input(data["S3Uri"], _INPUT, sharded=True)),
        folders=(_MODEL, _OUTPUT),
        configuration=lambda _: {"transform/job.json": _configuration(request, container)},
        max_runtime_seconds=_LONGEST_DAYS * _SECONDS_PER_DAY,
    )


def publish(job: Job, store: Store, folders: list[Path], *, completed: bool) -> dict[str, Any]:
    """Upload what became of each object of the input, under its name with `.out`, unless the job was stopped."""
    output = job.request["TransformOutput"]
    if completed:
        for folder in folders:
            store.upload_folder(folder / _OUTPUT, output["S3OutputPath"], output.get("KmsKeyId"))
    return {}


def failure(folders: list[Path], exit_code: int) -> JobFailedError:
    """Return why the job failed: what the transformer says, or that it ended without a message."""
    files = [folder / _FAILURE for folder in folders]
    texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    return (
        JobFailedError(texts[0]) if texts else algorithm_error("See job logs for more information", exit_code)
    )


def _asked(request: dict[str, Any]) -> dict[str, str]:
    """Return what the container is told of the job, where the request says it."""
    variables = {
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": request.get("MaxPayloadInMB"),
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": request.get("MaxConcurrentTransforms"),
        "SAGEMAKER_BATCH_STRATEGY": _strategy(request),
    }
    return {name: str(value) for name, value in variables.items() if value is not None}


def _strategy(request: dict[str, Any]) -> str | None:
    return {"MultiRecord": "MULTI_RECORD", "SingleRecord": "SINGLE_RECORD"}.get(
        request.get("BatchStrategy", "")
    )


def _configuration(request: dict[str, Any], container: dict[str, Any]) -> dict[str, Any]:
    source, target = request["TransformInput"], request["TransformOutput"]
    client = request.get("ModelClientConfig", {})
    return {
        "archive": models.archive_of(container),
        "content_type": source.get("ContentType"),
        "accept": target.get("Accept"),
        "split": source.get("SplitType", "None"),
        "assemble": target.get("AssembleWith", "None"),
        "strategy": _strategy(request),
        "max_payload_megabytes": request.get("MaxPayloadInMB"),
        "max_concurrent": request.get("MaxConcurrentTransforms"),
        "timeout_seconds": client.get("InvocationsTimeoutInSeconds", 600),
        "retries": client.get("InvocationsMaxRetries", 3),
    }


def _model_inputs(container: dict[str, Any]) -> tuple[Input, ...]:
    uri = models.data_uri(container)
    if uri is None:
        return ()
    return (Input(uri, "transform/model" if models.archive_of(container) else _MODEL),)
