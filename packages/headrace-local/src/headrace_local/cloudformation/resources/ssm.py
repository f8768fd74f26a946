"""AWS::SSM::Parameter."""

from collections.abc import Mapping

from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    change_tags,
    deletes,
    given,
    names,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json

_SETTINGS = "AllowedPattern DataType Description Policies Tier Type Value"


def _create(context: ResourceContext, properties: Properties) -> str:
    name: str = properties.get("Name") or context.new_name()
    context.client("ssm").put_parameter(
        Name=name, Overwrite=False, Tags=tag_list(tag_map(properties)), **given(properties, _SETTINGS)
    )
    return name


def _update(context: ResourceContext, name: str, new: Properties, former: Properties) -> None:
    ssm = context.client("ssm")
    ssm.put_parameter(Name=name, Overwrite=True, **given(new, _SETTINGS))
    change_tags(
        new,
        former,
        ssm.add_tags_to_resource,
        ssm.remove_tags_from_resource,
        ResourceType="Parameter",
        ResourceId=name,
    )


def _attributes(_context: ResourceContext, _name: str, properties: Properties) -> Mapping[str, Json]:
    return {"Type": properties["Type"], "Value": properties["Value"]}


HANDLERS = (
    Handler(
        "AWS::SSM::Parameter",
        names(f"Name Tags {_SETTINGS}"),
        _create,
        _update,
        deletes("ssm", "delete_parameter", "Name"),
        _attributes,
        name="Name",
    ),
)
