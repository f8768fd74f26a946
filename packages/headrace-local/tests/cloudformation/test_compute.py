"""Roles, policies, model package groups and state machines that stacks make."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from stack_requests import resource


def _policy(action: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}],
    }


def _machine(**properties: Any) -> dict[str, Any]:
    return resource("AWS::StepFunctions::StateMachine", RoleArn={"Fn::GetAtt": ["Role", "Arn"]}, **properties)


def _definition(result: Any) -> dict[str, Any]:
    return {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": result, "End": True}}}


def _output(cloud: Any, machine: str) -> Any:
    """Run a state machine; return what came out."""
    states = cloud.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    for _ in range(100):
        found = states.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            break
        time.sleep(0.02)
    assert found["status"] == "SUCCEEDED", found
    return json.loads(found["output"])


def test_roles_and_policies_change_in_place(cloud: Any) -> None:
    """Inline, attached and managed policies follow the template; the role keeps its identity."""

    def resources(action: str, attached: list[Any], **role: Any) -> dict[str, Any]:
        properties = {**cloud.role["Properties"], "ManagedPolicyArns": attached, **role}
        return {
            "Role": {"Type": "AWS::IAM::Role", "Properties": properties},
            "Inline": resource(
                "AWS::IAM::Policy",
                PolicyName="beside",
                Roles=[{"Ref": "Role"}],
                PolicyDocument=_policy(action),
            ),
            "Managed": resource("AWS::IAM::ManagedPolicy", PolicyDocument=_policy(action)),
        }

    outputs = {
        "Arn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}},
        "Id": {"Value": {"Fn::GetAtt": ["Role", "RoleId"]}},
    }
    inline = {"PolicyName": "inside", "PolicyDocument": _policy("s3:GetObject")}
    beside = {"PolicyDocument": _policy("s3:ListBucket"), "Roles": [{"Ref": "Role"}]}
    before = resources("s3:GetObject", [{"Ref": "Managed"}], Policies=[inline])
    before["Attached"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": beside}
    cloud.create(before, Outputs=outputs)
    role, made, iam = cloud.physical_id("Role"), cloud.outputs(), cloud.client("iam")
    assert iam.get_role(RoleName=role)["Role"]["Arn"] == made["Arn"]
    assert sorted(iam.list_role_policies(RoleName=role)["PolicyNames"]) == ["beside", "inside"]
    assert len(iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]) == 2
    cloud.update(resources("s3:PutObject", [], MaxSessionDuration=7200), Outputs=outputs)
    assert cloud.outputs() == made
    assert iam.get_role(RoleName=role)["Role"]["MaxSessionDuration"] == 7200
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["beside"]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    beside = iam.get_role_policy(RoleName=role, PolicyName="beside")["PolicyDocument"]
    assert beside["Statement"][0]["Action"] == "s3:PutObject"
    managed = cloud.physical_id("Managed")
    version = iam.get_policy(PolicyArn=managed)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=managed, VersionId=version)["PolicyVersion"]["Document"]
    assert document["Statement"][0]["Action"] == "s3:PutObject"
    cloud.delete()
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=role)


def test_iam_resources_need_the_capability(cloud: Any) -> None:
    """A named role needs CAPABILITY_NAMED_IAM, an unnamed one CAPABILITY_IAM; the error says which."""
    named = {
        "Role": {**cloud.role, "Properties": {**cloud.role["Properties"], "RoleName": cloud.name("role")}}
    }
    for resources, given, needed in (
        (named, ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
        ({"Role": cloud.role}, [], "CAPABILITY_IAM"),
    ):
        with pytest.raises(ClientError, match=rf"InsufficientCapabilities.*\[{needed}\]"):
            cloud.create(resources, Capabilities=given)
    cloud.create({"Role": cloud.role}, Capabilities=["CAPABILITY_IAM"])


def test_a_model_package_group_is_made_tagged_and_deleted(cloud: Any) -> None:
    """Ref and GetAtt give its ARN; stock moto skips the type and says CREATE_COMPLETE."""
    name = cloud.name("group")

    def resources(tag: str) -> dict[str, Any]:
        properties = {
            "ModelPackageGroupName": name,
            "ModelPackageGroupDescription": "models",
            "Tags": [{"Key": tag, "Value": "1"}],
        }
        return {"Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": properties}}

    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Group", "ModelPackageGroupArn"]}}}
    cloud.create(resources("a"), Outputs=outputs)
    sagemaker = cloud.client("sagemaker")
    arn = sagemaker.describe_model_package_group(ModelPackageGroupName=name)["ModelPackageGroupArn"]
    assert cloud.outputs()["Arn"] == cloud.physical_id("Group") == arn
    cloud.update(resources("b"), Outputs=outputs)
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "1"}]
    sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    cloud.delete()  # what somebody deleted by hand is no fault
    with pytest.raises(ClientError, match="Stack with id"):
        cloud.stack()
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.describe_model_package_group(ModelPackageGroupName=name)


def test_a_state_machine_of_each_form_runs(cloud: Any) -> None:
    """DefinitionString, Definition and DefinitionS3Location run, with their substitutions; all three GetAtts."""
    bucket = cloud.name("bucket")
    cloud.create({"Bucket": resource("AWS::S3::Bucket", BucketName=bucket)}, stack="data")
    cloud.client("s3").put_object(Bucket=bucket, Key="a.json", Body=json.dumps(_definition("stored ${What}")))
    substitutions = {"DefinitionSubstitutions": {"What": {"Ref": "AWS::Region"}}}
    resources = {
        "Role": cloud.role,
        "Text": _machine(DefinitionString=json.dumps(_definition("text ${What}")), **substitutions),
        "Object": _machine(Definition=_definition("object ${What}"), **substitutions),
        "Stored": _machine(DefinitionS3Location={"Bucket": bucket, "Key": "a.json"}, **substitutions),
    }
    outputs = {
        attribute: {"Value": {"Fn::GetAtt": ["Text", attribute]}}
        for attribute in ("Arn", "Name", "StateMachineRevisionId")
    }
    cloud.create(resources, Outputs=outputs)
    assert cloud.outputs()["Arn"] == cloud.physical_id("Text")
    assert cloud.outputs()["Arn"].endswith(cloud.outputs()["Name"])
    for logical_id, word in (("Text", "text"), ("Object", "object"), ("Stored", "stored")):
        assert _output(cloud, cloud.physical_id(logical_id)) == f"{word} us-east-1"
    cloud.client("s3").delete_object(Bucket=bucket, Key="a.json")


def test_a_state_machine_changes_in_place(cloud: Any) -> None:
    """The same machine has the new definition, logging and tags, and its former executions."""
    name = cloud.name("machine")

    def resources(result: str, **properties: Any) -> dict[str, Any]:
        machine = _machine(
            StateMachineName=name, DefinitionString=json.dumps(_definition(result)), **properties
        )
        return {"Role": cloud.role, "Log": {"Type": "AWS::Logs::LogGroup"}, "Machine": machine}

    logging = {
        "Level": "ALL",
        "IncludeExecutionData": True,
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Log", "Arn"]}}}],
    }
    cloud.create(resources("one", TracingConfiguration={"Enabled": True}, Tags=[{"Key": "a", "Value": "1"}]))
    arn, states = cloud.physical_id("Machine"), cloud.client("stepfunctions")
    assert _output(cloud, arn) == "one"
    assert states.describe_state_machine(stateMachineArn=arn)["tracingConfiguration"]["enabled"]
    cloud.update(resources("two", LoggingConfiguration=logging, Tags=[{"Key": "b", "Value": "2"}]))
    assert cloud.physical_id("Machine") == arn
    assert _output(cloud, arn) == "two"
    described = states.describe_state_machine(stateMachineArn=arn)
    assert described["loggingConfiguration"]["level"] == "ALL"
    assert not described["tracingConfiguration"]["enabled"]
    assert states.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "b", "value": "2"}]
    assert len(states.list_executions(stateMachineArn=arn)["executions"]) == 2


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"DefinitionString": '{"StartAt": "A", "States": {"A": {"Type": "Nonsense"}}}'}, "Invalid"),
        (
            {"DefinitionS3Location": {"Bucket": "no-such-bucket", "Key": "k"}},
            "no-such-bucket/k cannot be read",
        ),
        ({}, "Exactly one of"),
    ],
)
def test_a_definition_that_is_none_fails_the_resource(cloud: Any, properties: Any, reason: str) -> None:
    """An invalid, missing or unreadable definition is the resource's reason, and the stack is rolled back."""
    cloud.create({"Role": cloud.role, "Machine": _machine(**properties)}, ends="ROLLBACK_COMPLETE")
    assert reason in cloud.reasons()["Machine"]
