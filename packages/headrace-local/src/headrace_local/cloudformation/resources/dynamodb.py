"""AWS::DynamoDB::Table."""

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
    names,
    refuse_change,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json

_PLAIN = "AttributeDefinitions BillingMode DeletionProtectionEnabled ProvisionedThroughput TableClass"
_ON_CREATE = f"{_PLAIN} GlobalSecondaryIndexes KeySchema LocalSecondaryIndexes"


def _create(context: ResourceContext, properties: Properties) -> str:
    dynamodb = context.client("dynamodb")
    name: str = properties.get("TableName") or context.new_name(255)
    arguments = given(properties, _ON_CREATE)
    if "SSESpecification" in properties:
        arguments["SSESpecification"] = _encryption(properties["SSESpecification"])
    if "StreamSpecification" in properties:
        arguments["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
    if tag_map(properties):
        arguments["Tags"] = tag_list(tag_map(properties))
    dynamodb.create_table(TableName=name, **arguments)
    context.made(name)
    _set_recovery_and_expiry(dynamodb, name, properties, {})
    return name


def _encryption(setting: Json) -> Json:
    return {"Enabled" if key == "SSEEnabled" else key: value for key, value in setting.items()}


def _set_recovery_and_expiry(dynamodb: Client, name: str, new: Properties, former: Properties) -> None:
    if differs(new, former, "PointInTimeRecoverySpecification"):
        setting = new.get("PointInTimeRecoverySpecification", {})
        dynamodb.update_continuous_backups(
            TableName=name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False, **setting},
        )
    if differs(new, former, "TimeToLiveSpecification"):
        ended = {**former.get("TimeToLiveSpecification", {}), "Enabled": False}
        dynamodb.update_time_to_live(
            TableName=name, TimeToLiveSpecification=new.get("TimeToLiveSpecification", ended)
        )


def _update(context: ResourceContext, name: str, new: Properties, former: Properties) -> None:
    refuse_change(new, former, "LocalSecondaryIndexes")
    dynamodb = context.client("dynamodb")
    arguments = {key: new[key] for key in _PLAIN.split() if key in new and differs(new, former, key)}
    if differs(new, former, "DeletionProtectionEnabled"):
        arguments["DeletionProtectionEnabled"] = new.get("DeletionProtectionEnabled", False)
    if differs(new, former, "SSESpecification"):
        arguments["SSESpecification"] = _encryption(new.get("SSESpecification", {"SSEEnabled": False}))
    if differs(new, former, "StreamSpecification"):
        wanted = new.get("StreamSpecification")
        arguments["StreamSpecification"] = {"StreamEnabled": wanted is not None, **(wanted or {})}
    if arguments:
        dynamodb.update_table(TableName=name, **arguments)
    for change in _index_changes(new, former):  # the API takes one index a call
        dynamodb.update_table(
            TableName=name, GlobalSecondaryIndexUpdates=[change], **given(new, "AttributeDefinitions")
        )
    _set_recovery_and_expiry(dynamodb, name, new, former)
    arn = context.arn("dynamodb", f"table/{name}")
    change_tags(new, former, dynamodb.tag_resource, dynamodb.untag_resource, ResourceArn=arn)


def _index_changes(new: Properties, former: Properties) -> list[Json]:
    wanted = {index["IndexName"]: index for index in new.get("GlobalSecondaryIndexes", [])}
    present = {index["IndexName"]: index for index in former.get("GlobalSecondaryIndexes", [])}
    gone = [name for name in present if wanted.get(name) != present[name]]
    come = [name for name in wanted if wanted[name] != present.get(name)]
    return [
        *({"Delete": {"IndexName": name}} for name in gone),
        *({"Create": wanted[name]} for name in come),
    ]


def _attributes(context: ResourceContext, name: str, properties: Properties) -> Mapping[str, Json]:
    found = {"Arn": context.arn("dynamodb", f"table/{name}")}
    if "StreamSpecification" in properties:
        table = context.client("dynamodb").describe_table(TableName=name)["Table"]
        found["StreamArn"] = table["LatestStreamArn"]
    return found


HANDLERS = (
    Handler(
        "AWS::DynamoDB::Table",
        names(
            f"TableName PointInTimeRecoverySpecification SSESpecification StreamSpecification Tags "
            f"TimeToLiveSpecification {_ON_CREATE}"
        ),
        _create,
        _update,
        deletes("dynamodb", "delete_table", "TableName"),
        _attributes,
        name="TableName",
    ),
)
