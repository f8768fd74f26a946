"""AWS::EC2::VPCEndpoint and AWS::EC2::FlowLog."""

from headrace_local.cloudformation.resources.ec2 import set_tags, tags_of_new, update_tags
from headrace_local.cloudformation.resources.handler import (
    ChangeRefusedError,
    Handler,
    Properties,
    ResourceContext,
    ResourceError,
    deletes,
    differs,
    given,
    json_text,
    names,
    ref_as,
)

# What an endpoint can be told to take and to leave: the property, and its name in ModifyVpcEndpoint.
_MEMBERS = ("RouteTableIds", "SecurityGroupIds", "SubnetIds")
# What an endpoint lets through without being told: everything.
_OPEN = {
    "Version": "2008-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
_FLOW_LOG = (
    "DeliverLogsPermissionArn LogDestination LogDestinationType LogFormat LogGroupName MaxAggregationInterval "
    "ResourceType TrafficType"
)


def _create_endpoint(context: ResourceContext, properties: Properties) -> str:
    kind = properties.get("VpcEndpointType", "Gateway")
    answer = context.client("ec2").create_vpc_endpoint(
        VpcEndpointType=kind,
        PrivateDnsEnabled=properties.get("PrivateDnsEnabled", False),
        **given(properties, "ServiceName VpcId RouteTableIds SecurityGroupIds SubnetIds"),
        PolicyDocument=_policy(properties),
        **tags_of_new("vpc-endpoint", properties),
    )
    endpoint: str = answer["VpcEndpoint"]["VpcEndpointId"]
    return endpoint


def _policy(properties: Properties) -> str:
    return json_text(properties.get("PolicyDocument", _OPEN))


def _update_endpoint(context: ResourceContext, endpoint: str, new: Properties, former: Properties) -> None:
    if differs(new, former, "PrivateDnsEnabled"):  # moto would pass over it
        raise ChangeRefusedError(
            "the local AWS cannot change PrivateDnsEnabled of an endpoint; give it a new logical id"
        )
    changes: dict[str, list[str]] = {}
    for name in _MEMBERS:
        wanted, present = new.get(name, []), former.get(name, [])
        changes[f"Add{name}"] = [each for each in wanted if each not in present]
        changes[f"Remove{name}"] = [each for each in present if each not in wanted]
    ec2 = context.client("ec2")
    ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint,
        PolicyDocument=_policy(new),
        **{name: members for name, members in changes.items() if members},
    )
    set_tags(ec2, endpoint, new, former)


def _create_flow_log(context: ResourceContext, properties: Properties) -> str:
    answer = context.client("ec2").create_flow_logs(
        ResourceIds=[properties["ResourceId"]],
        **given(properties, _FLOW_LOG),
        **tags_of_new("vpc-flow-log", properties),
    )
    for failed in answer["Unsuccessful"]:
        raise ResourceError(failed["Error"]["Message"])
    flow_log: str = answer["FlowLogIds"][0]
    return flow_log


HANDLERS = (
    Handler(
        "AWS::EC2::VPCEndpoint",
        names("PolicyDocument PrivateDnsEnabled ServiceName Tags VpcEndpointType VpcId")
        | frozenset(_MEMBERS),
        _create_endpoint,
        _update_endpoint,
        deletes("ec2", "delete_vpc_endpoints", "[VpcEndpointIds]"),
        ref_as("Id"),
    ),
    Handler(
        "AWS::EC2::FlowLog",
        names(f"ResourceId Tags {_FLOW_LOG}"),
        _create_flow_log,
        update_tags,
        deletes("ec2", "delete_flow_logs", "[FlowLogIds]"),
        ref_as("Id"),
    ),
)
