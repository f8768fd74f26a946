"""Stacks where IAM is enforced: made with the permissions of the service role, or of the caller, and no others."""

import json
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError
from enforced import ACCOUNT, USER, Enforced, allow, policy, session_arn
from stack_requests import HERE, SERVICE, TRUST, ended, request

_numbers = count(1)


def named(what: str) -> str:
    """Return a name that no other test has."""
    return f"stacks-{what}-{next(_numbers)}"


def parameter(name: str, value: str, **more: Any) -> dict[str, Any]:
    properties = {"Name": name, "Type": "String", "Value": value}
    return {"Type": "AWS::SSM::Parameter", "Properties": properties, **more}


def parameter_arn(name: str) -> str:
    return f"arn:aws:ssm:{HERE}:parameter/{name}"


def service_role(enforced: Enforced, *statements: dict[str, Any]) -> str:
    return enforced.role(*statements, trust=TRUST)


DEPLOYER = [allow("cloudformation:*"), allow("iam:PassRole", StringEquals={"iam:PassedToService": SERVICE})]


def test_a_service_role_makes_what_its_caller_may_not(enforced: Enforced) -> None:
    """The caller may deploy and pass the role; the role may make the resource, and its stack remembers it."""
    name, stack = named("parameter"), named("stack")
    role = service_role(enforced, allow("ssm:*", parameter_arn(name)))
    caller = enforced.role(*DEPLOYER)
    cloudformation = enforced.acting("cloudformation", caller)
    cloudformation.create_stack(**request(stack, {"P": parameter(name, "1")}, RoleARN=role))
    assert ended(cloudformation, stack) == ("CREATE_COMPLETE", {})
    assert cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["RoleARN"] == role
    cloudformation.update_stack(**request(stack, {"P": parameter(name, "2")}))
    assert ended(cloudformation, stack) == ("UPDATE_COMPLETE", {})
    cloudformation.delete_stack(StackName=stack)
    assert enforced.client("ssm").get_parameters(Names=[name])["InvalidParameters"] == [name]
    with pytest.raises(ClientError, match="not authorized to perform: ssm:GetParameter"):
        enforced.acting("ssm", caller).get_parameter(Name=name)


def test_what_the_service_role_may_not_is_rolled_back(enforced: Enforced) -> None:
    """The event has the words of AWS: the role's session, the action, the resource; what was made before is gone."""
    first, second, stack = named("first"), named("second"), named("stack")
    role = service_role(enforced, allow("ssm:*", parameter_arn(first)))
    cloudformation = enforced.client("cloudformation")  # an administrator, and held to the role all the same
    resources = {"First": parameter(first, "1"), "Second": parameter(second, "1", DependsOn="First")}
    cloudformation.create_stack(**request(stack, resources, RoleARN=role))
    status, failed = ended(cloudformation, stack)
    assert status == "ROLLBACK_COMPLETE"
    assert failed["Second"] == (
        f'Resource handler returned message: "User: {session_arn(role, "AWSCloudFormation")} is not authorized to '
        f"perform: ssm:PutParameter on resource: {parameter_arn(second)} because no identity-based policy allows the "
        'ssm:PutParameter action" (HandlerErrorCode: AccessDenied)'
    )
    assert enforced.client("ssm").get_parameters(Names=[first, second])["Parameters"] == []


def test_a_role_is_judged_by_its_path(enforced: Enforced) -> None:
    """A service role makes, changes and deletes a role and a policy below the path that it may touch, and no others."""
    path = named("path")
    below = [f"arn:aws:iam::{ACCOUNT}:{kind}/{path}/*" for kind in ("policy", "role")]
    role = service_role(enforced, allow("iam:*", below))
    cloudformation = enforced.client("cloudformation")
    document, trust = (json.loads(policy(each)) for each in (allow("s3:GetObject"), TRUST))

    def resources(description: str, **given: str) -> dict[str, Any]:
        own = {
            "AssumeRolePolicyDocument": trust,
            "Policies": [{"PolicyName": "own", "PolicyDocument": document}],
        }
        return {
            "R": {"Type": "AWS::IAM::Role", "Properties": own | {"Description": description} | given},
            "M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document} | given},
        }

    stack = named("stack")
    cloudformation.create_stack(**request(stack, resources("1", Path=f"/{path}/"), RoleARN=role))
    assert ended(cloudformation, stack) == ("CREATE_COMPLETE", {})
    cloudformation.update_stack(**request(stack, resources("2", Path=f"/{path}/")))
    assert ended(cloudformation, stack) == ("UPDATE_COMPLETE", {})
    arn = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=stack)
    assert cloudformation.describe_stacks(StackName=arn)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
    for other in ({}, {"Path": f"/{path}-other/"}):
        stack = named("stack")
        cloudformation.create_stack(**request(stack, resources("1", **other), RoleARN=role))
        status, failed = ended(cloudformation, stack)
        assert status == "ROLLBACK_COMPLETE"
        assert any("not authorized to perform: iam:Create" in reason for reason in failed.values())


def test_without_a_service_role_the_caller_counts(enforced: Enforced) -> None:
    """Its session makes the resources, and tells that CloudFormation called on its behalf."""
    name = named("parameter")
    via = allow("ssm:*", parameter_arn(name), StringEquals={"aws:CalledViaFirst": SERVICE})
    caller = enforced.role(allow("cloudformation:*"), via)
    cloudformation = enforced.acting("cloudformation", caller)
    cloudformation.create_stack(**request(stack := named("stack"), {"P": parameter(name, "1")}))
    assert ended(cloudformation, stack) == ("CREATE_COMPLETE", {})
    with pytest.raises(ClientError, match="not authorized to perform: ssm:PutParameter"):
        enforced.acting("ssm", caller).put_parameter(Name=name, Value="2", Type="String", Overwrite=True)
    refused = enforced.acting("cloudformation", enforced.role(allow("cloudformation:*")))
    refused.create_stack(**request(stack := named("stack"), {"P": parameter(named("other"), "1")}))
    status, failed = ended(refused, stack)
    assert status == "ROLLBACK_COMPLETE"
    assert "not authorized to perform: ssm:PutParameter" in failed["P"]


def test_a_service_role_has_to_be_passed(enforced: Enforced) -> None:
    """iam:PassRole for CloudFormation, on every operation that names the role; and the role must trust it."""
    role = service_role(enforced, allow("ssm:*"))
    resources = {"P": parameter(named("parameter"), "1")}
    for operation, more in (
        ("create_stack", {}),
        ("create_change_set", {"ChangeSetName": "c", "ChangeSetType": "CREATE"}),
    ):
        for statement in (
            allow("iam:PassRole", StringEquals={"iam:PassedToService": "states.amazonaws.com"}),
            allow("iam:PassRole", f"{role}-other"),
        ):
            caller = enforced.role(allow("cloudformation:*"), statement)
            make = getattr(enforced.acting("cloudformation", caller), operation)
            with pytest.raises(
                ClientError, match=f"not authorized to perform: iam:PassRole on resource: {role} "
            ):
                make(**request(named("stack"), resources, RoleARN=role, **more))
    cloudformation = enforced.client("cloudformation")
    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        cloudformation.create_stack(**request(named("stack"), resources, RoleARN=enforced.role()))
    elsewhere = role.replace(ACCOUNT, "444444444444")
    with pytest.raises(ClientError, match="Cross-account pass role is not allowed"):
        cloudformation.create_stack(**request(named("stack"), resources, RoleARN=elsewhere))


def test_the_condition_keys_of_cloudformation(enforced: Enforced) -> None:
    """A deploy role may be held to one service role and to names of change sets; a change set's ARN means its stack."""
    role = service_role(enforced, allow("ssm:*"))
    stack = named("stack")
    here = f"arn:aws:cloudformation:{HERE}:stack/{stack}/*"
    caller = enforced.role(
        allow(
            "cloudformation:CreateChangeSet",
            here,
            StringEquals={"cloudformation:RoleArn": role},
            StringLike={"cloudformation:ChangeSetName": "deploy-*"},
        ),
        allow(["cloudformation:Describe*", "cloudformation:ExecuteChangeSet"], here),
        allow("iam:PassRole", role),
    )
    cloudformation = enforced.acting("cloudformation", caller)
    wanted = request(stack, {"P": parameter(named("parameter"), "1")}, ChangeSetType="CREATE", RoleARN=role)
    for other in ({"ChangeSetName": "other"}, {"ChangeSetName": "deploy-1", "StackName": "elsewhere"}):
        with pytest.raises(ClientError, match="not authorized to perform: cloudformation:CreateChangeSet"):
            cloudformation.create_change_set(**wanted | other)
    with pytest.raises(ClientError, match="not authorized to perform: cloudformation:CreateChangeSet"):
        cloudformation.create_change_set(
            **{name: value for name, value in wanted.items() if name != "RoleARN"}, ChangeSetName="deploy-1"
        )
    made = cloudformation.create_change_set(**wanted, ChangeSetName="deploy-1")["Id"]
    assert cloudformation.describe_change_set(ChangeSetName=made)["Status"] == "CREATE_COMPLETE"
    cloudformation.execute_change_set(ChangeSetName=made)
    assert ended(cloudformation, stack) == ("CREATE_COMPLETE", {})


def bounded(name: str, boundary: Any, **more: Any) -> dict[str, Any]:
    properties = {
        "RoleName": name,
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [USER]},
        "Policies": [
            {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow("*")]}}
        ],
        **({"PermissionsBoundary": boundary} if boundary else {}),
        **more,
    }
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def test_a_boundary_that_a_stack_made_holds_and_cannot_be_loosened(enforced: Enforced) -> None:
    """Roles must carry it (iam:PermissionsBoundary), may do what it allows only, and keep it."""
    name, role_name = named("boundary"), named("bounded")
    limit = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "ManagedPolicyName": name,
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow("sqs:ListQueues")]},
        },
    }
    admin = enforced.client("cloudformation")
    admin.create_stack(**request(named("stack"), {"Limit": limit}))
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    writing = ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DeleteRolePolicy"]
    writing.append("iam:PutRolePermissionsBoundary")  # so that a rollback can put it back
    cloud_role = service_role(
        enforced,
        allow(writing, StringEquals={"iam:PermissionsBoundary": arn}),
        allow(["iam:GetRole", "iam:DeleteRole", "iam:ListRolePolicies", "iam:UpdateAssumeRolePolicy"]),
    )
    for boundary, ends in ((None, "ROLLBACK_COMPLETE"), (arn, "CREATE_COMPLETE")):
        stack = named("stack")
        admin.create_stack(**request(stack, {"Role": bounded(role_name, boundary)}, RoleARN=cloud_role))
        status, failed = ended(admin, stack)
        assert (status, "iam:CreateRole" in failed.get("Role", "")) == (ends, boundary is None), failed
    role = f"arn:aws:iam::{ACCOUNT}:role/{role_name}"
    sqs = enforced.acting("sqs", role)
    assert "QueueUrls" not in sqs.list_queues()
    with pytest.raises(
        ClientError, match="because no permissions boundary allows the sqs:createqueue action"
    ):
        sqs.create_queue(QueueName="q")
    admin.update_stack(**request(stack, {"Role": bounded(role_name, None)}))
    status, failed = ended(admin, stack)
    assert status == "UPDATE_ROLLBACK_COMPLETE", failed
    assert "iam:DeleteRolePermissionsBoundary" in failed["Role"]
    with pytest.raises(ClientError, match="no permissions boundary"):
        sqs.create_queue(QueueName="q")


def test_a_role_without_the_boundary_gets_no_policy(enforced: Enforced) -> None:
    """For a role that exists, iam:PermissionsBoundary is the boundary that it has."""
    plain = enforced.role()
    writer = enforced.role(
        allow(
            "iam:PutRolePolicy", StringEquals={"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/x"}
        )
    )
    with pytest.raises(ClientError, match="not authorized to perform: iam:PutRolePolicy"):
        enforced.acting("iam", writer).put_role_policy(
            RoleName=plain.rpartition("/")[2], PolicyName="more", PolicyDocument=policy(allow("*"))
        )


def test_keys_are_known_by_tags_and_aliases(enforced: Enforced) -> None:
    """aws:ResourceTag and kms:ResourceAliases are facts of the key."""
    kms = enforced.client("kms")
    key = kms.create_key(Tags=[{"TagKey": "Project", "TagValue": "x"}])["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/stacks-known", TargetKeyId=key)
    condition = {
        "StringEquals": {"aws:ResourceTag/Project": "x"},
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/stacks-known"},
    }
    acting = enforced.acting("kms", enforced.role(allow("kms:DescribeKey", **condition)))
    assert acting.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(ClientError, match="kms:DescribeKey"):
        acting.describe_key(KeyId=other)
