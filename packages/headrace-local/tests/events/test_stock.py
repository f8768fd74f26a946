"""Stock moto still has the faults for which `headrace_local.events` is there: a row that fails is one less."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.cloudwatch.models import cloudwatch_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.events.models import EventPattern, events_backends

REGION = "us-east-1"
MACHINE = f"arn:aws:states:{REGION}:{DEFAULT_ACCOUNT_ID}:stateMachine:m"
METRIC = {"Namespace": "Tests", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
ALARM = {**METRIC, "AlarmName": "stock", "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"}
SCHEDULE = {
    "Name": "stock",
    "ScheduleExpression": "every morning",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": MACHINE, "RoleArn": "arn:aws:iam::123456789012:role/nobody"},
}


def client(service: str) -> Any:
    made: Any = boto3.client(service, region_name=REGION)  # type: ignore[call-overload]
    return made


def queue() -> tuple[Any, str, str]:
    """Return a client, and the URL and the ARN of a queue."""
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="stock")["QueueUrl"]
    return sqs, url, f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:stock"


def received(sqs: Any, url: str) -> list[Any]:
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def created(sqs: Any, url: str) -> list[Any]:
    return [each for each in received(sqs, url) if each["detail-type"] == "Object Created"]


def put(rule: dict[str, Any], target: dict[str, Any]) -> None:
    """Put a rule with a target, and an event from `x`."""
    events = client("events")
    events.put_rule(Name="stock", **rule)
    events.put_targets(Rule="stock", Targets=[{"Id": "0", **target}])
    events.put_events(Entries=[{"Source": "x", "DetailType": "y", "Detail": "{}"}])


def a_rule_without_a_pattern_matches_all() -> bool:
    return bool(EventPattern.load(None).matches_event({"source": "aws.s3"}))


def true_is_one_and_an_array_of_objects_is_not_searched() -> bool:
    event: Any = {"detail": {"flag": True, "items": [{"kind": "a"}]}}
    number = EventPattern.load('{"detail": {"flag": [1]}}').matches_event(event)
    item = EventPattern.load('{"detail": {"items": {"kind": ["a"]}}}').matches_event(event)
    return bool(number and not item)


def a_filter_that_does_not_exist_is_taken() -> bool:
    client("events").put_rule(Name="stock", EventPattern='{"source": [{"postfix": "x"}]}')
    return True


def a_pattern_cannot_be_tested() -> bool:
    pattern, event = '{"source": ["x"]}', '{"source": "x"}'
    return "Result" not in client("events").test_event_pattern(EventPattern=pattern, Event=event)


def a_disabled_rule_fires() -> bool:
    sqs, url, arn = queue()
    put({"EventPattern": '{"source": ["x"]}', "State": "DISABLED"}, {"Arn": arn})
    return len(received(sqs, url)) == 1


def an_input_is_not_heeded() -> bool:
    sqs, url, arn = queue()
    put({"EventPattern": '{"source": ["x"]}'}, {"Arn": arn, "Input": '{"constant": 1}'})
    return "constant" not in received(sqs, url)[0]


def a_machine_is_no_target() -> bool:
    with pytest.raises(NotImplementedError):
        put({"EventPattern": '{"source": ["x"]}'}, {"Arn": MACHINE})
    return True


def a_schedule_of_a_rule_is_not_checked() -> bool:
    client("events").put_rule(Name="stock", ScheduleExpression="cron(every morning)")
    return True


def bucket_with_a_rule() -> tuple[Any, Any, str]:
    """Return clients, and the URL of a queue that hears what a bucket reports."""
    s3, (sqs, url, arn) = client("s3"), queue()
    s3.create_bucket(Bucket="stock")
    setting = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket="stock", NotificationConfiguration=setting)
    client("events").put_rule(Name="stock", EventPattern='{"source": ["aws.s3"]}')
    client("events").put_targets(Rule="stock", Targets=[{"Id": "0", "Arn": arn}])
    return s3, sqs, url


def an_object_has_the_wrong_form() -> bool:
    s3, sqs, url = bucket_with_a_rule()
    s3.put_object(Bucket="stock", Key="a", Body=b"1")
    detail = received(sqs, url)[0]["detail"]
    return "eTag" in detail["object"] and detail["reason"] == "ObjectCreated"


def an_upload_in_parts_is_reported_twice() -> bool:
    s3, sqs, url = bucket_with_a_rule()
    upload = s3.create_multipart_upload(Bucket="stock", Key="a")["UploadId"]
    part = s3.upload_part(Bucket="stock", Key="a", UploadId=upload, PartNumber=1, Body=b"1")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket="stock", Key="a", UploadId=upload, MultipartUpload=parts)
    return len(created(sqs, url)) == 2


def a_delete_marker_is_not_reported() -> bool:
    s3, sqs, url = bucket_with_a_rule()
    s3.put_bucket_versioning(Bucket="stock", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="stock", Key="a", Body=b"1")
    created(sqs, url)
    s3.delete_object(Bucket="stock", Key="a")
    return not received(sqs, url)


def a_put_without_tags_is_reported_as_tagged() -> bool:
    s3, sqs, url = bucket_with_a_rule()
    s3.put_object(Bucket="stock", Key="a", Body=b"1")
    return "Object Tags Added" in [each["detail-type"] for each in received(sqs, url)]


def a_machine_needs_no_role() -> bool:
    events = client("events")
    events.put_rule(Name="stock", EventPattern='{"source": ["x"]}')
    answer = events.put_targets(Rule="stock", Targets=[{"Id": "0", "Arn": MACHINE}])
    return bool(answer["FailedEntryCount"] == 0)


def the_setting_of_a_bucket_is_not_told() -> bool:
    s3, _, _ = bucket_with_a_rule()
    return "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket="stock")


def an_alarm_begins_as_well() -> bool:
    client("cloudwatch").put_metric_alarm(**ALARM)
    (alarm,) = client("cloudwatch").describe_alarms(AlarmNames=["stock"])["MetricAlarms"]
    return bool(alarm["StateValue"] == "OK")


def an_alarm_that_is_put_again_forgets() -> bool:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.set_alarm_state(AlarmName="stock", StateValue="ALARM", StateReason="r")
    cloudwatch.put_metric_alarm(**ALARM)
    return not cloudwatch_backends[DEFAULT_ACCOUNT_ID][REGION].alarms["stock"].history


def data_are_not_evaluated() -> bool:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=[{"MetricName": "m", "Value": 1}])
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["stock"])["MetricAlarms"]
    return bool(alarm["StateValue"] == "OK")


def a_change_of_state_tells_nobody() -> bool:
    (sqs, url, arn), sns, cloudwatch = queue(), client("sns"), client("cloudwatch")
    topic = sns.create_topic(Name="stock")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    cloudwatch.put_metric_alarm(**ALARM, AlarmActions=[topic])
    cloudwatch.set_alarm_state(AlarmName="stock", StateValue="ALARM", StateReason="r")
    return not received(sqs, url)


def an_alarm_has_no_history() -> bool:
    with pytest.raises((ClientError, NotImplementedError)):
        client("cloudwatch").describe_alarm_history(AlarmName="stock")
    return True


def any_schedule_is_taken() -> bool:
    client("scheduler").create_schedule(**SCHEDULE)
    return True


def a_group_that_there_is_not_is_an_error_500() -> bool:
    with pytest.raises(KeyError):
        client("scheduler").create_schedule(**SCHEDULE, GroupName="nobody")
    return True


def a_group_is_emptied_by_a_second_one() -> bool:
    scheduler = client("scheduler")
    scheduler.create_schedule_group(Name="stock")
    scheduler.create_schedule(**SCHEDULE, GroupName="stock")
    scheduler.create_schedule_group(Name="stock")
    return not scheduler.list_schedules(GroupName="stock")["Schedules"]


def an_update_takes_the_state_away() -> bool:
    scheduler = client("scheduler")
    scheduler.create_schedule(**SCHEDULE)
    scheduler.update_schedule(**SCHEDULE)
    return scheduler.get_schedule(Name="stock").get("State") is None


def every_bus_hears_of_a_bucket() -> bool:
    s3, sqs, url = bucket_with_a_rule()
    backend = events_backends[DEFAULT_ACCOUNT_ID][REGION]
    backend.create_event_bus(name="other")
    client("events").put_rule(Name="o", EventBusName="other", EventPattern='{"source": ["aws.s3"]}')
    target = {"Id": "0", "Arn": f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:stock"}
    client("events").put_targets(Rule="o", EventBusName="other", Targets=[target])
    s3.put_object(Bucket="stock", Key="a", Body=b"1")
    return len(created(sqs, url)) == 2


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        (a_rule_without_a_pattern_matches_all, "events/models.py:959"),
        (true_is_one_and_an_array_of_objects_is_not_searched, "events/models.py:966"),
        (a_filter_that_does_not_exist_is_taken, "events/models.py:1142"),
        (a_pattern_cannot_be_tested, "events/responses.py:210"),
        (a_disabled_rule_fires, "events/models.py:140"),
        (an_input_is_not_heeded, "events/models.py:140"),
        (a_machine_is_no_target, "events/models.py:140"),
        (a_machine_needs_no_role, "events/models.py:1399"),
        (a_schedule_of_a_rule_is_not_checked, "events/models.py:1245"),
        (an_object_has_the_wrong_form, "s3/notifications.py:169"),
        (every_bus_hears_of_a_bucket, "s3/notifications.py:169"),
        (a_put_without_tags_is_reported_as_tagged, "s3/notifications.py:169"),
        (an_upload_in_parts_is_reported_twice, "s3/models.py:2726"),
        (a_delete_marker_is_not_reported, "s3/models.py:2967"),
        (the_setting_of_a_bucket_is_not_told, "s3/responses.py:1384"),
        (an_alarm_begins_as_well, "cloudwatch/models.py:179"),
        (an_alarm_that_is_put_again_forgets, "cloudwatch/models.py:600"),
        (data_are_not_evaluated, "cloudwatch/models.py:653"),
        (a_change_of_state_tells_nobody, "cloudwatch/models.py:987"),
        (an_alarm_has_no_history, "cloudwatch/responses.py"),
        (any_schedule_is_taken, "scheduler/models.py:202"),
        (a_group_that_there_is_not_is_an_error_500, "scheduler/models.py:202"),
        (a_group_is_emptied_by_a_second_one, "scheduler/models.py:293"),
        (an_update_takes_the_state_away, "scheduler/models.py:118"),
    ],
)
@mock_aws
def test_stock_moto_has_the_fault(fault: Callable[[], bool], place: str) -> None:
    """What was put in its place is needed: moto as it comes, in this process, does what the row says."""
    assert fault(), f"moto/{place} is mended: drop the correction"
