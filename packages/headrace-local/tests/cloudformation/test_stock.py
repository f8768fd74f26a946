"""Stock moto still has the faults for which `headrace_local.cloudformation` is there: a row that fails is one less."""

# ruff: noqa: SLF001 - moto asks only there

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws, settings
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

ROLE = "arn:aws:iam::123456789012:role/nobody"
DENY_WITHOUT_TLS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "arn:aws:s3:::stock/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def client(service: str) -> Any:
    made: Any = boto3.client(service, region_name="us-east-1")  # type: ignore[call-overload]
    return made


def stack(kind: str, properties: dict[str, Any], **more: Any) -> Any:
    """Return the client, with a stack of one resource."""
    resource = {"Type": kind, "Properties": properties}
    api = client("cloudformation")
    api.create_stack(StackName="stock", TemplateBody=json.dumps({"Resources": {"It": resource}, **more}))
    return api


def an_unknown_type_is_skipped() -> bool:
    with pytest.warns(UserWarning, match="not supported by moto"):  # noqa: PT031 - each call warns
        api = stack("AWS::SNS::TopicPolicy", {"Topics": ["t"], "PolicyDocument": {}})
        (found,) = api.describe_stacks(StackName="stock")["Stacks"]
        made = api.list_stack_resources(StackName="stock")["StackResourceSummaries"]
    return found["StackStatus"] == "CREATE_COMPLETE" and not [
        each for each in made if each.get("PhysicalResourceId")
    ]


def a_property_is_ignored() -> bool:
    stack("AWS::S3::Bucket", {"BucketName": "stock", "VersioningConfiguration": {"Status": "Enabled"}})
    return "Status" not in client("s3").get_bucket_versioning(Bucket="stock")


def substitutions_are_not_made() -> bool:
    definition = json.dumps(
        {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "Comment": "${X}", "End": True}}}
    )
    properties = {"StateMachineName": "stock", "DefinitionString": definition, "RoleArn": ROLE}
    stack("AWS::StepFunctions::StateMachine", properties | {"DefinitionSubstitutions": {"X": "worked out"}})
    (machine,) = client("stepfunctions").list_state_machines()["stateMachines"]
    described = client("stepfunctions").describe_state_machine(stateMachineArn=machine["stateMachineArn"])
    return "${X}" in described["definition"]


def an_unknown_property_is_accepted() -> bool:
    api = stack("AWS::SQS::Queue", {"QueueName": "stock", "NoSuchProperty": "x"})
    return bool(api.describe_stacks(StackName="stock")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")


def an_attribute_is_not_known() -> bool:
    output = {"Arn": {"Value": {"Fn::GetAtt": ["It", "TopicArn"]}}}
    try:
        api = stack("AWS::SNS::Topic", {"TopicName": "stock"}, Outputs=output)
        return "Outputs" not in api.describe_stacks(StackName="stock")["Stacks"][0]
    except Exception:  # noqa: BLE001 - whatever it stumbles over
        return True


def a_condition_of_a_policy_is_not_read() -> bool:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [DENY_WITHOUT_TLS]}).encode()
    bucket: Any = SimpleNamespace(policy=policy)
    asked = FakeBucket.get_permission(bucket, "s3:PutObject", "arn:aws:s3:::stock/key")
    return bool(asked == PermissionResult.DENIED)


def a_policy_for_everyone_breaks_logging() -> bool:
    bucket: Any = SimpleNamespace(policy=json.dumps({"Statement": [DENY_WITHOUT_TLS]}).encode())
    with pytest.raises(AttributeError):
        FakeBucket._log_permissions_enabled_policy(bucket, None)
    return True


def any_page_may_read() -> bool:
    return not settings.DISABLE_GLOBAL_CORS


def the_account_is_fixed() -> bool:
    return bool(DEFAULT_ACCOUNT_ID == "123456789012")


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        (an_unknown_type_is_skipped, "cloudformation/parsing.py"),
        (a_property_is_ignored, "s3/models.py"),
        (substitutions_are_not_made, "stepfunctions/models.py:302"),
        (an_unknown_property_is_accepted, "cloudformation/parsing.py"),
        (an_attribute_is_not_known, "sns/models.py"),
        (a_condition_of_a_policy_is_not_read, "s3/models.py:1154"),
        (a_policy_for_everyone_breaks_logging, "s3/models.py:1361"),
        (any_page_may_read, "moto_server/werkzeug_app.py:407"),
        (the_account_is_fixed, "core/models.py:45"),
    ],
)
@mock_aws
def test_stock_moto_has_the_fault(fault: Callable[[], bool], place: str) -> None:
    """What was put in its place is needed: moto as it comes, in this process, does what the row says."""
    assert fault(), f"moto/{place} is mended: drop the correction"
