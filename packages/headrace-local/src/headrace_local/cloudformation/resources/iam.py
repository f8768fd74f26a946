"""AWS::IAM::Role, AWS::IAM::Policy and AWS::IAM::ManagedPolicy."""

from collections.abc import Mapping

from headrace_local.cloudformation.clients import Client
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    change_tags,
    delete_if_present,
    differs,
    given,
    json_text,
    names,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json

_HOLDERS = {"Roles": "role", "Users": "user", "Groups": "group"}


def _create_role(context: ResourceContext, properties: Properties) -> str:
    iam = context.client("iam")
    name: str = properties.get("RoleName") or context.new_name()
    iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json_text(properties["AssumeRolePolicyDocument"]),
        Tags=tag_list(tag_map(properties)),
        **given(properties, "Description MaxSessionDuration Path PermissionsBoundary"),
    )
    context.made(name)
    _set_policies(iam, name, properties, {})
    return name


def _set_policies(iam: Client, role: str, new: Properties, former: Properties) -> None:
    wanted, present = new.get("ManagedPolicyArns", []), former.get("ManagedPolicyArns", [])
    for arn in present:
        if arn not in wanted:
            delete_if_present(iam.detach_role_policy, RoleName=role, PolicyArn=arn)
    for arn in wanted:
        if arn not in present:
            iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    inline = {policy["PolicyName"]: policy for policy in new.get("Policies", [])}
    for policy in former.get("Policies", []):
        if policy["PolicyName"] not in inline:
            delete_if_present(iam.delete_role_policy, RoleName=role, PolicyName=policy["PolicyName"])
    for name, policy in inline.items():
        if policy not in former.get("Policies", []):
            iam.put_role_policy(
                RoleName=role, PolicyName=name, PolicyDocument=json_text(policy["PolicyDocument"])
            )


def _update_role(context: ResourceContext, name: str, new: Properties, former: Properties) -> None:
    iam = context.client("iam")
    if differs(new, former, "AssumeRolePolicyDocument"):
        iam.update_assume_role_policy(
            RoleName=name, PolicyDocument=json_text(new["AssumeRolePolicyDocument"])
        )
    if differs(new, former, "Description MaxSessionDuration"):
        iam.update_role(
            RoleName=name,
            Description=new.get("Description", ""),
            MaxSessionDuration=new.get("MaxSessionDuration", 3600),
        )
    if differs(new, former, "PermissionsBoundary"):
        if "PermissionsBoundary" in new:
            iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=new["PermissionsBoundary"])
        else:
            iam.delete_role_permissions_boundary(RoleName=name)
    _set_policies(iam, name, new, former)
    change_tags(new, former, iam.tag_role, iam.untag_role, RoleName=name)


def _delete_role(context: ResourceContext, name: str, properties: Properties) -> None:
    iam = context.client("iam")
    for arn in properties.get("ManagedPolicyArns", []):
        delete_if_present(iam.detach_role_policy, RoleName=name, PolicyArn=arn)
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def _role_attributes(context: ResourceContext, name: str, _properties: Properties) -> Mapping[str, Json]:
    role = context.client("iam").get_role(RoleName=name)["Role"]
    return {"Arn": role["Arn"], "RoleId": role["RoleId"]}


def _create_inline(context: ResourceContext, properties: Properties) -> str:
    _put_inline(context, properties)
    return context.new_name()


def _put_inline(context: ResourceContext, properties: Properties) -> None:
    iam = context.client("iam")
    for plural, kind in _HOLDERS.items():
        for holder in properties.get(plural, []):
            getattr(iam, f"put_{kind}_policy")(
                **{f"{kind.title()}Name": holder},
                PolicyName=properties["PolicyName"],
                PolicyDocument=json_text(properties["PolicyDocument"]),
            )


def _update_inline(context: ResourceContext, policy: str, new: Properties, former: Properties) -> None:
    renamed = differs(new, former, "PolicyName")
    left = {
        plural: [holder for holder in former.get(plural, []) if renamed or holder not in new.get(plural, [])]
        for plural in _HOLDERS
    }
    _put_inline(context, new)
    _delete_inline(context, policy, {**left, "PolicyName": former["PolicyName"]})


def _delete_inline(context: ResourceContext, _policy: str, properties: Properties) -> None:
    iam = context.client("iam")
    for plural, kind in _HOLDERS.items():
        for holder in properties.get(plural, []):
            delete = getattr(iam, f"delete_{kind}_policy")
            delete_if_present(delete, **{f"{kind.title()}Name": holder}, PolicyName=properties["PolicyName"])


def _create_managed(context: ResourceContext, properties: Properties) -> str:
    iam = context.client("iam")
    answer = iam.create_policy(
        PolicyName=properties.get("ManagedPolicyName") or context.new_name(128),
        PolicyDocument=json_text(properties["PolicyDocument"]),
        **given(properties, "Description Path"),
    )
    arn: str = answer["Policy"]["Arn"]
    context.made(arn)
    _attach(iam, arn, properties, {})
    return arn


def _attach(iam: Client, arn: str, new: Properties, former: Properties) -> None:
    for plural, kind in _HOLDERS.items():
        wanted, present = new.get(plural, []), former.get(plural, [])
        for holder in present:
            if holder not in wanted:
                delete_if_present(
                    getattr(iam, f"detach_{kind}_policy"), **{f"{kind.title()}Name": holder}, PolicyArn=arn
                )
        for holder in wanted:
            if holder not in present:
                getattr(iam, f"attach_{kind}_policy")(**{f"{kind.title()}Name": holder}, PolicyArn=arn)


def _update_managed(context: ResourceContext, arn: str, new: Properties, former: Properties) -> None:
    iam = context.client("iam")
    if differs(new, former, "PolicyDocument"):
        # At most five versions may exist: the former one goes, so there is never more than one.
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        iam.create_policy_version(
            PolicyArn=arn, PolicyDocument=json_text(new["PolicyDocument"]), SetAsDefault=True
        )
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    _attach(iam, arn, new, former)


def _delete_managed(context: ResourceContext, arn: str, properties: Properties) -> None:
    iam = context.client("iam")
    _attach(iam, arn, {}, properties)
    iam.delete_policy(PolicyArn=arn)


def _managed_attributes(context: ResourceContext, arn: str, _properties: Properties) -> Mapping[str, Json]:
    policy = context.client("iam").get_policy(PolicyArn=arn)["Policy"]
    return {"PolicyArn": arn, **given(policy, "PolicyId DefaultVersionId")}


HANDLERS = (
    Handler(
        "AWS::IAM::Role",
        names(
            "AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path "
            "PermissionsBoundary Policies RoleName Tags"
        ),
        _create_role,
        _update_role,
        _delete_role,
        _role_attributes,
        name="RoleName",
    ),
    Handler(
        "AWS::IAM::Policy",
        names("Groups PolicyDocument PolicyName Roles Users"),
        _create_inline,
        _update_inline,
        _delete_inline,
    ),
    Handler(
        "AWS::IAM::ManagedPolicy",
        names("Description Groups ManagedPolicyName Path PolicyDocument Roles Users"),
        _create_managed,
        _update_managed,
        _delete_managed,
        _managed_attributes,
        name="ManagedPolicyName",
    ),
)
