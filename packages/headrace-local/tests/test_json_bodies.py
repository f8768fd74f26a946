"""What is no JSON, and no number, is refused as AWS refuses it."""

import http.client
import json
import math
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from headrace_local import strict_json
from headrace_local.testing import LocalAws

ROLE = "arn:aws:iam::000000000000:role/nobody"
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:nothing"
EVENT = '{"id": "1", "source": "a", "account": "1", "time": "2026-01-01T00:00:00Z", "region": "r", "resources": [], "detail-type": "b", "detail": {"a": %s}}'
TABLE = f"numbers-{uuid4()}"
DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": %s, "End": true}}}'
Call = Callable[[Any], Any]


@pytest.fixture(scope="module", autouse=True)
def table(local_aws: LocalAws) -> None:
    """A table for numbers."""
    local_aws.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def put(value: Any) -> Call:
    """Return what puts an item with a value of DynamoDB's."""
    return lambda client: client("dynamodb").put_item(TableName=TABLE, Item={"k": {"S": "a"}, "v": value})


def update(value: Any) -> Call:
    """Return what sets an attribute to a value of DynamoDB's."""
    return lambda client: client("dynamodb").update_item(
        TableName=TABLE,
        Key={"k": {"S": "a"}},
        UpdateExpression="SET v = :v",
        ExpressionAttributeValues={":v": value},
    )


def metric(**datum: Any) -> Call:
    """Return what puts a datum of CloudWatch's."""
    return lambda client: client("cloudwatch").put_metric_data(
        Namespace="n", MetricData=[{"MetricName": "m", **datum}]
    )


def start(text: str) -> Call:
    """Return what starts an execution."""
    return lambda client: client("stepfunctions").start_execution(stateMachineArn=MACHINE, input=text)


def define(text: str) -> Call:
    """Return what defines a state machine."""
    return lambda client: client("stepfunctions").create_state_machine(
        name="nothing", definition=DEFINITION % text, roleArn=ROLE
    )


REFUSED: list[tuple[Call, str]] = [
    (start('{"gate": NaN}'), "InvalidExecutionInput"),
    (start('{"gate": [-Infinity]}'), "InvalidExecutionInput"),
    (start('{"gate": 1e999}'), "InvalidExecutionInput"),
    (lambda client: client("events").put_events(Entries=[{"Source": "a", "DetailType": "b", "Detail": '{"a": NaN}'}]), "ValidationException"),
    (lambda client: client("events").put_rule(Name="r", EventPattern='{"detail": {"a": [{"numeric": [">", 1e999]}]}}'), "InvalidEventPatternException"),
    (lambda client: client("events").put_targets(Rule="r", Targets=[{"Id": "1", "Arn": MACHINE, "RoleArn": ROLE, "Input": "[Infinity]"}]), "ValidationException"),
    (lambda client: client("events").test_event_pattern(EventPattern='{"source": ["a"]}', Event=EVENT % "NaN"), "ValidationException"),
    (lambda client: client("scheduler").create_schedule(Name="s", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target={"Arn": MACHINE, "RoleArn": ROLE, "Input": '{"a": NaN}'}), "ValidationException"),
    (put({"N": "NaN"}), "ValidationException"),
    (put({"M": {"a": {"L": [{"N": "Infinity"}]}}}), "ValidationException"),
    (put({"NS": ["1", "nan"]}), "ValidationException"),
    (put({"L": [{"N": "1e126"}]}), "ValidationException"),
    (put({"L": [{"N": "1e-131"}]}), "ValidationException"),
    (put({"L": [{"N": "1" * 39}]}), "ValidationException"),
    (put({"L": [{"N": ""}]}), "ValidationException"),
    (update({"N": "NaN"}), "ValidationException"),
    (update({"M": {"a": {"N": "1e999"}}}), "ValidationException"),
    (metric(Value=math.nan), "InvalidParameterValue"),
    (metric(Values=[1.0, math.inf]), "InvalidParameterValue"),
    (metric(Value=1e200), "InvalidParameterValue"),
    (metric(StatisticValues={"SampleCount": 1, "Sum": -math.inf, "Minimum": 0, "Maximum": 0}), "InvalidParameterValue"),
    (lambda client: client("cloudwatch").put_metric_alarm(AlarmName="a", Namespace="n", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=math.nan, ComparisonOperator="GreaterThanThreshold"), "InvalidParameterValue"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "code"), REFUSED)
def test_a_number_that_is_none_is_refused(call: Call, code: str, local_aws: LocalAws) -> None:
    """Wherever a request has it, and with the error that the service has for it."""
    with pytest.raises(ClientError) as caught:
        call(local_aws.client)
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("text", ["NaN", '{"a": -Infinity}', "[1e999]"])
def test_a_definition_holds_no_such_number(text: str, local_aws: LocalAws) -> None:
    """The diagnostic has line and column."""
    states = local_aws.client("stepfunctions")
    found = states.validate_state_machine_definition(definition=DEFINITION % text)
    assert found["result"] == "FAIL"
    assert "is no number of JSON: line 1 column" in found["diagnostics"][0]["message"]


@pytest.mark.parametrize(
    "call",
    [
        put({"N": "-1.5e-3"}),
        put({"M": {"N": {"S": "an attribute that is called N"}}}),
        put({"NS": ["1", "1e125"]}),
        update({"L": [{"N": "0"}, {"S": "NaN"}]}),
        metric(Value=-1e100),
        metric(Values=[0.0], Counts=[1.0]),
    ],
)
def test_what_aws_takes_is_taken(call: Call, local_aws: LocalAws) -> None:
    """A text may say NaN, and the largest numbers are numbers."""
    call(local_aws.client)


@pytest.mark.parametrize(
    "body", [b'{"MaxResults": NaN}', b'{"MaxResults": 1e999}', b'{"NameContains": "NaN", "a": Infinity}']
)
def test_a_body_that_is_no_json_is_refused(body: bytes, local_aws: LocalAws) -> None:
    """As it comes over the wire: botocore's own serializer writes such bodies."""
    address = urlsplit(local_aws.endpoint)
    connection = http.client.HTTPConnection("127.0.0.1", address.port)
    headers = {
        "Host": address.netloc,
        "X-Amz-Target": "SageMaker.ListModels",
        "Content-Type": "application/x-amz-json-1.1",
    }
    connection.request("POST", "/", body, headers)
    answer = connection.getresponse()
    assert answer.status == 400
    assert json.loads(answer.read())["__type"] == "SerializationException"
    connection.close()


@pytest.mark.parametrize(
    ("text", "column"),
    [('{"NaN": NaN}', 9), ('{"a": "1e999", "b": 1e999}', 21), ("[" * 100_000, 1), (b"\xff", 1)],
)
def test_the_reader_says_where(text: str | bytes, column: int) -> None:
    """Not where a text says the same."""
    with pytest.raises(json.JSONDecodeError) as caught:
        strict_json.loads(text)
    assert caught.value.colno == column


def test_the_writer_refuses() -> None:
    """What the local AWS answers and gives to jobs is JSON too."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        strict_json.dumps({"a": math.nan})
