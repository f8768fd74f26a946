"""Tags of SageMaker's resources: one value for a key, on whatever the local AWS has."""

from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from headrace_local.patching import replace
from headrace_local.sagemaker import registry
from headrace_local.sagemaker.constraints import check_request

_moto_resource = SageMakerModelBackend._get_resource_from_arn  # noqa: SLF001 - extended by resource_of_arn


def install() -> None:
    """Put the corrections in place of moto's methods."""
    replace(SageMakerModelBackend, "_get_resource_from_arn", resource_of_arn)
    replace(SageMakerResponse, "add_tags", add_tags)


def resource_of_arn(backend: SageMakerModelBackend, arn: str) -> Any:  # noqa: ANN401 - any resource with tags
    """Find what is tagged: moto/sagemaker/models.py:3040 splits the two names of a model package and fails."""
    if ":model-package/" in arn:
        return registry.package_named(backend, arn)
    resource = _moto_resource(backend, arn)
    if resource is None:
        raise AWSValidationException(f"Could not find resource: {arn}")
    return resource


def add_tags(response: SageMakerResponse) -> ActionResult:
    """Give a key its new value: moto/sagemaker/models.py:3052 keeps the old one beside it."""
    check_request("AddTags", response.params)
    resource = resource_of_arn(response.sagemaker_backend, response.params["ResourceArn"])
    given = {tag["Key"]: tag for tag in response.params["Tags"]}
    resource.tags = [tag for tag in resource.tags or [] if tag["Key"] not in given] + list(given.values())
    return ActionResult({"Tags": resource.tags})
