"""What a template says, and what is wrong with it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from stack_requests import resource

HANDLE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
STRING = {"Type": "String"}


def test_every_function_comes_to_what_aws_documents(cloud: Any) -> None:
    """Functions, short forms, pseudo parameters, conditions and mappings, all through outputs."""
    template = """
Parameters:
  Name: {Type: String, Default: world}
  Items: {Type: CommaDelimitedList, Default: "a, b,c"}
Mappings:
  Sizes: {us-east-1: {small: 1, large: 2}}
Conditions:
  IsWorld: !Equals [!Ref Name, world]
  IsOther: !Not [!Condition IsWorld]
  Both: !And [!Condition IsWorld, !Or [!Condition IsOther, !Equals [1, "1"]]]
Resources:
  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}
  Absent: {Type: AWS::CloudFormation::WaitConditionHandle, Condition: IsOther}
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !If [IsOther, !Ref Absent, !Ref AWS::NoValue]
      DisplayName: !If [Both, both, !Ref AWS::NoValue]
Outputs:
  Sub: {Value: !Sub "hello ${Name} ${!Literal} ${AWS::Region}"}
  SubMap: {Value: !Sub ["${A}-${Name}", {A: !Select [1, !Ref Items]}]}
  SubAttribute: {Value: !Sub "${Topic.TopicName}"}
  Join: {Value: !Join ["/", [!Ref AWS::AccountId, !Ref AWS::Partition, !Ref AWS::URLSuffix]]}
  Split: {Value: !Select [5, !Split [":", !Ref Topic]]}
  Map: {Value: !FindInMap [Sizes, !Ref AWS::Region, large]}
  Zones: {Value: !Join [",", !GetAZs ""]}
  Cidr: {Value: !Join [",", !Cidr [10.20.0.0/20, 2, 10]]}
  Base64: {Value: {"Fn::Base64": abc}}
  If: {Value: !If [IsOther, other, !Ref Name]}
  Absent: {Value: !Ref Absent, Condition: IsOther}
"""
    cloud.create(template)
    outputs = cloud.outputs()
    name = outputs.pop("Split")
    assert outputs.pop("SubAttribute") == name
    assert outputs == {
        "Sub": "hello world ${Literal} us-east-1",
        "SubMap": "b-world",
        "Join": "000000000000/aws/amazonaws.com",
        "Map": "2",
        "Zones": "us-east-1a,us-east-1b,us-east-1c",
        "Cidr": "10.20.0.0/22,10.20.4.0/22",
        "Base64": "YWJj",
        "If": "world",
    }
    topic = cloud.client("sns").get_topic_attributes(TopicArn=cloud.physical_id("Topic"))
    assert topic["Attributes"]["DisplayName"] == "both"


def test_dates_in_yaml_stay_text(cloud: Any) -> None:
    """An unquoted policy version is the text that AWS reads, not a date."""
    template = """
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "s3:Get*", Resource: "*"}]}
"""
    cloud.create(template)
    iam, arn = cloud.client("iam"), cloud.physical_id("Policy")
    document = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
    assert document["Version"] == "2012-10-17"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({"Resources": {}}, "At least one Resources member"),
        ({"Resources": {"A": HANDLE}, "Transform": "AWS::Serverless-2016-10-31"}, "Transform"),
        ({"Resources": {"A": {"Type": "AWS::No::Such"}}}, r"Unrecognized resource types: \[AWS::No::Such\]"),
        ({"Resources": {"A": {"Type": "AWS::RDS::DBInstance"}}}, "local AWS cannot create it yet"),
        ({"Resources": {"A": {**HANDLE, "DependsOn": "B"}}}, r"Unresolved resource dependencies \[B\]"),
        ({"Resources": {"A": {**HANDLE, "Condition": "C"}}}, "condition"),
        (
            {"Resources": {"A": HANDLE}, "Outputs": {"O": {"Value": "", "Condition": "C"}}},
            "condition dependency C",
        ),
        ({"Resources": {"A": {**HANDLE, "UpdatePolicy": {}}}}, "UpdatePolicy"),
        (
            {"Resources": {"A": HANDLE}, "Outputs": {"O": {"Value": {"Ref": "B"}}}},
            r"\[B\] in the Outputs block",
        ),
        ({"Resources": {"A": {**HANDLE, "DependsOn": "B"}, "B": {**HANDLE, "DependsOn": "A"}}}, "Circular"),
        ({"Resources": {"A": HANDLE}, "Parameters": {"P": STRING}}, r"\[P\] must have values"),
        (
            {"Resources": {"A": HANDLE, "B": {**HANDLE, "Properties": {"X": {"Fn::If": ["C"]}}}}},
            "Fn::If requires",
        ),
        (
            {"Resources": {"A": HANDLE}, "Conditions": {"C": {"Fn::Equals": ["one"]}}},
            "Fn::Equals cannot be applied",
        ),
    ],
)
def test_a_template_that_is_none_is_refused(cloud: Any, template: Any, message: str) -> None:
    """The error names what is wrong, and no stack is left."""
    with pytest.raises(ClientError, match=f"ValidationError.*{message}"):
        cloud.create(json.dumps(template))
    with pytest.raises(ClientError, match="does not exist"):
        cloud.stack()


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        (
            resource("AWS::SNS::Topic", Nome="x"),
            r"#: extraneous key [Nome] is not permitted",
        ),
        (resource("AWS::S3::Bucket", VersioningConfiguration={"State": "x"}), "[State]"),
        (
            resource("AWS::S3::Bucket", AccelerateConfiguration={"AccelerationStatus": "Enabled"}),
            "cannot set [AccelerateConfiguration]",
        ),
        (
            resource("AWS::Logs::LogGroup", RetentionInDays=8),
            "#/RetentionInDays: 8 is not",
        ),
        (resource("AWS::SQS::Queue", DelaySeconds="soon"), "expected type: integer"),
        (resource("AWS::KMS::Alias", AliasName="alias/a"), "required key [TargetKeyId]"),
        (resource("AWS::KMS::Key", KeyId="a"), "KeyId cannot be set"),
    ],
)
def test_a_property_that_cannot_be_set_fails_by_name(cloud: Any, resource: Any, message: str) -> None:
    """Unknown, unsupported, mistyped and missing properties fail the change set, and the stack's creation."""
    change_set = cloud.change_set({"Bad": resource}, kind="CREATE")
    assert change_set["Status"] == "FAILED"
    assert message in change_set["StatusReason"]
    cloud.create({"Bad": resource}, stack="at-once", ends="ROLLBACK_COMPLETE")
    assert message in cloud.reasons("at-once")["Bad"]


@pytest.mark.parametrize(
    ("declaration", "text", "message"),
    [
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "A", "must match pattern"),
        ({"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]+"}, "a, B", "must match pattern"),
        ({"Type": "String", "AllowedValues": ["a", "b"]}, "c", r"must be one of AllowedValues \[a, b\]"),
        ({"Type": "String", "MinLength": 2}, "c", "at least 2"),
        ({"Type": "String", "MaxLength": 2, "ConstraintDescription": "be short"}, "ccc", "be short"),
        ({"Type": "Number"}, "c", "must be a number"),
        ({"Type": "Number", "MaxValue": 3}, "4", "not greater than 3"),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, "/no/such", r"\[/no/such\] from parameter store"),
    ],
)
def test_a_parameter_outside_its_constraints_is_refused(
    cloud: Any, declaration: Any, text: str, message: str
) -> None:
    """The error names the parameter and the constraint."""
    with pytest.raises(ClientError, match=message):
        cloud.create({"A": HANDLE}, Parameters={"P": declaration}, texts={"P": text})


def test_parameters_come_from_the_request_the_default_the_store_and_the_update_before(cloud: Any) -> None:
    """Default, UsePreviousValue and SSM parameters give their values; a NoEcho value is not shown."""
    store = f"/{cloud.name('stored')}"
    cloud.client("ssm").put_parameter(Name=store, Value="from the store", Type="String")
    declarations = {
        "Given": STRING,
        "Defaulted": {"Type": "String", "Default": "default"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": store},
        "Secret": {"Type": "String", "NoEcho": True, "Default": "hidden"},
    }
    outputs = {name: {"Value": {"Ref": name}} for name in declarations}
    sections = {"Parameters": declarations, "Outputs": outputs}
    cloud.create({"A": HANDLE}, texts={"Given": "given"}, **sections)
    assert cloud.outputs() == {
        "Given": "given",
        "Defaulted": "default",
        "Stored": "from the store",
        "Secret": "hidden",
    }
    shown = {each["ParameterKey"]: each for each in cloud.stack()["Parameters"]}
    assert shown["Secret"]["ParameterValue"] == "****"
    assert shown["Stored"]["ResolvedValue"] == "from the store"
    cloud.cloudformation.update_stack(
        StackName=cloud.name("stack"),
        UsePreviousTemplate=True,
        Parameters=[
            {"ParameterKey": "Given", "UsePreviousValue": True},
            {"ParameterKey": "Defaulted", "ParameterValue": "new"},
        ],
    )
    assert (cloud.outputs()["Given"], cloud.outputs()["Defaulted"]) == ("given", "new")


def test_a_template_is_read_from_a_bucket(cloud: Any, local_aws: Any) -> None:
    """TemplateURL works as this server's address and as AWS's, in both of its styles."""
    bucket = cloud.name("templates")
    cloud.client("s3").create_bucket(Bucket=bucket)
    cloud.client("s3").put_object(Bucket=bucket, Key="a/t.json", Body=cloud.template({"A": HANDLE}))
    for address in (
        f"{local_aws.endpoint}/{bucket}/a/t.json",
        f"https://s3.us-east-1.amazonaws.com/{bucket}/a/t.json",
        f"https://{bucket}.s3.us-east-1.amazonaws.com/a/t.json",
    ):
        summary = cloud.cloudformation.get_template_summary(TemplateURL=address)
        assert summary["ResourceTypes"] == [HANDLE["Type"]]
    with pytest.raises(ClientError, match="S3 error"):
        cloud.cloudformation.validate_template(TemplateURL=f"{local_aws.endpoint}/{bucket}/no.json")


def test_a_large_template_goes_through_a_bucket(cloud: Any, local_aws: Any) -> None:
    """A request holds 51,200 bytes of it, a bucket 1 MB."""
    bucket, text = cloud.name("templates"), cloud.template({"A": HANDLE})
    address = f"{local_aws.endpoint}/{bucket}/t.json"
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=bucket)
    with pytest.raises(ClientError, match="less than or equal to 51200"):
        cloud.cloudformation.validate_template(TemplateBody=text.ljust(51_201))
    s3.put_object(Bucket=bucket, Key="t.json", Body=text.ljust(51_201))
    cloud.cloudformation.validate_template(TemplateURL=address)
    s3.put_object(Bucket=bucket, Key="t.json", Body=text.ljust(1_000_001))
    with pytest.raises(ClientError, match="less than or equal to 1000000"):
        cloud.cloudformation.validate_template(TemplateURL=address)
