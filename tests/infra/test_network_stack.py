"""The network of the jobs: what leads out of it, and what does not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from headrace_aws.config.root import project_root

ROOT = project_root()

STACKS = ROOT / "infra" / "stacks"
ACCOUNT = "666666666666"
NAME = "net"
STACK = f"{NAME}-network"
SERVICES = {
    "sagemaker.api", "sagemaker.runtime", "ecr.api", "ecr.dkr", "sts", "logs", "states", "kms", "monitoring",
}  # fmt: skip


class Network:
    """An account of the local AWS with the network stack in it."""

    def __init__(self, local_aws: Any) -> None:
        self.client = lambda service: local_aws.client(service, ACCOUNT)
        self.ec2, self.cloudformation = self.client("ec2"), self.client("cloudformation")
        names = [{"Name": "prefix-list-name", "Values": ["com.amazonaws.us-east-1.s3"]}]
        [found] = self.ec2.describe_managed_prefix_lists(Filters=names)["PrefixLists"]
        self.s3_addresses: str = found["PrefixListId"]

    def deploy(self, call: str = "update_stack", **parameters: str) -> None:
        given = {"ProjectName": NAME, "S3PrefixListId": self.s3_addresses, **parameters}
        getattr(self.cloudformation, call)(
            StackName=STACK,
            TemplateBody=(STACKS / "network.yaml").read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": text} for key, text in given.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        assert self.stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}

    @property
    def stack(self) -> dict[str, Any]:
        found: dict[str, Any] = self.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        return found

    def exported(self, name: str) -> str:
        [value] = [
            one["OutputValue"] for one in self.stack["Outputs"] if one["ExportName"] == f"{STACK}-{name}"
        ]
        return str(value)

    def physical_id(self, logical_id: str) -> str:
        found = self.cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def endpoints(self) -> dict[str, Any]:
        """Return the endpoints by the names of their services."""
        here = [{"Name": "vpc-id", "Values": [self.physical_id("Vpc")]}]
        found = self.ec2.describe_vpc_endpoints(Filters=here)["VpcEndpoints"]
        return {one["ServiceName"].removeprefix("com.amazonaws.us-east-1."): one for one in found}


@pytest.fixture(scope="module")
def network(local_aws: Any) -> Iterator[Network]:
    """The network as it is without being told anything; tests that change it put it back."""
    made = Network(local_aws)
    made.deploy("create_stack")
    yield made
    made.cloudformation.delete_stack(StackName=STACK)


def test_jobs_get_two_private_subnets_in_two_zones(network: Network) -> None:
    """They are exported, joined by commas; neither gives public addresses, and a second deployment changes nothing."""
    subnets = network.ec2.describe_subnets(SubnetIds=network.exported("SubnetIds").split(","))["Subnets"]
    assert {one["AvailabilityZone"] for one in subnets} == {"us-east-1a", "us-east-1b"}
    assert {one["CidrBlock"] for one in subnets} == {"10.20.0.0/22", "10.20.4.0/22"}
    assert not any(one["MapPublicIpOnLaunch"] for one in subnets)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        network.deploy()


def test_nothing_leads_to_the_internet(network: Network) -> None:
    """Both subnets have the one table, which knows the network and S3; there is no gateway."""
    [table] = network.ec2.describe_route_tables(RouteTableIds=[network.physical_id("RouteTable")])[
        "RouteTables"
    ]
    assert {one["SubnetId"] for one in table["Associations"]} == set(network.exported("SubnetIds").split(","))
    leads = {(one.get("DestinationPrefixListId", ""), one["GatewayId"]) for one in table["Routes"]}
    assert leads == {("", "local"), (network.s3_addresses, network.physical_id("S3Endpoint"))}
    attached = [{"Name": "attachment.vpc-id", "Values": [network.physical_id("Vpc")]}]
    assert network.ec2.describe_internet_gateways(Filters=attached)["InternetGateways"] == []


def test_jobs_reach_each_other_s3_and_the_endpoints(network: Network) -> None:
    """No rule names an address; the endpoints answer jobs and call nobody."""
    jobs, endpoints = network.exported("SecurityGroupIds"), network.physical_id("EndpointsSecurityGroup")

    def rules(group: str) -> set[tuple[bool, str, int, str]]:
        filters = [{"Name": "group-id", "Values": [group]}]
        found = network.ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        return {
            (
                one["IsEgress"],
                one["IpProtocol"],
                one["ToPort"],
                one.get("CidrIpv4") or one.get("PrefixListId") or one["ReferencedGroupInfo"]["GroupId"],
            )
            for one in found
        }

    assert rules(jobs) == {
        (True, "tcp", 443, network.s3_addresses),
        (True, "tcp", 443, endpoints),
        (True, "-1", -1, jobs),
        (False, "-1", -1, jobs),
    }
    assert rules(endpoints) == {(False, "tcp", 443, jobs), (True, "tcp", 443, "127.0.0.1/32")}


def test_s3_is_open_for_the_data_bucket_and_for_layers_only(network: Network) -> None:
    """Through the endpoint a job reaches the data bucket as this account, and reads the layers of images."""
    policy = json.loads(network.endpoints()["s3"]["PolicyDocument"])
    data, layers = policy["Statement"]
    bucket = f"arn:aws:s3:::{NAME}-data-{ACCOUNT}-us-east-1"
    assert data["Resource"] == [bucket, f"{bucket}/*"]
    assert data["Condition"] == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
    assert (layers["Action"], layers["Resource"]) == (
        "s3:GetObject",
        "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*",
    )


def test_interface_endpoints_are_paid_for_in_one_zone_or_in_two(network: Network) -> None:
    """Each service that jobs call has one under its own name, in as many zones as the parameter says."""
    first, second = network.exported("SubnetIds").split(",")
    found = network.endpoints()
    assert found.keys() - {"s3"} == SERVICES
    for service in SERVICES:
        assert found[service]["PrivateDnsEnabled"]
        assert found[service]["SubnetIds"] == [first]
        assert [group["GroupId"] for group in found[service]["Groups"]] == [
            network.physical_id("EndpointsSecurityGroup")
        ]
    network.deploy(InterfaceEndpointZones="2")
    assert {tuple(one["SubnetIds"]) for one in network.endpoints().values() if one["SubnetIds"]} == {
        (first, second)
    }
    network.deploy()


def test_connections_are_recorded_on_request(network: Network) -> None:
    """Flow logs go to a group of their own, which is kept as long as the parameter says."""
    here = [{"Name": "resource-id", "Values": [network.physical_id("Vpc")]}]
    network.deploy(FlowLogsRetentionInDays="7")
    [flow_log] = network.ec2.describe_flow_logs(Filters=here)["FlowLogs"]
    assert (flow_log["TrafficType"], flow_log["LogGroupName"]) == ("ALL", f"/{NAME}/network")
    logs = network.client("logs")
    [group] = logs.describe_log_groups(logGroupNamePrefix=f"/{NAME}/network")["logGroups"]
    assert group["retentionInDays"] == 7
    network.deploy()
    assert network.ec2.describe_flow_logs(Filters=here)["FlowLogs"] == []


@pytest.mark.parametrize("block", ["0.0.0.0/20", "10.20.0.0/16", "10.20.0.0"])
def test_a_range_that_is_not_private_or_not_of_its_size_is_refused(network: Network, block: str) -> None:
    """The subnets are quarters of a /20."""
    with pytest.raises(ClientError, match="Parameter 'CidrBlock' failed to satisfy constraint"):
        network.deploy(CidrBlock=block)
