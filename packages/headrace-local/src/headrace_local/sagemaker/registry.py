"""The model registry of moto, corrected: what is given is kept, what is deleted is gone, what is missing is named.

Listing and describing are moto's own; they do what is needed.
"""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import camelcase_to_underscores
from moto.sagemaker.exceptions import AWSValidationException, ConflictException
from moto.sagemaker.models import ModelPackage, ModelPackageGroup, SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from headrace_local.events.sagemaker import package_changed
from headrace_local.patching import add, replace
from headrace_local.sagemaker.constraints import check_request

# Members of CreateModelPackage that ModelPackage (moto/sagemaker/models.py:1219) has a place for.
_KEPT_BY_MOTO = (
    "ModelPackageDescription",
    "InferenceSpecification",
    "SourceAlgorithmSpecification",
    "ValidationSpecification",
    "MetadataProperties",
    "ModelMetrics",
    "CustomerMetadataProperties",
    "DriftCheckBaselines",
    "Domain",
    "Task",
    "SamplePayloadUrl",
    "AdditionalInferenceSpecifications",
    "ClientToken",
    "Tags",
)
# Members that it drops; they are kept beside it and answered with it.
_KEPT_BESIDE = (
    "ModelPackageRegistrationType",
    "SkipModelValidation",
    "SourceUri",
    "SecurityConfig",
    "ModelCard",
    "ModelLifeCycle",
    "ManagedStorageType",
)

_moto_response = ModelPackage.gen_response_object


def install() -> None:
    """Put the corrections in place of moto's methods."""
    for owner, name, function in (
        (ModelPackage, "gen_response_object", package_response),
        (SageMakerResponse, "create_model_package", create_model_package),
        (SageMakerResponse, "update_model_package", update_model_package),
        (SageMakerResponse, "create_model_package_group", create_model_package_group),
    ):
        replace(owner, name, function)
    add(SageMakerResponse, "delete_model_package", delete_model_package)
    add(SageMakerResponse, "delete_model_package_group", delete_model_package_group)


def create_model_package_group(response: SageMakerResponse) -> ActionResult:
    """Refuse a name that is taken: moto/sagemaker/models.py:4394 replaces the group and keeps its packages."""
    check_request("CreateModelPackageGroup", response.params)
    backend, name = response.sagemaker_backend, response.params["ModelPackageGroupName"]
    known = backend.model_package_groups.get(name)
    if known:
        raise AWSValidationException(f"Model Package Group already exists: {known.arn}")
    description = response.params.get("ModelPackageGroupDescription")
    arn = backend.create_model_package_group(name, description, response.params.get("Tags"))
    return ActionResult({"ModelPackageGroupArn": arn})


def delete_model_package_group(response: SageMakerResponse) -> ActionResult:
    """Delete an empty group: moto/sagemaker/responses.py has no DeleteModelPackageGroup."""
    backend = response.sagemaker_backend
    group = group_named(backend, response.params["ModelPackageGroupName"])
    if _versions(backend, group):
        raise ConflictException(
            f"Model Package Group {group.arn} cannot be deleted because it has model packages"
        )
    del backend.model_package_groups[group.model_package_group_name]
    return EmptyResult()


def create_model_package(response: SageMakerResponse) -> ActionResult:
    """Register a model: its own version number, all members kept, waiting for approval unless said otherwise.

    moto/sagemaker/models.py:4601 counts the packages, so that a version comes twice after a delete; it drops
    newer members, knows a group by its name only and leaves ModelApprovalStatus out where AWS has a default.
    """
    given, backend = response.params, response.sagemaker_backend
    check_request("CreateModelPackage", given)
    if bool(given.get("ModelPackageName")) == bool(given.get("ModelPackageGroupName")):
        raise AWSValidationException("Give either ModelPackageName or ModelPackageGroupName.")
    group = (
        group_named(backend, given["ModelPackageGroupName"]) if given.get("ModelPackageGroupName") else None
    )
    version = _next_version(backend, group) if group else None
    name = group.model_package_group_name if group else given["ModelPackageName"]
    package = ModelPackage(
        **{camelcase_to_underscores(member): given.get(member) for member in _KEPT_BY_MOTO},
        model_package_name=name,
        model_package_group_name=name if group else None,
        model_package_version=version,
        model_package_type="Versioned" if group else "Unversioned",
        certify_for_marketplace=given.get("CertifyForMarketplace", False),
        model_approval_status=given.get("ModelApprovalStatus")
        or ("PendingManualApproval" if group else None),
        approval_description=None,
        region_name=backend.region_name,
        account_id=backend.account_id,
    )
    package.tags = package.tags or []
    _keep_beside(package, given)
    if package.arn in backend.model_packages:
        raise AWSValidationException(f"Model Package already exists: {package.arn}")
    backend.model_packages[package.arn] = package
    backend.model_package_name_mapping |= {name: package.arn, package.arn: package.arn}
    package_changed(package_response(package))
    return ActionResult({"ModelPackageArn": package.arn})


def update_model_package(response: SageMakerResponse) -> ActionResult:
    """Change what is given and keep the rest: moto/sagemaker/models.py:4546 empties what is not given."""
    given = response.params
    check_request("UpdateModelPackage", given)
    package = package_named(response.sagemaker_backend, given["ModelPackageArn"])
    if given.get("ModelApprovalStatus"):
        package.set_model_approval_status(given["ModelApprovalStatus"])
    if given.get("ApprovalDescription"):
        package.approval_description = given["ApprovalDescription"]
    if given.get("InferenceSpecification"):
        package.inference_specification = given["InferenceSpecification"]
    removed = set(given.get("CustomerMetadataPropertiesToRemove") or ())
    properties = {
        **(package.customer_metadata_properties or {}),
        **(given.get("CustomerMetadataProperties") or {}),
    }
    package.customer_metadata_properties = {
        name: value for name, value in properties.items() if name not in removed
    } or None
    if given.get("AdditionalInferenceSpecificationsToAdd"):
        package.add_additional_inference_specifications(given["AdditionalInferenceSpecificationsToAdd"])
    _keep_beside(package, given)
    package.modifications_done()
    package_changed(package_response(package), sorted(set(given) - {"ModelPackageArn"}))
    return ActionResult({"ModelPackageArn": package.arn})


def delete_model_package(response: SageMakerResponse) -> ActionResult:
    """Delete a package: moto/sagemaker/responses.py has no DeleteModelPackage."""
    backend = response.sagemaker_backend
    package = package_named(backend, response.params["ModelPackageName"])
    del backend.model_packages[package.arn]
    names = backend.model_package_name_mapping
    for name in [name for name, arn in names.items() if arn == package.arn]:
        del names[name]
    return EmptyResult()


def package_response(package: ModelPackage) -> dict[str, Any]:
    """Add to a description what moto/sagemaker/models.py:1313 leaves out."""
    description: dict[str, Any] = _moto_response(package)
    return {**description, **vars(package).get("kept_beside", {})}


def group_named(backend: SageMakerModelBackend, name: str) -> ModelPackageGroup:
    """Return a group by name or ARN; raise AWS's error when there is none."""
    group = backend.model_package_groups.get(name.rpartition("/")[2])
    if group is None:
        arn = f"arn:aws:sagemaker:{backend.region_name}:{backend.account_id}:model-package-group/{name}"
        raise AWSValidationException(f"ModelPackageGroup {arn if ':' not in name else name} does not exist.")
    return group


def package_named(backend: SageMakerModelBackend, name: str) -> ModelPackage:
    """Return a package by ARN or name; raise AWS's error when there is none."""
    package = backend.model_packages.get(backend.model_package_name_mapping.get(name, name))
    if package is None:
        raise AWSValidationException(f"ModelPackage {name} does not exist.")
    return package


def _keep_beside(package: ModelPackage, given: dict[str, Any]) -> None:
    kept = {member: given[member] for member in _KEPT_BESIDE if member in given}
    vars(package)["kept_beside"] = vars(package).get("kept_beside", {}) | kept


def _versions(backend: SageMakerModelBackend, group: ModelPackageGroup) -> list[int]:
    packages = backend.model_packages.values()
    name = group.model_package_group_name
    return [
        package.model_package_version or 0 for package in packages if package.model_package_group_name == name
    ]


def _next_version(backend: SageMakerModelBackend, group: ModelPackageGroup) -> int:
    """Return a number that the group never gave before, deleted packages included."""
    version = max([vars(group).get("last_version", 0), *_versions(backend, group)]) + 1
    vars(group)["last_version"] = version
    return int(version)
