"""AWS::KMS::Key and AWS::KMS::Alias."""

from collections.abc import Mapping

from headrace_local.cloudformation.clients import Client
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    change_tags,
    deletes,
    differs,
    given,
    json_text,
    names,
    refuse_change,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json

_FIXED = "KeySpec KeyUsage MultiRegion Origin"


def _create_key(context: ResourceContext, properties: Properties) -> str:
    kms = context.client("kms")
    arguments = given(properties, f"Description {_FIXED} BypassPolicyLockoutSafetyCheck")
    if "KeyPolicy" in properties:
        arguments["Policy"] = json_text(properties["KeyPolicy"])
    if tag_map(properties):
        arguments["Tags"] = tag_list(tag_map(properties), "TagKey", "TagValue")
    key_id: str = kms.create_key(**arguments)["KeyMetadata"]["KeyId"]
    context.made(key_id)
    if "EnableKeyRotation" in properties:  # only symmetric keys know rotation
        _set_rotation(kms, key_id, properties)
    if properties.get("Enabled", True) is False:
        kms.disable_key(KeyId=key_id)
    return key_id


def _set_rotation(kms: Client, key_id: str, properties: Properties) -> None:
    if properties.get("EnableKeyRotation", False):
        kms.enable_key_rotation(KeyId=key_id, **given(properties, "RotationPeriodInDays"))
    else:
        kms.disable_key_rotation(KeyId=key_id)


def _update_key(context: ResourceContext, key_id: str, new: Properties, former: Properties) -> None:
    refuse_change(new, former, _FIXED)
    kms = context.client("kms")
    if differs(new, former, "Enabled"):
        (kms.enable_key if new.get("Enabled", True) else kms.disable_key)(KeyId=key_id)
    if differs(new, former, "Description"):
        kms.update_key_description(KeyId=key_id, Description=new.get("Description", ""))
    if differs(new, former, "KeyPolicy") and "KeyPolicy" in new:
        kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json_text(new["KeyPolicy"]))
    if differs(new, former, "EnableKeyRotation RotationPeriodInDays"):
        _set_rotation(kms, key_id, new)
    change_tags(
        new,
        former,
        kms.tag_resource,
        kms.untag_resource,
        lambda tags: {"Tags": tag_list(tags, "TagKey", "TagValue")},
        KeyId=key_id,
    )


def _delete_key(context: ResourceContext, key_id: str, properties: Properties) -> None:
    context.client("kms").schedule_key_deletion(
        KeyId=key_id, PendingWindowInDays=properties.get("PendingWindowInDays", 30)
    )


def _key_attributes(context: ResourceContext, key_id: str, _properties: Properties) -> Mapping[str, Json]:
    return {"Arn": context.arn("kms", f"key/{key_id}"), "KeyId": key_id}


def _create_alias(context: ResourceContext, properties: Properties) -> str:
    context.client("kms").create_alias(**given(properties, "AliasName TargetKeyId"))
    name: str = properties["AliasName"]
    return name


def _update_alias(context: ResourceContext, _alias: str, new: Properties, _former: Properties) -> None:
    context.client("kms").update_alias(**given(new, "AliasName TargetKeyId"))


HANDLERS = (
    Handler(
        "AWS::KMS::Key",
        names(
            f"BypassPolicyLockoutSafetyCheck Description Enabled EnableKeyRotation KeyPolicy "
            f"PendingWindowInDays RotationPeriodInDays Tags {_FIXED}"
        ),
        _create_key,
        _update_key,
        _delete_key,
        _key_attributes,
    ),
    Handler(
        "AWS::KMS::Alias",
        names("AliasName TargetKeyId"),
        _create_alias,
        _update_alias,
        deletes("kms", "delete_alias", "AliasName"),
        name="AliasName",
    ),
)
