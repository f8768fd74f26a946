"""AWS::Logs::LogGroup and AWS::Logs::ResourcePolicy."""

from collections.abc import Mapping

from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    change_tags,
    deletes,
    differs,
    json_text,
    names,
    refuse_change,
    tag_map,
)
from headrace_local.grammars.template import Json


def _create_group(context: ResourceContext, properties: Properties) -> str:
    logs = context.client("logs")
    name: str = properties.get("LogGroupName") or context.new_name(255)
    arguments = {
        argument: properties[key]
        for key, argument in (("KmsKeyId", "kmsKeyId"), ("LogGroupClass", "logGroupClass"))
        if key in properties
    }
    if tag_map(properties):
        arguments["tags"] = tag_map(properties)
    logs.create_log_group(logGroupName=name, **arguments)
    context.made(name)
    if "RetentionInDays" in properties:
        logs.put_retention_policy(logGroupName=name, retentionInDays=properties["RetentionInDays"])
    return name


def _update_group(context: ResourceContext, name: str, new: Properties, former: Properties) -> None:
    refuse_change(new, former, "LogGroupClass")
    logs = context.client("logs")
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
    arn = context.arn("logs", f"log-group:{name}")
    change_tags(
        new,
        former,
        logs.tag_resource,
        logs.untag_resource,
        lambda tags: {"tags": tags},
        resourceArn=arn,
    )


def _group_attributes(context: ResourceContext, name: str, _properties: Properties) -> Mapping[str, Json]:
    return {"Arn": context.arn("logs", f"log-group:{name}:*")}


def _put_policy(context: ResourceContext, properties: Properties) -> str:
    name: str = properties["PolicyName"]
    context.client("logs").put_resource_policy(
        policyName=name, policyDocument=json_text(properties["PolicyDocument"])
    )
    return name


def _update_policy(context: ResourceContext, _name: str, new: Properties, _former: Properties) -> None:
    _put_policy(context, new)


HANDLERS = (
    Handler(
        "AWS::Logs::LogGroup",
        names("KmsKeyId LogGroupClass LogGroupName RetentionInDays Tags"),
        _create_group,
        _update_group,
        deletes("logs", "delete_log_group", "logGroupName"),
        _group_attributes,
        name="LogGroupName",
    ),
    Handler(
        "AWS::Logs::ResourcePolicy",
        names("PolicyDocument PolicyName"),
        _put_policy,
        _update_policy,
        deletes("logs", "delete_resource_policy", "policyName"),
        name="PolicyName",
    ),
)
