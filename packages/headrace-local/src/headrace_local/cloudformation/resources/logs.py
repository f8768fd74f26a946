"""AWS::Logs::LogGroup and AWS::Logs::ResourcePolicy."""

import json
from collections.abc import Mapping

from headrace_local.cloudformation.resources.handler import (
    Handler,
    Place,
    Properties,
    differs,
    names,
    refuse_change,
    tag_changes,
    tag_map,
)
from headrace_local.grammars.template import Json


def _create_group(place: Place, properties: Properties) -> str:
    logs = place.client("logs")
    name: str = properties.get("LogGroupName") or place.new_name(255)
    arguments = {
        argument: properties[key]
        for key, argument in (("KmsKeyId", "kmsKeyId"), ("LogGroupClass", "logGroupClass"))
        if key in properties
    }
    if tag_map(properties):
        arguments["tags"] = tag_map(properties)
    logs.create_log_group(logGroupName=name, **arguments)
    place.made(name)
    if "RetentionInDays" in properties:
        logs.put_retention_policy(logGroupName=name, retentionInDays=properties["RetentionInDays"])
    return name


def _update_group(place: Place, name: str, new: Properties, former: Properties) -> None:
    refuse_change(new, former, "LogGroupClass")
    logs = place.client("logs")
    if differs(new, former, "RetentionInDays"):
        if "RetentionInDays" in new:
            logs.put_retention_policy(logGroupName=name, retentionInDays=new["RetentionInDays"])
        else:
            logs.delete_retention_policy(logGroupName=name)
    if differs(new, former, "KmsKeyId"):
        if "KmsKeyId" in new:
            logs.associate_kms_key(logGroupName=name, kmsKeyId=new["KmsKeyId"])
        else:
            logs.disassociate_kms_key(logGroupName=name)
    tags, removed = tag_changes(new, former)
    arn = place.arn("logs", f"log-group:{name}")
    if tags:
        logs.tag_resource(resourceArn=arn, tags=tags)
    if removed:
        logs.untag_resource(resourceArn=arn, tagKeys=removed)


def _delete_group(place: Place, name: str, _properties: Properties) -> None:
    place.client("logs").delete_log_group(logGroupName=name)


def _group_attributes(place: Place, name: str, _properties: Properties) -> Mapping[str, Json]:
    return {"Arn": place.arn("logs", f"log-group:{name}:*")}


def _put_policy(place: Place, properties: Properties) -> str:
    document = properties["PolicyDocument"]
    name: str = properties["PolicyName"]
    place.client("logs").put_resource_policy(
        policyName=name, policyDocument=document if isinstance(document, str) else json.dumps(document)
    )
    return name


def _update_policy(place: Place, _name: str, new: Properties, _former: Properties) -> None:
    _put_policy(place, new)


def _delete_policy(place: Place, name: str, _properties: Properties) -> None:
    place.client("logs").delete_resource_policy(policyName=name)


HANDLERS = (
    Handler(
        "AWS::Logs::LogGroup",
        names("KmsKeyId LogGroupClass LogGroupName RetentionInDays Tags"),
        _create_group,
        _update_group,
        _delete_group,
        _group_attributes,
        name="LogGroupName",
    ),
    Handler(
        "AWS::Logs::ResourcePolicy",
        names("PolicyDocument PolicyName"),
        _put_policy,
        _update_policy,
        _delete_policy,
        name="PolicyName",
    ),
)
