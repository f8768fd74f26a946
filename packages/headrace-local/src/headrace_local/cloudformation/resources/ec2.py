"""AWS::EC2::VPC, AWS::EC2::Subnet, AWS::EC2::RouteTable and AWS::EC2::SubnetRouteTableAssociation."""

from collections.abc import Mapping

from headrace_local.cloudformation.clients import Client
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    change_tags,
    deletes,
    given,
    names,
    ref_as,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json

# What a network has without being told.
_DNS = {"EnableDnsHostnames": False, "EnableDnsSupport": True}


def tags_of_new(kind: str, properties: Properties) -> dict[str, Json]:
    """Return the argument by which EC2's create calls take the tags of one kind of resource."""
    tags = tag_list(tag_map(properties))
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}]} if tags else {}


def set_tags(ec2: Client, resource: str, new: Properties, former: Properties) -> None:
    """Bring the tags of a resource to what is wanted."""

    def remove(**named: list[str]) -> None:
        ec2.delete_tags(Resources=named["Resources"], Tags=[{"Key": key} for key in named["TagKeys"]])

    change_tags(new, former, ec2.create_tags, remove, Resources=[resource])


def update_tags(context: ResourceContext, resource: str, new: Properties, former: Properties) -> None:
    """For types of which nothing else can change."""
    set_tags(context.client("ec2"), resource, new, former)


def _create_vpc(context: ResourceContext, properties: Properties) -> str:
    ec2 = context.client("ec2")
    answer = ec2.create_vpc(
        **given(properties, "CidrBlock InstanceTenancy"), **tags_of_new("vpc", properties)
    )
    vpc: str = answer["Vpc"]["VpcId"]
    context.made(vpc)
    _set_dns(ec2, vpc, properties, _DNS)
    return vpc


def _set_dns(ec2: Client, vpc: str, new: Properties, former: Properties) -> None:
    for name, default in _DNS.items():
        if new.get(name, default) != former.get(name, default):
            ec2.modify_vpc_attribute(VpcId=vpc, **{name: {"Value": new.get(name, default)}})


def _update_vpc(context: ResourceContext, vpc: str, new: Properties, former: Properties) -> None:
    ec2 = context.client("ec2")
    _set_dns(ec2, vpc, new, former)
    set_tags(ec2, vpc, new, former)


def _vpc_attributes(context: ResourceContext, vpc: str, _properties: Properties) -> Mapping[str, Json]:
    ec2 = context.client("ec2")
    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    groups = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    found = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]
    return {
        "VpcId": vpc,
        "CidrBlock": found["CidrBlock"],
        "DefaultSecurityGroup": next(each["GroupId"] for each in groups if each["GroupName"] == "default"),
    }


def _create_subnet(context: ResourceContext, properties: Properties) -> str:
    ec2 = context.client("ec2")
    answer = ec2.create_subnet(
        **given(properties, "AvailabilityZone CidrBlock VpcId"), **tags_of_new("subnet", properties)
    )
    subnet: str = answer["Subnet"]["SubnetId"]
    context.made(subnet)
    _set_public(ec2, subnet, properties, {})
    return subnet


def _set_public(ec2: Client, subnet: str, new: Properties, former: Properties) -> None:
    if new.get("MapPublicIpOnLaunch", False) != former.get("MapPublicIpOnLaunch", False):
        value = {"Value": new.get("MapPublicIpOnLaunch", False)}
        ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch=value)


def _update_subnet(context: ResourceContext, subnet: str, new: Properties, former: Properties) -> None:
    ec2 = context.client("ec2")
    _set_public(ec2, subnet, new, former)
    set_tags(ec2, subnet, new, former)


def _subnet_attributes(context: ResourceContext, subnet: str, _properties: Properties) -> Mapping[str, Json]:
    found = context.client("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"][0]
    return given(found, "AvailabilityZone AvailabilityZoneId CidrBlock SubnetId VpcId")


def _create_route_table(context: ResourceContext, properties: Properties) -> str:
    answer = context.client("ec2").create_route_table(
        VpcId=properties["VpcId"], **tags_of_new("route-table", properties)
    )
    table: str = answer["RouteTable"]["RouteTableId"]
    return table


def _create_association(context: ResourceContext, properties: Properties) -> str:
    answer = context.client("ec2").associate_route_table(**given(properties, "RouteTableId SubnetId"))
    association: str = answer["AssociationId"]
    return association


def _update_nothing(_context: ResourceContext, _resource: str, _new: Properties, _former: Properties) -> None:
    """For types whose every property needs a new resource."""


HANDLERS = (
    Handler(
        "AWS::EC2::VPC",
        names("CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy Tags"),
        _create_vpc,
        _update_vpc,
        deletes("ec2", "delete_vpc", "VpcId"),
        _vpc_attributes,
    ),
    Handler(
        "AWS::EC2::Subnet",
        names("AvailabilityZone CidrBlock MapPublicIpOnLaunch Tags VpcId"),
        _create_subnet,
        _update_subnet,
        deletes("ec2", "delete_subnet", "SubnetId"),
        _subnet_attributes,
    ),
    Handler(
        "AWS::EC2::RouteTable",
        names("Tags VpcId"),
        _create_route_table,
        update_tags,
        deletes("ec2", "delete_route_table", "RouteTableId"),
        ref_as("RouteTableId"),
    ),
    Handler(
        "AWS::EC2::SubnetRouteTableAssociation",
        names("RouteTableId SubnetId"),
        _create_association,
        _update_nothing,
        deletes("ec2", "disassociate_route_table", "AssociationId"),
        ref_as("Id"),
    ),
)
