"""Distributed Map: each item is an execution of its own, its items and results are in S3."""

import json
from typing import Any

import pytest

CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}]
CAUGHT = {"Caught": {"Type": "Pass", "End": True}}
PASS = {"Do": {"Type": "Pass", "End": True}}
# Fails for the items whose `fail` is true.
PICKY = {
    "Pick": {
        "Type": "Choice",
        "Choices": [{"Variable": "$.fail", "BooleanEquals": True, "Next": "Break"}],
        "Default": "Do",
    },
    "Break": {"Type": "Fail", "Error": "Own.Error", "Cause": "why"},
} | PASS


def each(states: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a distributed Map."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": next(iter(states)),
        "States": states,
    }
    return {"Type": "Map", "ItemProcessor": processor, "End": True} | more


def reader(action: str, parameters: dict[str, str], **config: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Resource": f"arn:aws:states:::s3:{action}", "Parameters": parameters}
    return {"ItemReader": found | ({"ReaderConfig": config} if config else {})}


@pytest.fixture(scope="module")
def bucket(local_aws: Any) -> str:
    s3 = local_aws.client("s3")
    s3.create_bucket(Bucket="maps")
    contents = {
        "raw/a.json": '[{"n": 1}, {"n": 2}, {"n": 3}]',
        "raw/b.jsonl": '{"n": 1}\n\n{"n": 2}\n',
        "raw/c.csv": 'n,name\n1,"a, b"\n2\n',
        "object.json": '{"n": 1}',
    }
    for key, content in contents.items():
        s3.put_object(Bucket="maps", Key=key, Body=content.encode())
    return "maps"


@pytest.mark.parametrize(
    ("key", "config", "items"),
    [
        ("raw/a.json", {"InputType": "JSON"}, [{"n": 1}, {"n": 2}, {"n": 3}]),
        ("raw/a.json", {"InputType": "JSON", "MaxItems": 2}, [{"n": 1}, {"n": 2}]),
        ("raw/a.json", {"InputType": "JSON", "MaxItemsPath": "$.most"}, [{"n": 1}]),
        ("raw/b.jsonl", {"InputType": "JSONL"}, [{"n": 1}, {"n": 2}]),
        (
            "raw/c.csv",
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            [{"n": "1", "name": "a, b"}, {"n": "2", "name": ""}],
        ),
        (
            "raw/c.csv",
            {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x"], "MaxItems": 1},
            [{"x": "n"}],
        ),
    ],
)
def test_items_are_read_from_an_object(
    machines: Any, bucket: str, key: str, config: dict[str, Any], items: list[Any]
) -> None:
    """JSON, JSON lines and CSV, each as AWS reads it, up to MaxItems."""
    parameters = {"Bucket": bucket, "Key.$": "$.key"}
    state = each(PASS, **reader("getObject", parameters, **config))
    assert machines.output({"Each": state}, {"key": key, "most": 1}) == items


def test_objects_are_items(machines: Any, bucket: str) -> None:
    """ListObjectsV2 gives an item per object: its key, its size, its time in seconds."""
    selector = {"item.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "shared.$": "$.shared"}
    state = each(PASS, ItemSelector=selector, **reader("listObjectsV2", {"Bucket": bucket, "Prefix": "raw/"}))
    found = machines.output({"Each": state}, {"shared": 7})
    assert [item["item"]["Key"] for item in found] == ["raw/a.json", "raw/b.jsonl", "raw/c.csv"]
    assert [(item["index"], item["shared"]) for item in found] == [(0, 7), (1, 7), (2, 7)]
    assert isinstance(found[0]["item"]["LastModified"], int)
    assert {"Etag", "Size", "StorageClass"} <= found[0]["item"].keys()


@pytest.mark.parametrize(("key", "cause"), [("gone.json", "does not exist"), ("object.json", "non-iterable")])
def test_items_that_cannot_be_read_fail_the_map(machines: Any, bucket: str, key: str, cause: str) -> None:
    """The error is States.ItemReaderFailed, and the Map can catch it."""
    state = each(PASS, Catch=CATCH, **reader("getObject", {"Bucket": bucket, "Key": key}, InputType="JSON"))
    error = machines.output({"Each": state} | CAUGHT)["error"]
    assert (error["Error"], cause in error["Cause"]) == ("States.ItemReaderFailed", True)


def test_items_come_in_batches(machines: Any) -> None:
    """ItemBatcher gives an execution several items, and BatchInput beside them."""
    state = each(
        PASS,
        ItemsPath="$.items",
        ItemSelector={"n.$": "$$.Map.Item.Value"},
        ItemBatcher={"MaxItemsPerBatch": 2, "BatchInput": {"shared.$": "$.shared", "fixed": [1]}},
    )
    batch_input = {"shared": 7, "fixed": [1]}
    assert machines.output({"Each": state}, {"items": [1, 2, 3], "shared": 7}) == [
        {"BatchInput": batch_input, "Items": [{"n": 1}, {"n": 2}]},
        {"BatchInput": batch_input, "Items": [{"n": 3}]},
    ]


def test_no_items_are_no_executions(machines: Any) -> None:
    """A distributed Map over an empty list gives an empty list."""
    assert machines.output({"Each": each(PASS, ItemsPath="$.items")}, {"items": []}) == []


@pytest.mark.parametrize(
    ("tolerated", "failing", "is_tolerated"),
    [
        ({}, 1, False),
        ({"ToleratedFailureCount": 1}, 1, True),
        ({"ToleratedFailureCount": 1}, 2, False),
        ({"ToleratedFailurePercentage": 50}, 2, True),
        ({"ToleratedFailurePercentage": 49}, 2, False),
        ({"ToleratedFailurePercentagePath": "$.share"}, 2, True),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 100}, 2, False),
    ],
)
def test_some_failures_are_tolerated(
    machines: Any, tolerated: dict[str, Any], failing: int, *, is_tolerated: bool
) -> None:
    """The Map fails with States.ExceedToleratedFailureThreshold as soon as one failure is too much."""
    state = each(PICKY, ItemsPath="$.items", MaxConcurrency=1, Catch=CATCH, **tolerated)
    items = [{"fail": index < failing} for index in range(4)]
    found = machines.output({"Each": state} | CAUGHT, {"items": items, "share": 50})
    if is_tolerated:
        assert [item.get("Status", "SUCCEEDED") for item in found].count("FAILED") == failing
    else:
        assert found["error"]["Error"] == "States.ExceedToleratedFailureThreshold"


def test_results_are_written_to_s3(machines: Any, local_aws: Any, bucket: str) -> None:
    """ResultWriter leaves a manifest, and a file of executions for each status."""
    writer = {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": bucket, "Prefix.$": "States.Format('results/{}', $.name)"},
    }
    state = each(PICKY, ItemsPath="$.items", ToleratedFailurePercentage=100, ResultWriter=writer)
    given = {"items": [{"fail": False, "n": 1}, {"fail": True}], "name": "run"}
    found = machines.output({"Each": state}, given)
    details = found["ResultWriterDetails"]
    run = found["MapRunArn"].rpartition(":")[2]
    assert details == {"Bucket": bucket, "Key": f"results/run/{run}/manifest.json"}
    manifest = read(local_aws, **details)
    assert (manifest["DestinationBucket"], manifest["MapRunArn"]) == (bucket, found["MapRunArn"])
    files = manifest["ResultFiles"]
    assert [file["Key"] for file in files["SUCCEEDED"]] == [f"results/run/{run}/SUCCEEDED_0.json"]
    assert files["PENDING"] == []
    (succeeded,) = read(local_aws, Bucket=bucket, Key=files["SUCCEEDED"][0]["Key"])
    (failed,) = read(local_aws, Bucket=bucket, Key=files["FAILED"][0]["Key"])
    assert json.loads(succeeded["Output"]) == {"fail": False, "n": 1}
    assert (failed["Status"], failed["Error"], failed["Cause"]) == ("FAILED", "Own.Error", "why")


def read(local_aws: Any, **place: str) -> Any:
    return json.loads(local_aws.client("s3").get_object(**place)["Body"].read())


def test_each_item_is_an_execution(machines: Any) -> None:
    """The Map run is listed and described, and so are its executions, with a history of their own."""
    state = each(PICKY, ItemsPath="$.items", ToleratedFailureCount=1, Label="Each")
    execution = machines.start({"Each": state}, {"items": [{"fail": False}, {"fail": True}]})
    assert machines.ended(execution)["status"] == "SUCCEEDED"
    (listed,) = machines.api.list_map_runs(executionArn=execution)["mapRuns"]
    run = machines.api.describe_map_run(mapRunArn=listed["mapRunArn"])
    assert (run["status"], run["executionArn"], run["toleratedFailureCount"]) == ("SUCCEEDED", execution, 1)
    counts = {"succeeded": 1, "failed": 1, "total": 2, "pending": 0, "running": 0}
    assert {key: run["itemCounts"][key] for key in counts} == counts
    assert {key: run["executionCounts"][key] for key in counts} == counts
    children = machines.api.list_executions(mapRunArn=listed["mapRunArn"])["executions"]
    assert sorted(child["status"] for child in children) == ["FAILED", "SUCCEEDED"]
    failed = next(child["executionArn"] for child in children if child["status"] == "FAILED")
    described = machines.api.describe_execution(executionArn=failed)
    assert (described["error"], described["mapRunArn"]) == ("Own.Error", listed["mapRunArn"])
    assert machines.kinds(failed)[-1] == "ExecutionFailed"
    machine = described["stateMachineArn"].partition("/")[0]
    assert machines.api.list_executions(stateMachineArn=machine)["executions"][0]["executionArn"] == execution
    kinds = [kind for kind in machines.kinds(execution) if kind.startswith("Map")]
    assert kinds == [
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
    ]


def test_stopping_the_execution_stops_those_of_its_map(machines: Any, jobs: Any) -> None:
    """Running executions of a Map are aborted, and their jobs are stopped."""
    state = each(
        {"Run": jobs.step("import time; time.sleep(60)")},
        ItemSelector={"name.$": "States.Format('far-{}', $$.Map.Item.Value)"},
        ItemsPath="$.items",
        MaxConcurrency=2,
    )
    execution = machines.start({"Each": state}, {"items": [1, 2, 3]})
    jobs.wait("far-", "InProgress", count=2)
    machines.api.stop_execution(executionArn=execution)
    jobs.wait("far-", "Stopped", count=2)
    (run,) = machines.api.list_map_runs(executionArn=execution)["mapRuns"]
    children = machines.api.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    assert [machines.ended(child["executionArn"])["status"] for child in children] == ["ABORTED"] * 2
