"""Tasks: names and errors as AWS has them, in the account of the machine."""

import json
import time
from typing import Any

import pytest


def sdk(action: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    resource = f"arn:aws:states:::aws-sdk:{action}"
    return {"Call": {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True} | more}


@pytest.fixture(scope="module")
def bucket(local_aws: Any) -> str:
    local_aws.client("s3").create_bucket(Bucket="tasks")
    local_aws.client("s3").put_object(Bucket="tasks", Key="evaluation.json", Body=b'{"passed": true}')
    return "tasks"


def test_an_object_is_read_as_text(machines: Any, bucket: str) -> None:
    """GetObject gives a text that States.StringToJson can read, and its times as ISO text."""
    selector = {"verdict.$": "States.StringToJson($.Body)", "at.$": "$.LastModified"}
    states = sdk("s3:getObject", {"Bucket": bucket, "Key": "evaluation.json"}, ResultSelector=selector)
    output = machines.output(states)
    assert output["verdict"] == {"passed": True}
    assert output["at"].endswith("Z")


@pytest.mark.parametrize(
    ("action", "parameters", "error"),
    [
        ("s3:getObject", {"Bucket": "tasks", "Key": "gone"}, "S3.NoSuchKeyException"),
        ("s3:getObject", {"Bucket": "gone", "Key": "gone"}, "S3.NoSuchBucketException"),
        ("s3:getBucketPolicy", {"Bucket": "tasks"}, "S3.S3Exception"),
        ("sagemaker:describeModelPackage", {"ModelPackageName": "gone"}, "SageMaker.SageMakerException"),
        (
            "dynamodb:getItem",
            {"TableName": "gone", "Key": {"a": {"S": "b"}}},
            "DynamoDb.ResourceNotFoundException",
        ),
        ("sfn:describeStateMachine", {"StateMachineArn": "nothing"}, "Sfn.InvalidArnException"),
    ],
)
def test_errors_have_the_names_that_aws_gives(
    machines: Any, bucket: str, action: str, parameters: dict[str, str], error: str
) -> None:
    """An error is <service>.<error>Exception, by the names of AWS's Java SDK."""
    assert bucket
    ended = machines.run(sdk(action, parameters))
    assert (ended["status"], ended["error"]) == ("FAILED", error)


def test_names_are_in_pascal_case_whatever_the_api(machines: Any) -> None:
    """Step Functions' own API is in camel case; a state writes and reads StateMachineArn all the same."""
    arn = machines.make({"Do": {"Type": "Succeed"}})
    output = machines.output(sdk("sfn:describeStateMachine", {"StateMachineArn": arn}))
    assert output["StateMachineArn"] == arn
    assert output["CreationDate"].endswith("Z")


def test_an_unknown_parameter_deep_inside_fails_the_state(machines: Any) -> None:
    """What the definition's check does not see fails when it is called, by name."""
    message = {"Bucket": "tasks", "Key": "k", "Tagging": {"TagSet": [{"Kee": "a", "Value": "b"}]}}
    ended = machines.run(sdk("s3:putObjectTagging", message))
    assert ended["error"] == "States.Runtime"
    assert "Kee" in ended["cause"]
    assert "Parameters/Tagging/TagSet[0]" in ended["cause"]


def test_a_parameter_of_the_wrong_type_fails_the_state(machines: Any, bucket: str) -> None:
    """A number where a text belongs is States.Runtime; stock moto lets it pass."""
    ended = machines.run(sdk("s3:getObject", {"Bucket": bucket, "Key": 3}))
    assert ended["error"] == "States.Runtime"
    assert "Key" in ended["cause"]


def test_an_item_is_put_and_a_message_published(machines: Any, local_aws: Any) -> None:
    """dynamodb:putItem and sns:publish do what they say."""
    table = local_aws.client("dynamodb")
    table.create_table(
        TableName="runs",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "run", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "run", "KeyType": "HASH"}],
    )
    queue = local_aws.client("sqs").create_queue(QueueName="told")["QueueUrl"]
    topic = local_aws.client("sns").create_topic(Name="told")["TopicArn"]
    queue_arn = "arn:aws:sqs:us-east-1:000000000000:told"
    local_aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    machines.output(
        {
            "Record": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:putItem",
                "Parameters": {
                    "TableName": "runs",
                    "Item": {
                        "run": {"S.$": "$$.Execution.Name"},
                        "metrics": {"S.$": "States.JsonToString($.m)"},
                    },
                },
                "ResultPath": None,
                "Next": "Notify",
            },
            "Notify": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sns:publish",
                "Parameters": {
                    "TopicArn": topic,
                    "Subject": "done",
                    "Message.$": "States.Format('{}', $.m.auc)",
                },
                "End": True,
            },
        },
        {"m": {"auc": 0.7}},
    )
    (item,) = table.scan(TableName="runs")["Items"]
    assert json.loads(item["metrics"]["S"]) == {"auc": 0.7}
    (message,) = local_aws.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["Message"] == "0.7"


def test_a_task_acts_in_the_account_of_its_machine(machines_elsewhere: Any) -> None:
    """A machine of another account acts there, and by its role; stock moto acts in 123456789012."""
    identity = machines_elsewhere.output(sdk("sts:getCallerIdentity", {}))
    assert identity["Account"] == "444455556666"
    assert ":assumed-role/machines/" in identity["Arn"]


def test_a_role_that_is_gone_fails_the_state(machines: Any, local_aws: Any) -> None:
    """A machine whose role was deleted cannot act."""
    role = machines.role("short-lived")
    definition = {"StartAt": "Call", "States": sdk("sts:getCallerIdentity", {})}
    arn = machines.api.create_state_machine(name="orphan", definition=json.dumps(definition), roleArn=role)
    local_aws.client("iam").delete_role(RoleName="short-lived")
    execution = machines.api.start_execution(stateMachineArn=arn["stateMachineArn"])["executionArn"]
    assert "short-lived" in machines.ended(execution)["cause"]


def start(machine: str, pattern: str, given: Any = None) -> dict[str, Any]:
    resource = f"arn:aws:states:::states:startExecution{pattern}"
    parameters = {"StateMachineArn": machine, "Input": given or {}}
    return {"Start": {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}}


@pytest.mark.parametrize(("pattern", "output"), [(".sync", '{"a":1}'), (".sync:2", {"a": 1})])
def test_a_machine_waits_for_another(machines: Any, pattern: str, output: Any) -> None:
    """The result is the description of the execution, its output a text or, with `.sync:2`, JSON."""
    inner = machines.make({"Do": {"Type": "Pass", "End": True}})
    found = machines.output(start(inner, pattern, {"a": 1}))
    assert (found["Status"], found["StateMachineArn"], found["Output"]) == ("SUCCEEDED", inner, output)


def test_stopping_a_machine_stops_the_one_it_waits_for(machines: Any) -> None:
    """The inner execution does not run on alone."""
    inner = machines.make({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
    outer = machines.start(start(inner, ".sync:2"))
    deadline = time.monotonic() + 10
    while not (found := machines.api.list_executions(stateMachineArn=inner)["executions"]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    machines.api.stop_execution(executionArn=outer)
    assert machines.ended(found[0]["executionArn"])["status"] == "ABORTED"
