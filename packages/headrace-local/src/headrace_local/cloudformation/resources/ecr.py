"""AWS::ECR::Repository."""

from collections.abc import Mapping

from headrace_local.cloudformation.clients import Client
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    change_tags,
    delete_if_present,
    differs,
    json_text,
    names,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json

_MUTABLE = "MUTABLE"  # what a repository is without being told


def _create(context: ResourceContext, properties: Properties) -> str:
    ecr = context.client("ecr")
    name: str = properties.get("RepositoryName") or context.new_name(256).lower()
    encryption = properties.get("EncryptionConfiguration")
    ecr.create_repository(
        repositoryName=name,
        imageTagMutability=properties.get("ImageTagMutability", _MUTABLE),
        imageScanningConfiguration=_scanning(properties),
        tags=tag_list(tag_map(properties)),
        **({"encryptionConfiguration": _lowered(encryption)} if encryption else {}),
    )
    context.made(name)
    _set_policies(ecr, name, properties, {})
    return name


def _lowered(properties: Properties) -> dict[str, Json]:
    """Return properties under the names of ECR's API, which begin with a small letter."""
    return {key[0].lower() + key[1:]: value for key, value in properties.items()}


def _scanning(properties: Properties) -> dict[str, bool]:
    return {"scanOnPush": properties.get("ImageScanningConfiguration", {}).get("ScanOnPush", False)}


def _set_policies(ecr: Client, name: str, new: Properties, former: Properties) -> None:
    """Bring the repository's policy and its lifecycle to what is wanted."""
    if differs(new, former, "RepositoryPolicyText"):
        if "RepositoryPolicyText" in new:
            text = json_text(new["RepositoryPolicyText"])
            ecr.set_repository_policy(repositoryName=name, policyText=text)
        else:
            delete_if_present(ecr.delete_repository_policy, repositoryName=name)
    lifecycle = new.get("LifecyclePolicy", {}).get("LifecyclePolicyText")
    if lifecycle != former.get("LifecyclePolicy", {}).get("LifecyclePolicyText"):
        if lifecycle:
            ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=lifecycle)
        else:
            delete_if_present(ecr.delete_lifecycle_policy, repositoryName=name)


def _update(context: ResourceContext, name: str, new: Properties, former: Properties) -> None:
    ecr = context.client("ecr")
    if differs(new, former, "ImageTagMutability"):
        ecr.put_image_tag_mutability(
            repositoryName=name, imageTagMutability=new.get("ImageTagMutability", _MUTABLE)
        )
    if differs(new, former, "ImageScanningConfiguration"):
        ecr.put_image_scanning_configuration(repositoryName=name, imageScanningConfiguration=_scanning(new))
    _set_policies(ecr, name, new, former)
    arn = context.arn("ecr", f"repository/{name}")
    change_tags(
        new,
        former,
        ecr.tag_resource,
        ecr.untag_resource,
        lambda tags: {"tags": tag_list(tags)},
        resourceArn=arn,
    )


def _delete(context: ResourceContext, name: str, properties: Properties) -> None:
    context.client("ecr").delete_repository(
        repositoryName=name, force=bool(properties.get("EmptyOnDelete", False))
    )


def _attributes(context: ResourceContext, name: str, _properties: Properties) -> Mapping[str, Json]:
    found = context.client("ecr").describe_repositories(repositoryNames=[name])["repositories"][0]
    return {"Arn": found["repositoryArn"], "RepositoryUri": found["repositoryUri"]}


HANDLERS = (
    Handler(
        "AWS::ECR::Repository",
        names(
            "EmptyOnDelete EncryptionConfiguration ImageScanningConfiguration ImageTagMutability "
            "LifecyclePolicy RepositoryName RepositoryPolicyText Tags"
        ),
        _create,
        _update,
        _delete,
        _attributes,
        name="RepositoryName",
    ),
)
