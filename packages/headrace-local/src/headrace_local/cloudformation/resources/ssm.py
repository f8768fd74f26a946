"""AWS::SSM::Parameter."""

from collections.abc import Mapping

from headrace_local.cloudformation.resources.handler import (
    Handler,
    Place,
    Properties,
    given,
    names,
    tag_changes,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json

_SETTINGS = "AllowedPattern DataType Description Policies Tier Type Value"


def _create(place: Place, properties: Properties) -> str:
    name: str = properties.get("Name") or place.new_name()
    place.client("ssm").put_parameter(
        Name=name, Overwrite=False, Tags=tag_list(tag_map(properties)), **given(properties, _SETTINGS)
    )
    return name


def _update(place: Place, name: str, new: Properties, former: Properties) -> None:
    ssm = place.client("ssm")
    ssm.put_parameter(Name=name, Overwrite=True, **given(new, _SETTINGS))
    tags, removed = tag_changes(new, former)
    if tags:
        ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=tag_list(tags))
    if removed:
        ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=name, TagKeys=removed)


def _delete(place: Place, name: str, _properties: Properties) -> None:
    place.client("ssm").delete_parameter(Name=name)


def _attributes(_place: Place, _name: str, properties: Properties) -> Mapping[str, Json]:
    return {"Type": properties["Type"], "Value": properties["Value"]}


HANDLERS = (
    Handler(
        "AWS::SSM::Parameter",
        names(f"Name Tags {_SETTINGS}"),
        _create,
        _update,
        _delete,
        _attributes,
        name="Name",
    ),
)
