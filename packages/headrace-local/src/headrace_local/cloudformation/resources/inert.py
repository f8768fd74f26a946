"""Types that make nothing on AWS either, apart from an id.

AWS::CDK::Metadata                        only read by AWS's own statistics
AWS::CloudFormation::WaitConditionHandle  an address to signal; used as a placeholder where a template
                                          must have at least one resource
"""

from collections.abc import Mapping

from headrace_local.cloudformation.resources.handler import Handler, Place, Properties
from headrace_local.grammars.template import Json


def _create(place: Place, _properties: Properties) -> str:
    return place.new_name()


def _update(_place: Place, _physical_id: str, _new: Properties, _former: Properties) -> None:
    pass


def _delete(_place: Place, _physical_id: str, _properties: Properties) -> None:
    pass


def _attributes(_place: Place, physical_id: str, _properties: Properties) -> Mapping[str, Json]:
    return {"Id": physical_id}


HANDLERS = tuple(
    Handler(type_name, frozenset(), _create, _update, _delete, _attributes, inert=True)
    for type_name in ("AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle")
)
