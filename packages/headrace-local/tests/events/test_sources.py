"""What the services report, as AWS documents it."""

import json
from typing import Any

import pytest
from event_targets import PASS, Queue, Targets
from local_jobs import IMAGE

from headrace_local.testing import LocalAws


@pytest.fixture
def bucket(targets: Targets) -> str:
    """A bucket that reports to EventBridge."""
    name, s3 = targets.name("bucket"), targets.client("s3")
    s3.create_bucket(Bucket=name)
    setting = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=setting)
    assert s3.get_bucket_notification_configuration(Bucket=name)["EventBridgeConfiguration"] == {}
    return name


def heard(targets: Targets, bucket: str) -> Queue:
    """Return a queue that hears all that a bucket reports."""
    queue = targets.queue()
    targets.rule({"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}, {"Arn": queue.arn})
    return queue


def test_each_way_to_make_an_object_is_reported_once(targets: Targets, bucket: str) -> None:
    """Put, copy and upload in parts give one event each, with their reason, size and etag."""
    queue, s3 = heard(targets, bucket), targets.client("s3")
    etag = s3.put_object(Bucket=bucket, Key="put", Body=b"12345")["ETag"].strip('"')
    s3.copy_object(Bucket=bucket, Key="copied", CopySource={"Bucket": bucket, "Key": "put"})
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"123")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload=parts)
    s3.delete_object(Bucket=bucket, Key="put")
    events = queue.bodies(4)
    told = [
        (each["detail"]["object"]["key"], each["detail-type"], each["detail"]["reason"]) for each in events
    ]
    assert told == [
        ("put", "Object Created", "PutObject"),
        ("copied", "Object Created", "CopyObject"),
        ("parts", "Object Created", "CompleteMultipartUpload"),
        ("put", "Object Deleted", "DeleteObject"),
    ]
    created, deleted = events[0], events[3]
    assert created["resources"] == [f"arn:aws:s3:::{bucket}"]
    found = created["detail"]["object"]
    assert (found["size"], found["etag"]) == (5, etag)
    assert "version-id" not in found
    assert deleted["detail"]["deletion-type"] == "Permanently Deleted"
    assert "size" not in deleted["detail"]["object"]
    assert created["detail"]["object"]["sequencer"] < deleted["detail"]["object"]["sequencer"]


def test_each_version_that_goes_is_reported(targets: Targets, bucket: str) -> None:
    """In a bucket with versions a delete makes a marker; the deletion of a version names it."""
    queue, s3 = heard(targets, bucket), targets.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="a")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="a", VersionId=version)
    found = [each["detail"] for each in queue.bodies(3)]
    assert [each["object"]["version-id"] for each in found] == [version, marker, version]
    assert [each.get("deletion-type") for each in found] == [
        None,
        "Delete Marker Created",
        "Permanently Deleted",
    ]


def test_a_bucket_that_is_not_asked_to_report_does_not(targets: Targets, bucket: str) -> None:
    """Without EventBridge in its setting nothing is reported; another bucket's event comes first."""
    queue, s3 = targets.queue(), targets.client("s3")
    silent = targets.name("silent")
    s3.create_bucket(Bucket=silent)
    targets.rule({"source": ["aws.s3"], "detail": {"object": {"key": [bucket]}}}, {"Arn": queue.arn})
    s3.put_object(Bucket=silent, Key=bucket, Body=b"1")
    s3.put_object(Bucket=bucket, Key=bucket, Body=b"1")
    assert queue.body()["detail"]["bucket"]["name"] == bucket


def test_an_execution_reports_its_start_and_its_end(targets: Targets) -> None:
    """RUNNING first, without an end; then how it ended, with output or error, in milliseconds since 1970."""
    queue = targets.queue()
    fail = {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "Tests.No", "Cause": "because"}}}
    good, bad = targets.machine(PASS), targets.machine(fail)
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [good, bad]}}
    targets.rule(pattern, {"Arn": queue.arn})
    states = targets.client("stepfunctions")
    arn = states.start_execution(stateMachineArn=good, name="one", input='{"a": 1}')["executionArn"]
    running, succeeded = queue.bodies(2)
    assert running["detail-type"] == "Step Functions Execution Status Change"
    assert running["resources"] == [arn]
    detail = running["detail"]
    assert (detail["status"], detail["name"], detail["input"]) == ("RUNNING", "one", '{"a": 1}')
    assert (detail["stopDate"], detail["output"]) == (None, None)
    detail = succeeded["detail"]
    assert (detail["status"], detail["output"], detail["error"]) == ("SUCCEEDED", '{"a":1}', None)
    assert detail["stopDate"] >= detail["startDate"] > 1_700_000_000_000
    states.start_execution(stateMachineArn=bad)
    failed = queue.bodies(2)[1]["detail"]
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "Tests.No", "because")
    found = targets.client("cloudwatch").list_metrics(
        Namespace="AWS/States", Dimensions=[{"Name": "StateMachineArn", "Value": bad}]
    )
    assert {each["MetricName"] for each in found["Metrics"]} == {
        *("ExecutionsStarted", "ExecutionsFailed", "ExecutionTime"),
    }


def test_a_job_reports_each_status(targets: Targets) -> None:
    """A processing job that fails reports InProgress and Failed, with the reason and its tags as a map."""
    queue, name = targets.queue(), targets.name("job")
    targets.rule({"source": ["aws.sagemaker"], "detail": {"ProcessingJobName": [name]}}, {"Arn": queue.arn})
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 1}
    targets.client("sagemaker").create_processing_job(
        ProcessingJobName=name,
        RoleArn=targets.role("sagemaker.amazonaws.com"),
        AppSpecification={"ImageUri": IMAGE, "ContainerEntrypoint": ["python", "-c", "raise SystemExit(3)"]},
        ProcessingResources={"ClusterConfig": cluster},
        Tags=[{"Key": "a", "Value": "b"}],
    )
    begun, ended = queue.bodies(2)
    assert begun["detail-type"] == "SageMaker Processing Job State Change"
    assert begun["detail"]["ProcessingJobStatus"] == "InProgress"
    assert ended["resources"] == [ended["detail"]["ProcessingJobArn"]]
    assert ended["detail"]["ProcessingJobStatus"] == "Failed"
    assert ended["detail"]["FailureReason"]
    assert ended["detail"]["Tags"] == {"a": "b"}
    assert ended["detail"]["CreationTime"] > 1_700_000_000_000


def test_a_model_package_reports_its_approval(targets: Targets, local_aws: LocalAws) -> None:
    """Registered, then approved: the event that starts a deployment names group, version, status and what changed."""
    sagemaker, queue, group = local_aws.client("sagemaker"), targets.queue(), targets.name("group")
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": [group]},
    }
    targets.rule(pattern, {"Arn": queue.arn})
    sagemaker.create_model_package_group(ModelPackageGroupName=group)
    arn = sagemaker.create_model_package(
        ModelPackageGroupName=group, CustomerMetadataProperties={"commit": "c0ffee"}
    )["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    registered, approved = queue.bodies(2)
    assert registered["resources"] == approved["resources"] == [arn]
    assert registered["detail"]["ModelApprovalStatus"] == "PendingManualApproval"
    detail = approved["detail"]
    assert (detail["ModelApprovalStatus"], detail["ModelPackageVersion"]) == ("Approved", 1)
    assert detail["UpdatedModelPackageFields"] == ["ModelApprovalStatus"]
    assert detail["CustomerMetadataProperties"] == {"commit": "c0ffee"}
    assert detail["CreationTime"].endswith("Z")
    assert json.dumps(registered["detail"])


def test_a_topic_delivers_to_each_of_its_queues(targets: Targets) -> None:
    """SNS to SQS: each queue has the message, in the topic's envelope unless the delivery is raw."""
    sns, first, second = targets.client("sns"), targets.queue(), targets.queue()
    topic = targets.topic(first)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=second.arn)
    sns.publish(TopicArn=topic, Subject="s", Message='{"a": 1}')
    assert first.body() == {"a": 1}
    envelope: Any = second.body()
    assert (envelope["Type"], envelope["TopicArn"], envelope["Subject"]) == ("Notification", topic, "s")
    assert json.loads(envelope["Message"]) == {"a": 1}
