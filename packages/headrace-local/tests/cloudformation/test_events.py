"""Schedules, rules that fire, and dashboards that stacks make."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from stack_requests import resource

PASS = {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": True}}}


def _role(*services: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": "sts:AssumeRole",
    }
    start = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": "*"}
    return resource(
        "AWS::IAM::Role",
        AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [statement]},
        Policies=[
            {
                "PolicyName": "start",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [start]},
            }
        ],
    )


def _machine() -> dict[str, Any]:
    role = {"Fn::GetAtt": ["Role", "Arn"]}
    return resource("AWS::StepFunctions::StateMachine", Definition=PASS, RoleArn=role)


def _outputs(cloud: Any, machine: str) -> list[Any]:
    """Return the outputs of the executions of a machine, once there is one and all have ended."""
    states, deadline = cloud.client("stepfunctions"), time.monotonic() + 15
    while True:
        found = states.list_executions(stateMachineArn=machine)["executions"]
        if found and all(each["status"] != "RUNNING" for each in found):
            described = [states.describe_execution(executionArn=each["executionArn"]) for each in found]
            return [json.loads(each["output"]) for each in described]
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def test_a_schedule_of_a_stack_fires_and_changes_in_place(cloud: Any) -> None:
    """Ref is the name, GetAtt the ARN; it starts its machine when due; an update that drops a property resets it."""

    def resources(**properties: Any) -> dict[str, Any]:
        return {
            "Role": _role("states.amazonaws.com", "scheduler.amazonaws.com"),
            "Machine": _machine(),
            "Group": resource("AWS::Scheduler::ScheduleGroup", Name=cloud.name("group")),
            "Schedule": resource(
                "AWS::Scheduler::Schedule",
                Name=cloud.name("schedule"),
                GroupName={"Ref": "Group"},
                FlexibleTimeWindow={"Mode": "OFF"},
                Target={
                    "Arn": {"Ref": "Machine"},
                    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Input": '{"by": "<aws.scheduler.schedule-arn>"}',
                    "RetryPolicy": {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60},
                },
                **properties,
            ),
        }

    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Schedule", "Arn"]}}}
    name, group = cloud.name("schedule"), cloud.name("group")
    due = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 2))
    cloud.create(resources(ScheduleExpression=f"at({due})"), Outputs=outputs)
    assert cloud.physical_id("Schedule") == name
    arn = cloud.outputs()["Arn"]
    assert arn == f"arn:aws:scheduler:us-east-1:000000000000:schedule/{group}/{name}"
    assert _outputs(cloud, cloud.physical_id("Machine")) == [{"by": arn}]
    scheduler = cloud.client("scheduler")
    changed = resources(
        ScheduleExpression="cron(0 6 * * ? *)", ScheduleExpressionTimezone="Europe/Berlin", State="DISABLED"
    )
    cloud.update(changed, Outputs=outputs)
    found = scheduler.get_schedule(Name=name, GroupName=group)
    assert (found["State"], found["ScheduleExpressionTimezone"]) == ("DISABLED", "Europe/Berlin")
    cloud.update(resources(ScheduleExpression="rate(1 day)"), Outputs=outputs)
    found = scheduler.get_schedule(Name=name, GroupName=group)
    assert (found["State"], found["ScheduleExpressionTimezone"]) == ("ENABLED", "UTC")
    cloud.delete()
    with pytest.raises(ClientError, match="ResourceNotFound"):
        scheduler.get_schedule(Name=name, GroupName=group)


def test_a_schedule_that_aws_would_refuse_fails_its_stack(cloud: Any) -> None:
    """An expression that is none, and a role that Scheduler may not assume, are reasons that the event shows."""

    def resources(expression: str, service: str) -> dict[str, Any]:
        return {
            "Role": _role(service),
            "Schedule": resource(
                "AWS::Scheduler::Schedule",
                FlexibleTimeWindow={"Mode": "OFF"},
                ScheduleExpression=expression,
                Target={
                    "Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:m",
                    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                },
            ),
        }

    for number, (expression, service, reason) in enumerate(
        (
            ("cron(0 6 * * * *)", "scheduler.amazonaws.com", "Invalid Schedule Expression"),
            ("rate(1 days)", "scheduler.amazonaws.com", "Invalid Schedule Expression"),
            ("rate(1 day)", "states.amazonaws.com", "must allow AWS EventBridge Scheduler to assume"),
        )
    ):
        stack = f"stack-{number}"
        cloud.create(resources(expression, service), stack=stack, ends="ROLLBACK_COMPLETE")
        assert reason in cloud.reasons(stack)["Schedule"]


def test_new_data_in_a_bucket_starts_a_machine(cloud: Any) -> None:
    """A bucket with EventBridge on, a rule for one key, a machine: the put of that object starts it, and no other."""
    bucket = cloud.name("bucket")
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"suffix": "/manifest.json"}]}},
    }
    target = {
        "Id": "machine",
        "Arn": {"Ref": "Machine"},
        "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        "InputTransformer": {
            "InputPathsMap": {"key": "$.detail.object.key"},
            "InputTemplate": '{"manifest": <key>}',
        },
    }
    resources = {
        "Role": _role("states.amazonaws.com", "events.amazonaws.com"),
        "Machine": _machine(),
        "Rule": resource("AWS::Events::Rule", EventPattern=pattern, Targets=[target]),
        "Bucket": resource(
            "AWS::S3::Bucket",
            BucketName=bucket,
            NotificationConfiguration={"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
        ),
    }
    cloud.create(resources)
    s3 = cloud.client("s3")
    for key in ("raw/part-0.parquet", "raw/manifest.json"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    assert _outputs(cloud, cloud.physical_id("Machine")) == [{"manifest": "raw/manifest.json"}]
    for key in ("raw/part-0.parquet", "raw/manifest.json"):
        s3.delete_object(Bucket=bucket, Key=key)


def test_a_dashboard_changes_in_place(cloud: Any) -> None:
    """Its body reaches CloudWatch; one that is no JSON object fails the stack, which keeps the former one."""
    name = cloud.name("dashboard")

    def resources(body: str) -> dict[str, Any]:
        properties = {"DashboardName": name, "DashboardBody": body}
        return {"Dashboard": {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties}}

    cloudwatch = cloud.client("cloudwatch")
    cloud.create(resources('{"widgets": []}'))
    assert cloud.physical_id("Dashboard") == name
    cloud.update(resources('{"widgets": [], "start": "-P7D"}'))
    for body in ("{", "[]"):
        cloud.update(resources(body), ends="UPDATE_ROLLBACK_COMPLETE")
        assert "is not" in cloud.reasons()["Dashboard"]
        assert json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])["start"] == "-P7D"
    cloud.create(resources("{}"), stack="other", ends="ROLLBACK_COMPLETE")
    assert "already exists" in cloud.reasons("other")["Dashboard"]
    cloud.delete()
    assert name not in [each["DashboardName"] for each in cloudwatch.list_dashboards()["DashboardEntries"]]
