"""Topics, queues, rules, alarms and log groups that stacks make."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from stack_requests import resource

QUEUE = resource("AWS::SQS::Queue")


def _body(cloud: Any, url: str) -> Any:
    """Return the body of the one message in a queue."""
    messages = cloud.client("sqs").receive_message(QueueUrl=url)["Messages"]
    return json.loads(messages[0]["Body"])


def test_a_topic_delivers_to_its_subscription(cloud: Any) -> None:
    """Topic, policy and subscription are real: what is published arrives in the queue; TopicArn is known."""
    name = cloud.name("topic")
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": {"Ref": "Topic"}}
        ],
    }

    def resources(**subscription: Any) -> dict[str, Any]:
        return {
            "Queue": QUEUE,
            "Topic": resource("AWS::SNS::Topic", TopicName=name, DisplayName="runs"),
            "Policy": resource("AWS::SNS::TopicPolicy", Topics=[{"Ref": "Topic"}], PolicyDocument=document),
            "Subscription": resource(
                "AWS::SNS::Subscription",
                TopicArn={"Ref": "Topic"},
                Protocol="sqs",
                Endpoint={"Fn::GetAtt": ["Queue", "Arn"]},
                **subscription,
            ),
        }

    outputs = {
        "Topic": {"Value": {"Fn::GetAtt": ["Topic", "TopicArn"]}},
        "Queue": {"Value": {"Ref": "Queue"}},
    }
    cloud.create(resources(), Outputs=outputs)
    made = cloud.outputs()
    sns = cloud.client("sns")
    policy = json.loads(sns.get_topic_attributes(TopicArn=made["Topic"])["Attributes"]["Policy"])
    assert policy["Statement"][0]["Resource"] == made["Topic"]
    sns.publish(TopicArn=made["Topic"], Message="hello")
    assert _body(cloud, made["Queue"])["Message"] == "hello"
    cloud.update(resources(RawMessageDelivery=True), Outputs=outputs)
    sns.publish(TopicArn=made["Topic"], Message='{"raw": true}')
    assert _body(cloud, made["Queue"]) == {"raw": True}
    without_policy = {key: each for key, each in resources().items() if key != "Policy"}
    cloud.update(without_policy, Outputs=outputs)
    policy = json.loads(sns.get_topic_attributes(TopicArn=made["Topic"])["Attributes"]["Policy"])
    assert policy["Statement"][0]["Sid"] == "__default_statement_ID"


def test_a_name_that_is_taken_fails_where_the_api_would_answer_with_the_other(cloud: Any) -> None:
    """Topics, queues, rules, alarms and buckets of somebody else are not taken over silently."""
    name = cloud.name("taken")
    alarm = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 1}
    resources = {
        "Topic": resource("AWS::SNS::Topic", TopicName=name),
        "Queue": resource("AWS::SQS::Queue", QueueName=name),
        "Rule": resource("AWS::Events::Rule", Name=name, ScheduleExpression="rate(1 day)"),
        "Bucket": resource("AWS::S3::Bucket", BucketName=name),
        "Alarm": resource(
            "AWS::CloudWatch::Alarm",
            AlarmName=name,
            MetricName="m",
            Namespace="n",
            Period=60,
            Statistic="Sum",
            **alarm,
        ),
    }
    cloud.create(resources)
    for logical_id, taken in resources.items():
        stack = f"other-{logical_id}"
        cloud.create({logical_id: taken}, stack=stack, ends="ROLLBACK_COMPLETE")
        assert "already exists" in cloud.reasons(stack)[logical_id]
    assert cloud.client("s3").head_bucket(Bucket=name)


def test_a_queue_and_its_policy_change_in_place(cloud: Any) -> None:
    """Ref is the URL, GetAtt gives Arn and QueueName; a property that goes returns to its default."""

    def resources(action: str, **queue: Any) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
        return {
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": queue},
            "Policy": resource(
                "AWS::SQS::QueuePolicy",
                Queues=[{"Ref": "Queue"}],
                PolicyDocument={"Version": "2012-10-17", "Statement": [statement]},
            ),
        }

    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}}
    cloud.create(
        resources("sqs:SendMessage", VisibilityTimeout="90", Tags=[{"Key": "a", "Value": "1"}]),
        Outputs=outputs,
    )
    url, sqs = cloud.physical_id("Queue"), cloud.client("sqs")

    def attributes() -> dict[str, str]:
        found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return found

    assert attributes()["QueueArn"] == cloud.outputs()["Arn"]
    assert attributes()["VisibilityTimeout"] == "90"
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "1"}
    cloud.update(resources("sqs:ReceiveMessage", MessageRetentionPeriod=60), Outputs=outputs)
    assert (attributes()["VisibilityTimeout"], attributes()["MessageRetentionPeriod"]) == ("30", "60")
    assert json.loads(attributes()["Policy"])["Statement"][0]["Action"] == "sqs:ReceiveMessage"
    assert not sqs.list_queue_tags(QueueUrl=url).get("Tags")


def test_a_rule_sends_what_a_bucket_reports(cloud: Any) -> None:
    """A rule with a pattern and a target, and a bucket that reports to EventBridge: a put arrives in the queue."""
    bucket = cloud.name("bucket")

    def resources(state: str, targets: list[Any]) -> dict[str, Any]:
        return {
            "Queue": QUEUE,
            "Bucket": resource(
                "AWS::S3::Bucket",
                BucketName=bucket,
                NotificationConfiguration={"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
            ),
            "Rule": resource(
                "AWS::Events::Rule",
                EventPattern={"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}},
                State=state,
                Targets=targets,
            ),
        }

    target = {"Id": "queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}
    cloud.create(resources("ENABLED", [target]))
    rule, s3, events = cloud.physical_id("Rule"), cloud.client("s3"), cloud.client("events")
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert _body(cloud, cloud.physical_id("Queue"))["detail"]["object"]["key"] == "a"
    cloud.update(resources("DISABLED", []))
    assert events.describe_rule(Name=rule)["State"] == "DISABLED"
    assert events.list_targets_by_rule(Rule=rule)["Targets"] == []
    s3.delete_object(Bucket=bucket, Key="a")
    cloud.delete()
    with pytest.raises(ClientError, match="ResourceNotFound"):
        events.describe_rule(Name=rule)


def test_a_bucket_tells_a_queue_of_the_objects_that_pass_its_filter(cloud: Any) -> None:
    """NotificationConfiguration in a template's form reaches S3 in the API's: target, event and filter."""
    name = cloud.name("bucket")
    rule = {"Name": "prefix", "Value": "raw/"}
    notification = {
        "Event": "s3:ObjectCreated:*",
        "Queue": {"Fn::GetAtt": ["Queue", "Arn"]},
        "Filter": {"S3Key": {"Rules": [rule]}},
    }
    bucket = {"BucketName": name, "NotificationConfiguration": {"QueueConfigurations": [notification]}}
    cloud.create({"Queue": QUEUE, "Bucket": {"Type": "AWS::S3::Bucket", "Properties": bucket}})
    s3 = cloud.client("s3")
    found = s3.get_bucket_notification_configuration(Bucket=name)["QueueConfigurations"][0]
    assert found["Events"] == ["s3:ObjectCreated:*"]
    assert found["Filter"]["Key"]["FilterRules"] == [rule]
    without = {"Queue": QUEUE, "Bucket": resource("AWS::S3::Bucket", BucketName=name)}
    cloud.update(without)
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=name)


def test_an_alarm_changes_in_place(cloud: Any) -> None:
    """Metric, dimensions, threshold and actions reach CloudWatch; Ref is the name, GetAtt the ARN."""

    def resources(threshold: int) -> dict[str, Any]:
        properties = {
            "Namespace": "AWS/States",
            "MetricName": "ExecutionsFailed",
            "Dimensions": [{"Name": "StateMachineArn", "Value": "arn:aws:states:us-east-1:1:stateMachine:m"}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": threshold,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": "Topic"}],
        }
        return {
            "Topic": resource("AWS::SNS::Topic"),
            "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties},
        }

    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Alarm", "Arn"]}}}
    cloud.create(resources(1), Outputs=outputs)
    cloud.update(resources(5), Outputs=outputs)
    name = cloud.physical_id("Alarm")
    alarm = cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert (alarm["Threshold"], alarm["AlarmArn"]) == (5, cloud.outputs()["Arn"])
    assert alarm["AlarmActions"] == [cloud.physical_id("Topic")]


def test_a_log_group_changes_in_place(cloud: Any) -> None:
    """Its streams stay when the retention changes (stock moto: None); the ARN ends in `:*` as on AWS."""
    name = f"/aws/vendedlogs/states/{cloud.name('log')}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "logs:PutLogEvents",
        "Resource": "*",
    }

    def resources(**properties: Any) -> dict[str, Any]:
        return {
            "Group": resource("AWS::Logs::LogGroup", LogGroupName=name, **properties),
            "Policy": resource(
                "AWS::Logs::ResourcePolicy",
                PolicyName=cloud.name("policy"),
                PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            ),
        }

    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Group", "Arn"]}}}
    cloud.create(resources(RetentionInDays="90", Tags=[{"Key": "a", "Value": "1"}]), Outputs=outputs)
    assert cloud.outputs()["Arn"] == f"arn:aws:logs:us-east-1:000000000000:log-group:{name}:*"
    logs = cloud.client("logs")
    logs.create_log_stream(logGroupName=name, logStreamName="kept")
    policies = logs.describe_resource_policies()["resourcePolicies"]
    assert cloud.name("policy") in [policy["policyName"] for policy in policies]
    cloud.update(resources(RetentionInDays=7, Tags=[{"Key": "b", "Value": "2"}]), Outputs=outputs)
    group = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    assert group["retentionInDays"] == 7
    assert logs.describe_log_streams(logGroupName=name)["logStreams"][0]["logStreamName"] == "kept"
    assert logs.list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*"))["tags"] == {"b": "2"}
    cloud.update(resources(), Outputs=outputs)
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    cloud.delete()
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"] == []
