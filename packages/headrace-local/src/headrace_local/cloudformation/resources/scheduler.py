"""AWS::Scheduler::Schedule and AWS::Scheduler::ScheduleGroup."""

from collections.abc import Mapping

from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    ResourceError,
    change_tags,
    deletes,
    given,
    names,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json

SETTINGS = (
    "Description EndDate FlexibleTimeWindow GroupName KmsKeyArn ScheduleExpression ScheduleExpressionTimezone "
    "StartDate State Target"
)


def _create(context: ResourceContext, properties: Properties) -> str:
    scheduler = context.client("scheduler")
    name: str = properties.get("Name") or context.new_name()
    try:
        scheduler.create_schedule(Name=name, **given(properties, SETTINGS))
    except scheduler.exceptions.ConflictException as error:
        raise ResourceError(f"{name} already exists") from error
    return name


def _update(context: ResourceContext, name: str, new: Properties, _former: Properties) -> None:
    # UpdateSchedule takes what it is not given to be its default: all is given.
    context.client("scheduler").update_schedule(Name=name, **given(new, SETTINGS))


def _delete(context: ResourceContext, name: str, properties: Properties) -> None:
    context.client("scheduler").delete_schedule(Name=name, **given(properties, "GroupName"))


def _attributes(context: ResourceContext, name: str, properties: Properties) -> Mapping[str, Json]:
    return {"Arn": context.arn("scheduler", f"schedule/{properties.get('GroupName', 'default')}/{name}")}


def _create_group(context: ResourceContext, properties: Properties) -> str:
    scheduler = context.client("scheduler")
    name: str = properties.get("Name") or context.new_name()
    try:
        scheduler.create_schedule_group(Name=name, Tags=tag_list(tag_map(properties)))
    except scheduler.exceptions.ConflictException as error:
        raise ResourceError(f"{name} already exists") from error
    return name


def _update_group(context: ResourceContext, name: str, new: Properties, former: Properties) -> None:
    scheduler = context.client("scheduler")
    arn = _group_attributes(context, name, new)["Arn"]
    change_tags(new, former, scheduler.tag_resource, scheduler.untag_resource, ResourceArn=arn)


def _group_attributes(context: ResourceContext, name: str, _properties: Properties) -> Mapping[str, Json]:
    return {"Arn": context.arn("scheduler", f"schedule-group/{name}"), "State": "ACTIVE"}


HANDLERS = (
    Handler(
        "AWS::Scheduler::Schedule",
        names(f"Name {SETTINGS}"),
        _create,
        _update,
        _delete,
        _attributes,
        name="Name",
    ),
    Handler(
        "AWS::Scheduler::ScheduleGroup",
        names("Name Tags"),
        _create_group,
        _update_group,
        deletes("scheduler", "delete_schedule_group", "Name"),
        _group_attributes,
        name="Name",
    ),
)
