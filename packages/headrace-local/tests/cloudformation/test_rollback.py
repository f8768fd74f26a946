"""What remains of a deployment that fails."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from stack_requests import resource


def test_a_failed_creation_leaves_nothing(cloud: Any) -> None:
    """What was made is taken away, in the reverse order; the events say why, resource by resource."""
    first, second = cloud.name("first"), cloud.name("second")
    resources = {
        "Second": cloud.parameter(second, {"Ref": "First"}),
        "First": cloud.parameter(first, "1"),
        "Broken": cloud.broken("Second"),
    }
    stack = cloud.create(resources, ends="ROLLBACK_COMPLETE")
    assert "Outputs" not in stack
    assert (cloud.stored(first), cloud.stored(second)) == (None, None)
    events = cloud.cloudformation.describe_stack_events(StackName=cloud.name("stack"))["StackEvents"]
    deleted = [each["LogicalResourceId"] for each in events if each["ResourceStatus"] == "DELETE_COMPLETE"]
    assert deleted == ["First", "Second"]  # the newest event first
    rolled_back = next(each for each in events if each["ResourceStatus"] == "ROLLBACK_IN_PROGRESS")
    assert "failed to create: [Broken]" in rolled_back["ResourceStatusReason"]
    with pytest.raises(ClientError, match="ROLLBACK_COMPLETE state and can not be updated"):
        cloud.update(resources)
    cloud.delete()
    cloud.create({"First": cloud.parameter(first, "1")})
    with pytest.raises(ClientError, match="regular expression pattern"):
        cloud.create({"First": cloud.parameter(first, "1")}, stack="no_name")


def test_a_resource_that_fails_half_way_is_taken_away_too(cloud: Any) -> None:
    """A role that exists but could not get its policy does not stay behind."""
    name = cloud.name("role")
    properties = {
        **cloud.role["Properties"],
        "RoleName": name,
        "ManagedPolicyArns": ["arn:aws:iam::000000000000:policy/no-such-policy"],
    }
    cloud.create({"Role": {**cloud.role, "Properties": properties}}, ends="ROLLBACK_COMPLETE")
    assert "no-such-policy" in cloud.reasons()["Role"]
    iam = cloud.client("iam")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=name)


def test_a_failed_creation_ends_as_the_caller_wants(cloud: Any) -> None:
    """OnFailure DO_NOTHING leaves what was made, DELETE leaves no stack either."""
    name = cloud.name("made")
    resources = {"Made": cloud.parameter(name, "1"), "Broken": cloud.broken("Made")}
    cloud.create(resources, ends="CREATE_FAILED", OnFailure="DO_NOTHING")
    assert cloud.stored(name) == "1"
    cloud.delete()
    with pytest.raises(ClientError, match="does not exist"):
        cloud.create(resources, stack="deleted", OnFailure="DELETE")
    assert cloud.stored(name) is None


def test_a_failed_update_brings_the_former_state_back(cloud: Any) -> None:
    """Changed, replaced, added and removed resources are all as before, and so are template and outputs."""
    changed, replaced, added, removed = (
        cloud.name(each) for each in ("changed", "replaced", "added", "removed")
    )
    outputs = {"Replaced": {"Value": {"Ref": "Replaced"}}}
    before = {
        "Changed": cloud.parameter(changed, "1"),
        "Replaced": cloud.parameter(replaced, "1"),
        "Removed": cloud.parameter(removed, "1"),
    }
    after = {
        "Changed": cloud.parameter(changed, "2"),
        "Replaced": cloud.parameter(f"{replaced}-anew", "1"),
        "Added": cloud.parameter(added, "1"),
        "Broken": cloud.broken("Changed", "Replaced", "Added"),
    }
    cloud.create(before, Outputs=outputs)
    cloud.update(after, Outputs=outputs, ends="UPDATE_ROLLBACK_COMPLETE")
    assert list(cloud.reasons()) == ["Broken"]
    assert [cloud.stored(name) for name in (changed, replaced, removed)] == ["1", "1", "1"]
    assert [cloud.stored(name) for name in (f"{replaced}-anew", added)] == [None, None]
    assert cloud.outputs() == {"Replaced": replaced}
    template = cloud.cloudformation.get_template(StackName=cloud.name("stack"))["TemplateBody"]
    assert template == json.loads(cloud.template(before, Outputs=outputs))
    cloud.update({**before, "Changed": cloud.parameter(changed, "3")}, Outputs=outputs)
    assert cloud.stored(changed) == "3"


def test_a_named_resource_cannot_be_replaced_under_its_name(cloud: Any) -> None:
    """AWS's own message says to rename it; nothing changes."""
    name = cloud.name("group")

    def group(description: str) -> dict[str, Any]:
        properties = {"ModelPackageGroupName": name, "ModelPackageGroupDescription": description}
        return {"Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": properties}}

    cloud.create(group("one"))
    cloud.update(group("two"), ends="UPDATE_ROLLBACK_COMPLETE")
    assert f"Rename {name}" in cloud.reasons()["Group"]


def test_a_change_that_aws_refuses_is_rolled_back(cloud: Any) -> None:
    """A key's specification is fixed; the stack is as before, and can be updated again."""

    def resources(specification: str, description: str) -> dict[str, Any]:
        properties = {"KeySpec": specification, "KeyUsage": "SIGN_VERIFY", "Description": description}
        return {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}

    cloud.create(resources("RSA_2048", "one"))
    cloud.update(resources("ECC_NIST_P256", "two"), ends="UPDATE_ROLLBACK_COMPLETE")
    assert "KeySpec cannot be changed" in cloud.reasons()["Key"]
    cloud.update(resources("RSA_2048", "three"))
    key = cloud.client("kms").describe_key(KeyId=cloud.physical_id("Key"))["KeyMetadata"]
    assert (key["KeySpec"], key["Description"]) == ("RSA_2048", "three")


def test_an_update_that_fails_half_way_is_put_back(cloud: Any) -> None:
    """Of a role that got its new description but not its new policy, both are as before."""

    def resources(description: str, attached: list[str]) -> dict[str, Any]:
        properties = {**cloud.role["Properties"], "Description": description, "ManagedPolicyArns": attached}
        return {"Role": {**cloud.role, "Properties": properties}}

    cloud.create(resources("one", []))
    missing = "arn:aws:iam::000000000000:policy/no-such-policy"
    cloud.update(resources("two", [missing]), ends="UPDATE_ROLLBACK_COMPLETE")
    role = cloud.client("iam").get_role(RoleName=cloud.physical_id("Role"))["Role"]
    assert role["Description"] == "one"


def test_retain_except_on_create_goes_with_a_failed_creation(cloud: Any) -> None:
    """Plain Retain stays even then, as on AWS."""
    plain, except_on_create = cloud.name("plain"), cloud.name("except")
    resources = {
        "Plain": cloud.parameter(plain, "1", DeletionPolicy="Retain"),
        "Except": cloud.parameter(except_on_create, "1", DeletionPolicy="RetainExceptOnCreate"),
        "Broken": cloud.broken("Plain", "Except"),
    }
    cloud.create(resources, ends="ROLLBACK_COMPLETE")
    assert (cloud.stored(plain), cloud.stored(except_on_create)) == ("1", None)


def test_a_rollback_that_cannot_be_finished_says_so(cloud: Any) -> None:
    """What can be undone is undone; the resource that cannot be keeps the reason; deleting goes on from there."""
    name = cloud.name("table")
    table = resource(
        "AWS::DynamoDB::Table",
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        DeletionProtectionEnabled=True,
    )
    resources = {
        "First": cloud.parameter(cloud.name("first"), "1"),
        "Table": {**table, "DependsOn": "First"},
        "Broken": cloud.broken("Table"),
    }
    stack = cloud.create(resources, ends="ROLLBACK_FAILED")
    assert "failed to roll back: [Table]" in stack["StackStatusReason"]
    assert "DeletionProtectionEnabled" in cloud.reasons()["Table"]
    assert cloud.stored(cloud.name("first")) is None
    dynamodb = cloud.client("dynamodb")
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    cloud.delete()
    assert name not in dynamodb.list_tables()["TableNames"]
