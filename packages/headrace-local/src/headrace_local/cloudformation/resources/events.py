"""AWS::Events::Rule."""

from collections.abc import Mapping

from headrace_local import strict_json
from headrace_local.cloudformation.clients import Client
from headrace_local.cloudformation.identity import as_cloudformation
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    ResourceError,
    change_tags,
    given,
    json_text,
    names,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json


def _create(context: ResourceContext, properties: Properties) -> str:
    events = context.client("events")
    name: str = properties.get("Name") or context.new_name()
    if _exists(events, name, properties):  # the API would write over the rule that is there
        raise ResourceError(f"{name} already exists")
    _put_rule(events, name, properties, Tags=tag_list(tag_map(properties)))
    context.made(name)
    if properties.get("Targets"):
        _put_targets(events, name, properties)
    return name


def _exists(events: Client, name: str, properties: Properties) -> bool:
    try:
        with as_cloudformation():
            events.describe_rule(Name=name, **given(properties, "EventBusName"))
    except events.exceptions.ResourceNotFoundException:
        return False
    return True


def _put_rule(events: Client, name: str, properties: Properties, **more: Json) -> None:
    arguments = given(properties, "Description EventBusName RoleArn ScheduleExpression State")
    if "EventPattern" in properties:
        arguments["EventPattern"] = json_text(properties["EventPattern"])
    events.put_rule(Name=name, **arguments, **more)


def _put_targets(events: Client, name: str, properties: Properties) -> None:
    answer = events.put_targets(Rule=name, Targets=properties["Targets"], **given(properties, "EventBusName"))
    if answer["FailedEntryCount"]:
        raise ResourceError(f"targets of {name} were refused: {strict_json.dumps(answer['FailedEntries'])}")


def _update(context: ResourceContext, name: str, new: Properties, former: Properties) -> None:
    events = context.client("events")
    _put_rule(events, name, new)
    wanted = {target["Id"] for target in new.get("Targets", [])}
    gone = [target["Id"] for target in former.get("Targets", []) if target["Id"] not in wanted]
    if gone:
        events.remove_targets(Rule=name, Ids=gone, **given(new, "EventBusName"))
    if wanted:
        _put_targets(events, name, new)
    arn = _attributes(context, name, new)["Arn"]
    change_tags(new, former, events.tag_resource, events.untag_resource, ResourceARN=arn)


def _delete(context: ResourceContext, name: str, properties: Properties) -> None:
    events = context.client("events")
    bus = given(properties, "EventBusName")
    targets = [target["Id"] for target in properties.get("Targets", [])]
    if targets:
        events.remove_targets(Rule=name, Ids=targets, **bus)
    events.delete_rule(Name=name, **bus)


def _attributes(context: ResourceContext, name: str, properties: Properties) -> Mapping[str, Json]:
    rule = context.client("events").describe_rule(Name=name, **given(properties, "EventBusName"))
    return {"Arn": rule["Arn"]}


HANDLERS = (
    Handler(
        "AWS::Events::Rule",
        names("Description EventBusName EventPattern Name RoleArn ScheduleExpression State Tags Targets"),
        _create,
        _update,
        _delete,
        _attributes,
        name="Name",
    ),
)
