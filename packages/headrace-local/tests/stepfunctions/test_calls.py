"""The calls that pipelines make: objects, records, metrics, and other state machines."""

import json
from typing import Any

import pytest

CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}]
CAUGHT = {"Caught": {"Type": "Pass", "End": True}}


def task(resource: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters}
    return state | ({} if "Next" in more else {"End": True}) | more


@pytest.fixture(scope="module")
def bucket(local_aws: Any) -> str:
    """A bucket with versions."""
    local_aws.client("s3").create_bucket(Bucket="calls")
    local_aws.client("s3").put_bucket_versioning(
        Bucket="calls", VersioningConfiguration={"Status": "Enabled"}
    )
    return "calls"


@pytest.fixture(scope="module")
def table(local_aws: Any) -> str:
    local_aws.client("dynamodb").create_table(
        TableName="calls",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "model", "AttributeType": "S"},
            {"AttributeName": "run", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "model", "KeyType": "HASH"},
            {"AttributeName": "run", "KeyType": "RANGE"},
        ],
    )
    return "calls"


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ({"auc": 0.7, "ü": [1, 2]}, '{"auc":0.7,"ü":[1,2]}'),
        ("text data", '"text data"'),
        (["List", "Data"], '["List","Data"]'),
        (False, "false"),
    ],
)
def test_a_body_is_written_as_json(
    machines: Any, local_aws: Any, bucket: str, body: object, content: str
) -> None:
    """PutObject writes whatever Body is as JSON without spaces: a text stands in quotes, as AWS puts it."""
    parameters = {"Bucket": bucket, "Key": "body.json", "Body.$": "$.body", "ContentType": "application/json"}
    found = machines.output({"Put": task("aws-sdk:s3:putObject", parameters)}, {"body": body})
    assert found["ETag"]
    assert found["VersionId"]
    kept = local_aws.client("s3").get_object(Bucket=bucket, Key="body.json")
    assert (kept["Body"].read().decode(), kept["ContentType"]) == (content, "application/json")


def test_what_was_put_can_be_copied_and_read_again(machines: Any, bucket: str) -> None:
    """PutObject, CopyObject and GetObject with States.StringToJson give the value back."""
    states = {
        "Put": task(
            "aws-sdk:s3:putObject",
            {"Bucket": bucket, "Key": "first.json", "Body.$": "$"},
            ResultPath=None,
            Next="Copy",
        ),
        "Copy": task(
            "aws-sdk:s3:copyObject",
            {"Bucket": bucket, "Key": "second.json", "CopySource": f"{bucket}/first.json"},
            ResultPath="$.copy",
            Next="Get",
        ),
        "Get": task(
            "aws-sdk:s3:getObject",
            {"Bucket": bucket, "Key": "second.json"},
            ResultSelector={"value.$": "States.StringToJson($.Body)"},
            ResultPath="$.got",
        ),
    }
    found = machines.output(states, {"a": [1, {"b": "c"}]})
    assert found["got"]["value"] == {"a": [1, {"b": "c"}]}
    assert found["copy"]["VersionId"]
    assert found["copy"]["CopyObjectResult"]["ETag"]
    assert found["copy"]["CopyObjectResult"]["LastModified"].endswith("Z")


LOCK = {"model": {"S.$": "$.model"}, "run": {"S": "lock"}}
TAKE = {
    "TableName": "calls",
    "Item": LOCK | {"holder": {"S.$": "$$.Execution.Name"}, "until": {"N.$": "States.Format('{}', $.until)"}},
    "ConditionExpression": "attribute_not_exists(#run) OR #until < :now",
    "ExpressionAttributeNames": {"#run": "run", "#until": "until"},
    "ExpressionAttributeValues": {":now": {"N.$": "States.Format('{}', $.now)"}},
}


@pytest.mark.parametrize("integration", ["dynamodb", "aws-sdk:dynamodb"])
def test_a_lock_is_taken_once(machines: Any, table: str, integration: str) -> None:
    """A condition that fails has the integration's own name for it, and can be caught by it."""
    name = "DynamoDb" if "sdk" in integration else "DynamoDB"
    assert table
    catch = [{"ErrorEquals": [f"{name}.ConditionalCheckFailedException"], "Next": "Caught"}]
    states = {"Take": task(f"{integration}:putItem", TAKE, ResultPath="$.put", Catch=catch)} | CAUGHT
    given = {"model": f"taken-{name}", "now": 5, "until": 10}
    assert "put" in machines.output(states, given)
    found = machines.output(states, given)
    assert (found["Error"], "The conditional request failed" in found["Cause"]) == (
        f"{name}.ConditionalCheckFailedException",
        True,
    )
    assert "put" in machines.output(states, given | {"now": 11, "until": 20})


def test_an_item_is_updated_read_and_deleted(machines: Any, table: str) -> None:
    """UpdateItem gives the new values, GetItem the item, DeleteItem under a condition the old one."""
    update = {
        "TableName": table,
        "Key": LOCK,
        "UpdateExpression": "SET #status = :status ADD #count :one",
        "ExpressionAttributeNames": {"#status": "status", "#count": "count"},
        "ExpressionAttributeValues": {":status": {"S": "DONE"}, ":one": {"N": "1"}},
        "ReturnValues": "ALL_NEW",
    }
    delete = {
        "TableName": table,
        "Key": LOCK,
        "ConditionExpression": "#status = :status",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":status": {"S": "DONE"}},
        "ReturnValues": "ALL_OLD",
    }
    read = {"TableName": table, "Key": LOCK, "ConsistentRead": True}
    states = {
        "Update": task("dynamodb:updateItem", update, ResultPath="$.updated", Next="Get"),
        "Get": task("dynamodb:getItem", read, ResultPath="$.got", Next="Delete"),
        "Delete": task("dynamodb:deleteItem", delete, ResultPath="$.deleted", Next="Get again"),
        "Get again": task("dynamodb:getItem", read, ResultPath="$.gone"),
    }
    found = machines.output(states, {"model": "updated"})
    item = {
        "model": {"S": "updated"},
        "run": {"S": "lock"},
        "status": {"S": "DONE"},
        "count": {"N": "1"},
    }
    assert found["updated"]["Attributes"] == found["got"]["Item"] == found["deleted"]["Attributes"] == item
    assert "Item" not in found["gone"]


def test_a_table_is_queried(machines: Any, table: str, local_aws: Any) -> None:
    """Query gives Items in DynamoDB's own form, Count and ScannedCount."""
    for run in ("a", "b"):
        local_aws.client("dynamodb").put_item(
            TableName=table, Item={"model": {"S": "queried"}, "run": {"S": run}, "auc": {"N": "0.7"}}
        )
    query = {
        "TableName": table,
        "KeyConditionExpression": "#model = :model",
        "ExpressionAttributeNames": {"#model": "model"},
        "ExpressionAttributeValues": {":model": {"S.$": "$.model"}},
        "ScanIndexForward": False,
        "Limit": 1,
    }
    found = machines.output({"Query": task("aws-sdk:dynamodb:query", query)}, {"model": "queried"})
    assert found["Items"] == [{"model": {"S": "queried"}, "run": {"S": "b"}, "auc": {"N": "0.7"}}]
    assert (found["Count"], found["ScannedCount"]) == (1, 1)


def test_metrics_are_put(machines: Any, local_aws: Any) -> None:
    """PutMetricData takes a list of data with dimensions, and values from the state's input."""
    data = [
        {
            "MetricName": "Drift",
            "Dimensions": [{"Name": "Model", "Value.$": "$.model"}],
            "Value.$": "$.drift",
            "Unit": "None",
            "Timestamp.$": "$$.Execution.StartTime",
        }
    ]
    states = {"Put": task("aws-sdk:cloudwatch:putMetricData", {"Namespace": "calls", "MetricData": data})}
    assert machines.output(states, {"model": "toy", "drift": 0.25}) == {}
    (metric,) = local_aws.client("cloudwatch").list_metrics(Namespace="calls")["Metrics"]
    assert (metric["MetricName"], metric["Dimensions"]) == ("Drift", [{"Name": "Model", "Value": "toy"}])


def test_a_model_package_is_approved(machines: Any, local_aws: Any) -> None:
    """UpdateModelPackage changes the approval of a package that ListModelPackages finds."""
    registry = local_aws.client("sagemaker")
    registry.create_model_package_group(ModelPackageGroupName="calls")
    made = registry.create_model_package(
        ModelPackageGroupName="calls", ModelApprovalStatus="PendingManualApproval"
    )["ModelPackageArn"]
    listed = {
        "ModelPackageGroupName": "calls",
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "MaxResults": 1,
    }
    approve = {
        "ModelPackageArn.$": "$.ModelPackageSummaryList[0].ModelPackageArn",
        "ModelApprovalStatus": "Approved",
        "ApprovalDescription": "better",
    }
    states = {
        "List": task("aws-sdk:sagemaker:listModelPackages", listed, Next="Approve"),
        "Approve": task("aws-sdk:sagemaker:updateModelPackage", approve),
    }
    assert machines.output(states) == {"ModelPackageArn": made}
    assert registry.describe_model_package(ModelPackageName=made)["ModelApprovalStatus"] == "Approved"


def test_an_execution_can_be_described(machines: Any) -> None:
    """DescribeExecution of another execution: its status, and its output as a text."""
    other = machines.start({"Do": {"Type": "Pass", "End": True}}, {"a": 1})
    machines.ended(other)
    states = {"Describe": task("aws-sdk:sfn:describeExecution", {"ExecutionArn.$": "$.other"})}
    found = machines.output(states, {"other": other})
    assert (found["Status"], json.loads(found["Output"])) == ("SUCCEEDED", {"a": 1})
    assert found["StartDate"].endswith("Z")


@pytest.mark.parametrize("pattern", ["sync", "sync:2"])
def test_the_failure_of_a_machine_that_was_started(machines: Any, pattern: str) -> None:
    """It is States.TaskFailed, its cause the description of the execution: error and cause among it."""
    inner = machines.make({"Break": {"Type": "Fail", "Error": "Own.Error", "Cause": "why"}})
    start = task(
        f"states:startExecution.{pattern}", {"StateMachineArn": inner, "Input": {"a": 1}}, Catch=CATCH
    )
    error = machines.output({"Start": start} | CAUGHT)["error"]
    cause = json.loads(error["Cause"])
    assert error["Error"] == "States.TaskFailed"
    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "Own.Error", "why")
    assert cause["Input"] == ({"a": 1} if pattern == "sync:2" else '{"a":1}')


def test_a_failing_branch_is_caught(machines: Any) -> None:
    """A Parallel gives the results of its branches in order; an error of one is caught with the input kept."""
    good = [{"StartAt": name, "States": {name: {"Type": "Pass", "Result": 1, "End": True}}} for name in "AB"]
    bad = {"StartAt": "Break", "States": {"Break": {"Type": "Fail", "Error": "Own.Error", "Cause": "why"}}}
    parallel = {"Type": "Parallel", "Catch": CATCH, "ResultPath": "$.both", "End": True}
    fine = machines.output({"Both": parallel | {"Branches": good}} | CAUGHT, {"a": 1})
    assert fine == {"a": 1, "both": [1, 1]}
    caught = machines.output({"Both": parallel | {"Branches": [good[0], bad]}} | CAUGHT, {"a": 1})
    assert caught == {"a": 1, "error": {"Error": "Own.Error", "Cause": "why"}}
