"""AWS::EC2::SecurityGroup, AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress."""

from collections.abc import Mapping
from functools import partial

from headrace_local.cloudformation.clients import Client
from headrace_local.cloudformation.resources.ec2 import set_tags, tags_of_new
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    delete_if_present,
    deletes,
    given,
    names,
    ref_as,
)
from headrace_local.grammars.template import Json

# The property with a group's rules, and the word in the names of the calls.
_DIRECTIONS = {"SecurityGroupIngress": "ingress", "SecurityGroupEgress": "egress"}
# What EC2 gives a new group, as long as the template gives it no rule for what goes out.
_EVERYTHING_OUT = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}


def _permission(rule: Properties) -> dict[str, Json]:
    """Return a rule of a template as EC2 takes it; its other end is one of three."""
    description = given(rule, "Description")
    ends: dict[str, Json] = {}
    if "CidrIp" in rule:
        ends["IpRanges"] = [{"CidrIp": rule["CidrIp"], **description}]
    for name in ("SourceSecurityGroupId", "DestinationSecurityGroupId"):
        if name in rule:
            ends["UserIdGroupPairs"] = [{"GroupId": rule[name], **description}]
    for name in ("SourcePrefixListId", "DestinationPrefixListId"):
        if name in rule:
            ends["PrefixListIds"] = [{"PrefixListId": rule[name], **description}]
    return {**given(rule, "IpProtocol FromPort ToPort"), **ends}


def _allow(ec2: Client, group: str, direction: str, permissions: list[Json]) -> list[str]:
    """Add rules to a group; return the ids of what the last of them became."""
    if not permissions:
        return []
    call = getattr(ec2, f"authorize_security_group_{direction}")
    answer = call(GroupId=group, IpPermissions=permissions)
    return [rule["SecurityGroupRuleId"] for rule in answer["SecurityGroupRules"]]


def _refuse(ec2: Client, group: str, direction: str, permissions: list[Json]) -> None:
    for permission in permissions:
        call = getattr(ec2, f"revoke_security_group_{direction}")
        delete_if_present(call, GroupId=group, IpPermissions=[permission])


def _create_group(context: ResourceContext, properties: Properties) -> str:
    ec2 = context.client("ec2")
    answer = ec2.create_security_group(
        GroupName=properties.get("GroupName") or context.new_name(255),
        Description=properties["GroupDescription"],
        **given(properties, "VpcId"),
        **tags_of_new("security-group", properties),
    )
    group: str = answer["GroupId"]
    context.made(group)
    _set_rules(ec2, group, properties, {})
    return group


def _set_rules(ec2: Client, group: str, new: Properties, former: Properties) -> None:
    for name, direction in _DIRECTIONS.items():
        wanted = [_permission(rule) for rule in _rules(new, name)]
        present = [_permission(rule) for rule in _rules(former, name)]
        _refuse(ec2, group, direction, [each for each in present if each not in wanted])
        _allow(ec2, group, direction, [each for each in wanted if each not in present])


def _rules(properties: Properties, name: str) -> list[Json]:
    rules: list[Json] = properties.get(name, [])
    return rules or ([_EVERYTHING_OUT] if name == "SecurityGroupEgress" else [])


def _update_group(context: ResourceContext, group: str, new: Properties, former: Properties) -> None:
    ec2 = context.client("ec2")
    _set_rules(ec2, group, new, former)
    set_tags(ec2, group, new, former)


def _group_attributes(context: ResourceContext, group: str, _properties: Properties) -> Mapping[str, Json]:
    found = context.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    return {"GroupId": group, "VpcId": found["VpcId"]}


def _create_rule(direction: str, context: ResourceContext, properties: Properties) -> str:
    return _allow(context.client("ec2"), properties["GroupId"], direction, [_permission(properties)])[0]


def _update_rule(
    direction: str, context: ResourceContext, _rule: str, new: Properties, _former: Properties
) -> None:
    """Change the description, which is all that can change of a rule."""
    call = getattr(context.client("ec2"), f"update_security_group_rule_descriptions_{direction}")
    call(GroupId=new["GroupId"], IpPermissions=[_permission(new)])


def _delete_rule(direction: str, context: ResourceContext, rule: str, properties: Properties) -> None:
    call = getattr(context.client("ec2"), f"revoke_security_group_{direction}")
    call(GroupId=properties["GroupId"], SecurityGroupRuleIds=[rule])


def _rule_handler(type_name: str, direction: str, other_ends: str) -> Handler:
    return Handler(
        type_name,
        names(f"CidrIp Description FromPort GroupId IpProtocol ToPort {other_ends}"),
        partial(_create_rule, direction),
        partial(_update_rule, direction),
        partial(_delete_rule, direction),
        ref_as("Id"),
    )


HANDLERS = (
    Handler(
        "AWS::EC2::SecurityGroup",
        names("GroupDescription GroupName Tags VpcId") | frozenset(_DIRECTIONS),
        _create_group,
        _update_group,
        deletes("ec2", "delete_security_group", "GroupId"),
        _group_attributes,
        name="GroupName",
    ),
    _rule_handler("AWS::EC2::SecurityGroupIngress", "ingress", "SourcePrefixListId SourceSecurityGroupId"),
    _rule_handler(
        "AWS::EC2::SecurityGroupEgress", "egress", "DestinationPrefixListId DestinationSecurityGroupId"
    ),
)
