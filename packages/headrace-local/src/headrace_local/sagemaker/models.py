"""Models of batch transform jobs: an image, the artefact that it loads, and the role that reads it."""

from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.models import Model, SageMakerModelBackend, sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse

from headrace_local.patching import replace
from headrace_local.sagemaker import registry, validation
from headrace_local.sagemaker.constraints import check_request


def install() -> None:
    """Put the correction in place of moto's method."""
    replace(SageMakerResponse, "create_model", create_model)


def create_model(response: SageMakerResponse) -> ActionResult:
    """Make a model: a name once, a role that may be assumed, nothing that the local AWS would ignore.

    moto/sagemaker/models.py:2955 replaces a model of the name, and takes any role, or none.
    """
    given, backend = response.params, response.sagemaker_backend
    check_request("CreateModel", given)
    name = given["ModelName"]
    for member in ("Containers", "InferenceExecutionConfig"):
        if given.get(member):
            raise AWSValidationException(f"{member} is not supported by the local AWS; give PrimaryContainer")
    container = given.get("PrimaryContainer")
    if not container or not given.get("ExecutionRoleArn"):
        raise AWSValidationException("A model needs a PrimaryContainer and an ExecutionRoleArn.")
    _check_container(backend, container)
    validation.check_role(given["ExecutionRoleArn"], backend.account_id)
    known = backend._models.get(name)  # noqa: SLF001 - moto has no other way to its models
    if known is not None:
        raise AWSValidationException(f"Cannot create already existing model {known.arn}.")
    model = backend.create_model(
        model_name=name,
        execution_role_arn=given["ExecutionRoleArn"],
        primary_container=container,
        vpc_config=given.get("VpcConfig"),
        containers=None,
        tags=given.get("Tags"),
    )
    model.enable_network_isolation = bool(given.get("EnableNetworkIsolation", False))
    return ActionResult({"ModelArn": model.arn})


def role(backend: SageMakerModelBackend, name: str) -> str:
    """Return the role of a model; raise AWS's error when there is no such model."""
    return str(_named(backend, name).execution_role_arn)


def container(account: str, region: str, name: str) -> dict[str, Any]:
    """Return the container of a model, with image and artefact, those of its model package where it names one."""
    backend = sagemaker_backends[account][region]
    return _resolved(backend, _named(backend, name).primary_container)


def data_uri(given: dict[str, Any]) -> str | None:
    """Return where the artefact of a container lies, if it has one."""
    source = given.get("ModelDataSource", {}).get("S3DataSource", {})
    uri = source.get("S3Uri") or given.get("ModelDataUrl")
    return str(uri) if uri else None


def archive_of(given: dict[str, Any]) -> str | None:
    """Return the file name of an artefact that is to be unpacked, None for one that is a folder."""
    source = given.get("ModelDataSource", {}).get("S3DataSource", {})
    uri = data_uri(given)
    return uri.rpartition("/")[2] if uri and source.get("CompressionType", "Gzip") == "Gzip" else None


def _named(backend: SageMakerModelBackend, name: str) -> Model:
    model = backend._models.get(name)  # noqa: SLF001 - moto has no other way to its models
    if model is None:
        arn = f"arn:aws:sagemaker:{backend.region_name}:{backend.account_id}:model/{name}"
        raise AWSValidationException(f'Could not find model "{arn}".')
    return model


def _resolved(backend: SageMakerModelBackend, given: dict[str, Any]) -> dict[str, Any]:
    if not given.get("ModelPackageName"):
        return given
    package = registry.package_named(backend, given["ModelPackageName"])
    specification = package.inference_specification or {}
    registered: dict[str, Any] = next(iter(specification.get("Containers", ())), {})
    variables = registered.get("Environment", {}) | given.get("Environment", {})
    return {**registered, "Environment": variables}


def _check_container(backend: SageMakerModelBackend, given: dict[str, Any]) -> None:
    if given.get("Mode", "SingleModel") != "SingleModel" or given.get("MultiModelConfig"):
        raise AWSValidationException(
            "The local AWS does not support multi-model containers; Mode is SingleModel"
        )
    if given.get("AdditionalModelDataSources"):
        raise AWSValidationException("AdditionalModelDataSources is not supported by the local AWS")
    if not _resolved(backend, given).get("Image"):
        raise AWSValidationException(
            "PrimaryContainer: give an Image, or a ModelPackageName whose package has one"
        )
