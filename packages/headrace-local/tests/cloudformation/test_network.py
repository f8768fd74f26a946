"""Networks, endpoints and security groups that stacks make."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

TAGS = [{"Key": "a", "Value": "1"}]


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::EC2::{kind}", "Properties": properties}


def _network(**vpc: Any) -> dict[str, Any]:
    """Return a network with one subnet and its own route table."""
    here = {"Ref": "Vpc"}
    return {
        "Vpc": _resource("VPC", CidrBlock="10.1.0.0/16", **vpc),
        "Subnet": _resource("Subnet", VpcId=here, CidrBlock="10.1.0.0/24", AvailabilityZone="us-east-1b"),
        "Table": _resource("RouteTable", VpcId=here),
        "Association": _resource(
            "SubnetRouteTableAssociation", SubnetId={"Ref": "Subnet"}, RouteTableId={"Ref": "Table"}
        ),
    }


def test_a_network_changes_in_place_and_goes_with_its_stack(cloud: Any) -> None:
    """DNS, public addresses and tags change, attributes are EC2's, and nothing is left of a deleted stack."""
    outputs = {
        "Zone": {"Value": {"Fn::GetAtt": ["Subnet", "AvailabilityZone"]}},
        "Range": {"Value": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}},
        "Group": {"Value": {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}},
    }
    cloud.create(_network(EnableDnsHostnames=True, Tags=TAGS), Outputs=outputs)
    ec2, vpc, subnet = cloud.client("ec2"), cloud.physical_id("Vpc"), cloud.physical_id("Subnet")
    table = cloud.physical_id("Table")
    assert cloud.outputs()["Zone"] == "us-east-1b"
    assert cloud.outputs()["Range"] == "10.1.0.0/16"
    assert cloud.outputs()["Group"].startswith("sg-")

    def names() -> bool:
        found = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
        return bool(found["EnableDnsHostnames"]["Value"])

    assert names()
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"] == TAGS
    [route] = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert route["GatewayId"] == "local"
    changed = _network()
    changed["Subnet"]["Properties"]["MapPublicIpOnLaunch"] = True
    cloud.update(changed, Outputs=outputs)
    assert cloud.physical_id("Vpc") == vpc
    assert not names()
    assert not ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0].get("Tags")
    assert ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["MapPublicIpOnLaunch"]
    cloud.delete()
    for find in (
        lambda: ec2.describe_vpcs(VpcIds=[vpc]),
        lambda: ec2.describe_subnets(SubnetIds=[subnet]),
        lambda: ec2.describe_route_tables(RouteTableIds=[table]),
    ):
        with pytest.raises(ClientError, match="NotFound"):
            find()


def test_a_subnet_of_another_range_is_a_new_one(cloud: Any) -> None:
    """The former one is deleted once the table's association has moved to the new one."""
    cloud.create(_network())
    former = cloud.physical_id("Subnet")
    changed = _network()
    changed["Subnet"]["Properties"]["CidrBlock"] = "10.1.1.0/24"
    cloud.update(changed)
    ec2, subnet = cloud.client("ec2"), cloud.physical_id("Subnet")
    assert subnet != former
    with pytest.raises(ClientError, match="NotFound"):
        ec2.describe_subnets(SubnetIds=[former])
    table = ec2.describe_route_tables(RouteTableIds=[cloud.physical_id("Table")])["RouteTables"][0]
    assert [each["SubnetId"] for each in table["Associations"]] == [subnet]


def test_what_was_made_of_a_network_that_fails_is_taken_away(cloud: Any) -> None:
    """A range that is not in the network fails the stack, and no network stays."""
    resources = _network(Tags=[{"Key": "Name", "Value": cloud.name("vpc")}])
    resources["Subnet"]["Properties"]["CidrBlock"] = "192.168.0.0/24"
    cloud.create(resources, ends="ROLLBACK_COMPLETE")
    assert "192.168.0.0/24" in cloud.reasons()["Subnet"]
    named = [{"Name": "tag:Name", "Values": [cloud.name("vpc")]}]
    assert cloud.client("ec2").describe_vpcs(Filters=named)["Vpcs"] == []


def _rules(cloud: Any, group: str) -> set[tuple[str, str, str]]:
    """Return the rules of a group as direction, protocol and other end."""
    filters = [{"Name": "group-id", "Values": [group]}]
    return {
        (
            "egress" if rule["IsEgress"] else "ingress",
            rule["IpProtocol"],
            rule.get("CidrIpv4")
            or rule.get("PrefixListId")
            or rule.get("ReferencedGroupInfo", {}).get("GroupId"),
        )
        for rule in cloud.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    }


def test_a_group_has_the_rules_of_its_template_and_no_others(cloud: Any) -> None:
    """What EC2 lets out by itself goes with the first rule of one's own and returns with the last."""
    everywhere = ("egress", "-1", "0.0.0.0/0")
    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}

    def resources(**rules: Any) -> dict[str, Any]:
        group = _resource("SecurityGroup", GroupDescription="test", VpcId={"Ref": "Vpc"}, **rules)
        return {"Vpc": _resource("VPC", CidrBlock="10.1.0.0/16"), "Group": group}

    def own(kind: str, end: str, description: str) -> dict[str, Any]:
        here = {"Ref": "Group"}
        return _resource(kind, GroupId=here, IpProtocol="-1", Description=description, **{end: here})

    def both(description: str) -> dict[str, Any]:
        return resources(SecurityGroupEgress=[{**web, "CidrIp": "10.1.0.0/16"}]) | {
            "In": own("SecurityGroupIngress", "SourceSecurityGroupId", description),
            "Out": own("SecurityGroupEgress", "DestinationSecurityGroupId", description),
        }

    cloud.create(resources())
    group = cloud.physical_id("Group")
    assert _rules(cloud, group) == {everywhere}
    cloud.update(both("one"))
    inside = {("egress", "tcp", "10.1.0.0/16"), ("egress", "-1", group), ("ingress", "-1", group)}
    assert _rules(cloud, group) == inside
    rule = cloud.physical_id("In")
    cloud.update(both("two"))
    assert _rules(cloud, group) == inside
    assert cloud.physical_id("In") == rule
    cloud.update(resources(SecurityGroupIngress=[{**web, "CidrIp": "10.2.0.0/16"}]))
    assert _rules(cloud, group) == {everywhere, ("ingress", "tcp", "10.2.0.0/16")}
    cloud.delete()
    with pytest.raises(ClientError, match="NotFound"):
        cloud.client("ec2").describe_security_groups(GroupIds=[group])


def test_endpoints_lead_to_services(cloud: Any) -> None:
    """A gateway puts its route into the table, an interface joins subnets; policy and members change in place."""

    def policy(action: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
        return {"Version": "2012-10-17", "Statement": [statement]}

    def resources(action: str, subnets: list[str]) -> dict[str, Any]:
        here = {"Ref": "Vpc"}
        second = _resource("Subnet", VpcId=here, CidrBlock="10.1.1.0/24", AvailabilityZone="us-east-1a")
        return {
            **_network(EnableDnsHostnames=True),
            "Second": second,
            "Gateway": _resource(
                "VPCEndpoint",
                VpcId=here,
                ServiceName="com.amazonaws.us-east-1.s3",
                RouteTableIds=[{"Ref": "Table"}],
                PolicyDocument=policy(action),
            ),
            "Interface": _resource(
                "VPCEndpoint",
                VpcId=here,
                ServiceName="com.amazonaws.us-east-1.logs",
                VpcEndpointType="Interface",
                PrivateDnsEnabled=True,
                SubnetIds=[{"Ref": name} for name in subnets],
            ),
        }

    cloud.create(resources("s3:GetObject", ["Subnet"]))
    ec2 = cloud.client("ec2")

    def endpoint(logical_id: str) -> Any:
        found = ec2.describe_vpc_endpoints(VpcEndpointIds=[cloud.physical_id(logical_id)])
        return found["VpcEndpoints"][0]

    gateway, subnet = cloud.physical_id("Gateway"), cloud.physical_id("Subnet")
    routes = ec2.describe_route_tables(RouteTableIds=[cloud.physical_id("Table")])["RouteTables"][0]["Routes"]
    assert gateway in [route.get("GatewayId") for route in routes]
    assert endpoint("Interface")["SubnetIds"] == [subnet]
    assert endpoint("Interface")["PrivateDnsEnabled"]
    cloud.update(resources("s3:PutObject", ["Second"]))
    assert cloud.physical_id("Gateway") == gateway
    document = json.loads(endpoint("Gateway")["PolicyDocument"])
    assert document["Statement"][0]["Action"] == "s3:PutObject"
    assert endpoint("Interface")["SubnetIds"] == [cloud.physical_id("Second")]
    hidden = resources("s3:PutObject", ["Second"])
    hidden["Interface"]["Properties"]["PrivateDnsEnabled"] = False
    cloud.update(hidden, ends="UPDATE_ROLLBACK_COMPLETE")
    assert "cannot change PrivateDnsEnabled" in cloud.reasons()["Interface"]
    cloud.delete()
    assert ec2.describe_vpc_endpoints(VpcEndpointIds=[gateway])["VpcEndpoints"][0]["State"] == "deleted"
