"""Drift: what was changed by hand is found, property by property; what was not is in sync."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from headrace_local.cloudformation.state import Stack
from headrace_local.grammars.template import parsed

TEMPLATE = (Path(__file__).parent / "every_checked_type.yaml").read_text(encoding="utf-8")
RESOURCES = parsed(TEMPLATE).resources
WIDER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def drifting(cloud: Any) -> Any:
    """A stack of one resource of each type that is checked, and of one that is not."""
    cloud.create(TEMPLATE)
    return cloud


def detected(cloud: Any) -> dict[str, Any]:
    """Look for drift, and return the status of the look."""
    client = cloud.cloudformation
    found = client.detect_stack_drift(StackName=cloud.name("stack"))["StackDriftDetectionId"]
    return dict(client.describe_stack_drift_detection_status(StackDriftDetectionId=found))


def drifts(cloud: Any, *statuses: str) -> dict[str, Any]:
    """Return the drift of each resource, by its logical id."""
    more = {"StackResourceDriftStatusFilters": list(statuses)} if statuses else {}
    answer = cloud.cloudformation.describe_stack_resource_drifts(StackName=cloud.name("stack"), **more)
    return {each["LogicalResourceId"]: each for each in answer["StackResourceDrifts"]}


def test_a_stack_that_nobody_touched_is_in_sync(drifting: Any) -> None:
    """Every type that is checked; a type that is not checked is not among them, and says so where it is listed."""
    assert drifting.stack()["DriftInformation"] == {"StackDriftStatus": "NOT_CHECKED"}
    status = detected(drifting)
    assert (status["DetectionStatus"], status["StackDriftStatus"]) == (
        "DETECTION_COMPLETE",
        "IN_SYNC",
    ), drifts(drifting, "MODIFIED")
    assert {
        name: each["StackResourceDriftStatus"] for name, each in drifts(drifting).items()
    } == dict.fromkeys(sorted(set(RESOURCES) - {"Topic"}), "IN_SYNC")
    listed = drifting.cloudformation.list_stack_resources(StackName=drifting.name("stack"))
    states = {
        each["LogicalResourceId"]: each["DriftInformation"]["StackResourceDriftStatus"]
        for each in listed["StackResourceSummaries"]
    }
    assert (states["Topic"], states["Bucket"]) == ("NOT_CHECKED", "IN_SYNC")
    assert drifting.stack()["DriftInformation"]["StackDriftStatus"] == "IN_SYNC"


def test_what_was_changed_by_hand_is_reported(drifting: Any) -> None:
    """Each by its path, with what the template says and what is there."""
    ids = {name: drifting.physical_id(name) for name in RESOURCES}
    _change_all(drifting, ids)
    status = detected(drifting)
    found = drifts(drifting, "MODIFIED", "DELETED")
    told = {
        (name, each["PropertyPath"], each["ExpectedValue"], each["ActualValue"], each["DifferenceType"])
        for name, drift in found.items()
        for each in drift["PropertyDifferences"]
        if name not in {"Machine", "BucketPolicy", "Key", "TopicPolicy"}
    }
    role = found["Role"]["PropertyDifferences"]
    assert told == {
        ("Role", "/Policies/0/PolicyDocument/Statement/0/Action", "sqs:ListQueues", "*", "NOT_EQUAL"),
        ("Role", "/Policies/1", "null", role[-1]["ActualValue"], "ADD"),
        ("Managed", "/PolicyDocument/Statement/0/Action", "sqs:ListQueues", "*", "NOT_EQUAL"),
        ("Bucket", "/VersioningConfiguration/Status", "Enabled", "Suspended", "NOT_EQUAL"),
        (
            "Bucket",
            "/PublicAccessBlockConfiguration",
            '{"BlockPublicAcls": true, "BlockPublicPolicy": true}',
            "null",
            "REMOVE",
        ),
        ("Rule", "/State", "ENABLED", "DISABLED", "NOT_EQUAL"),
        ("Rule", "/Targets/0", f'{{"Id": "t", "Arn": "{ids["Topic"]}"}}', "null", "REMOVE"),
        ("Schedule", "/State", "DISABLED", "ENABLED", "NOT_EQUAL"),
        ("Alarm", "/Threshold", "1", "9.0", "NOT_EQUAL"),
    }
    assert found["Machine"]["PropertyDifferences"][0]["PropertyPath"] == "/DefinitionString"
    assert found["Key"]["PropertyDifferences"][0]["PropertyPath"] == "/EnableKeyRotation"
    assert {name: each["StackResourceDriftStatus"] for name, each in found.items()} == {
        **dict.fromkeys(set(RESOURCES) - {"Topic"}, "MODIFIED"),
        "Log": "DELETED",
        "BucketPolicy": "DELETED",
    }
    assert (status["StackDriftStatus"], status["DriftedStackResourceCount"]) == ("DRIFTED", len(found))


def _change_all(cloud: Any, ids: dict[str, str]) -> None:
    """Do by hand what people do by hand."""
    iam, s3, events = cloud.client("iam"), cloud.client("s3"), cloud.client("events")
    for name in ("own", "added"):
        iam.put_role_policy(RoleName=ids["Role"], PolicyName=name, PolicyDocument=json.dumps(WIDER))
    iam.create_policy_version(PolicyArn=ids["Managed"], PolicyDocument=json.dumps(WIDER), SetAsDefault=True)
    s3.put_bucket_versioning(Bucket=ids["Bucket"], VersioningConfiguration={"Status": "Suspended"})
    s3.delete_public_access_block(Bucket=ids["Bucket"])
    s3.delete_bucket_policy(Bucket=ids["Bucket"])
    definition = json.dumps({"StartAt": "B", "States": {"B": {"Type": "Succeed"}}})
    cloud.client("stepfunctions").update_state_machine(stateMachineArn=ids["Machine"], definition=definition)
    events.disable_rule(Name=ids["Rule"])
    events.remove_targets(Rule=ids["Rule"], Ids=["t"])
    scheduler = cloud.client("scheduler")
    schedule = scheduler.get_schedule(Name=ids["Schedule"])
    given = ("ScheduleExpression", "FlexibleTimeWindow", "Target")
    scheduler.update_schedule(Name=ids["Schedule"], State="ENABLED", **{key: schedule[key] for key in given})
    cloudwatch = cloud.client("cloudwatch")
    alarm = cloudwatch.describe_alarms(AlarmNames=[ids["Alarm"]])["MetricAlarms"][0]
    kept = (
        "AlarmName",
        "MetricName",
        "Namespace",
        "ComparisonOperator",
        "EvaluationPeriods",
        "Period",
        "Statistic",
    )
    cloudwatch.put_metric_alarm(Threshold=9, **{key: alarm[key] for key in kept})
    cloud.client("logs").delete_log_group(logGroupName=ids["Log"])
    cloud.client("sns").set_topic_attributes(
        TopicArn=ids["Topic"],
        AttributeName="Policy",
        AttributeValue=json.dumps(WIDER | {"Statement": [WIDER["Statement"][0] | {"Principal": "*"}]}),  # type: ignore[dict-item]
    )
    cloud.client("kms").disable_key_rotation(KeyId=ids["Key"])


def test_a_stack_that_was_saved_before_there_was_drift_is_read() -> None:
    """A project's local AWS keeps its stacks when the template is updated."""
    stack = Stack("id", "name", "000000000000", "eu-central-1")
    del stack.drifts
    assert pickle.loads(pickle.dumps(stack)).drifts == {}  # noqa: S301 - of our own making, a line ago


def test_one_resource_can_be_looked_at(cloud: Any) -> None:
    """DetectStackResourceDrift answers at once, with both sides as JSON."""
    cloud.create({"Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}}})
    cloud.client("logs").delete_retention_policy(logGroupName=cloud.physical_id("Log"))
    answer = cloud.cloudformation.detect_stack_resource_drift(
        StackName=cloud.name("stack"), LogicalResourceId="Log"
    )["StackResourceDrift"]
    assert answer["StackResourceDriftStatus"] == "MODIFIED"
    assert json.loads(answer["ExpectedProperties"]) == {"RetentionInDays": 7}
    assert json.loads(answer["ActualProperties"]) == {}
    assert answer["PropertyDifferences"] == [
        {
            "PropertyPath": "/RetentionInDays",
            "ExpectedValue": "7",
            "ActualValue": "null",
            "DifferenceType": "REMOVE",
        }
    ]
