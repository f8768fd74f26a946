"""Types that make nothing on AWS either, apart from an id.

AWS::CDK::Metadata                        only read by AWS's own statistics
AWS::CloudFormation::WaitConditionHandle  an address to signal; used as a placeholder where a template
                                          must have at least one resource
"""

from headrace_local.cloudformation.resources.handler import Handler, Properties, ResourceContext, ref_as


def _create(context: ResourceContext, _properties: Properties) -> str:
    return context.new_name()


def _update(_context: ResourceContext, _physical_id: str, _new: Properties, _former: Properties) -> None:
    pass


def _delete(_context: ResourceContext, _physical_id: str, _properties: Properties) -> None:
    pass


HANDLERS = tuple(
    Handler(type_name, frozenset(), _create, _update, _delete, ref_as("Id"), inert=True)
    for type_name in ("AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle")
)
