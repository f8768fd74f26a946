"""Alarms that watch a metric: what makes them change, and what they then do."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from event_targets import Place, wait_for

NAMESPACE = "Tests"


def alarm(place: Place, **given: Any) -> str:
    """Return the name of an alarm on a metric of its own, above 0.2."""
    name = place.name("alarm")
    place.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        **{
            "Namespace": NAMESPACE,
            "MetricName": name,
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0.2,
            "ComparisonOperator": "GreaterThanThreshold",
            **given,
        },
    )
    return name


def put(place: Place, metric: str, value: float, **given: Any) -> None:
    datum = {"MetricName": metric, "Value": value, **given}
    place.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])


def state(place: Place, name: str) -> str:
    return str(described(place, name)["StateValue"])


def described(place: Place, name: str) -> Any:
    return place.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def test_new_data_bring_an_alarm_to_a_machine_a_topic_and_back(place: Place) -> None:
    """PutMetricData, the alarm, its topics, a rule and its machine: the whole way, at once; then the way back."""
    alarmed, recovered, machine = place.queue(), place.queue(), place.machine()
    of = [{"Name": "Model", "Value": "m"}]
    name = alarm(
        place,
        Dimensions=of,
        TreatMissingData="ignore",
        AlarmActions=[place.topic(alarmed)],
        OKActions=[place.topic(recovered)],
        AlarmDescription="drift",
    )
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [name], "state": {"value": ["ALARM"]}},
    }
    place.rule(pattern, {"Arn": machine, "RoleArn": place.role("events.amazonaws.com")})
    assert state(place, name) == "INSUFFICIENT_DATA"
    put(place, name, 0.9)  # another metric: it has no dimension
    put(place, name, 0.1, Dimensions=of)
    assert recovered.body()["OldStateValue"] == "INSUFFICIENT_DATA"
    put(place, name, 0.9, Dimensions=of)
    (execution,) = place.executions(machine)
    event = json.loads(execution["input"])
    assert event["resources"] == [described(place, name)["AlarmArn"]]
    detail = event["detail"]
    assert (detail["previousState"]["value"], detail["state"]["value"]) == ("OK", "ALARM")
    assert json.loads(detail["state"]["reasonData"])["recentDatapoints"] == [0.9]
    (metric,) = detail["configuration"]["metrics"]
    assert metric["metricStat"] == {
        "metric": {"namespace": NAMESPACE, "name": name, "dimensions": {"Model": "m"}},
        "period": 60,
        "stat": "Maximum",
    }
    told = alarmed.body()
    assert (told["AlarmName"], told["NewStateValue"], told["OldStateValue"]) == (name, "ALARM", "OK")
    assert told["Trigger"]["Dimensions"] == [{"name": "Model", "value": "m"}]
    assert told["Region"] == "US East (N. Virginia)"
    kinds = [each["HistoryItemType"] for each in history(place, name)]
    assert kinds == ["StateUpdate", "Action", "StateUpdate", "Action"]
    updates = [each["HistorySummary"] for each in history(place, name, HistoryItemType="StateUpdate")]
    assert updates == ["Alarm updated from INSUFFICIENT_DATA to OK", "Alarm updated from OK to ALARM"]


def history(place: Place, name: str, **given: Any) -> list[Any]:
    answer = place.client("cloudwatch").describe_alarm_history(
        AlarmName=name, ScanBy="TimestampAscending", **given
    )
    return list(answer["AlarmHistoryItems"])


def test_an_alarm_wants_as_many_datapoints_as_it_says(place: Place) -> None:
    """Two of three minutes: one high value is not enough, the second is, whatever the order they come in."""
    name = alarm(place, EvaluationPeriods=3, DatapointsToAlarm=2, TreatMissingData="notBreaching")
    wait_for(lambda: state(place, name) == "OK")
    now = datetime.now(UTC)
    put(place, name, 0.9, Timestamp=now - timedelta(minutes=1))
    put(place, name, 0.9, Timestamp=now - timedelta(minutes=1))
    time.sleep(0.1)
    assert state(place, name) == "OK"
    put(place, name, 0.9, Timestamp=now - timedelta(minutes=2))
    wait_for(lambda: state(place, name) == "ALARM")


def test_an_alarm_without_data_is_what_it_treats_them_as(place: Place) -> None:
    """A new alarm without any data: breaching is an alarm, notBreaching is well, and the others do not know."""
    expected = {
        "breaching": "ALARM",
        "notBreaching": "OK",
        "ignore": "INSUFFICIENT_DATA",
        "missing": "INSUFFICIENT_DATA",
    }
    made = {missing: alarm(place, TreatMissingData=missing) for missing in expected}
    wait_for(lambda: {missing: state(place, name) for missing, name in made.items()} == expected)


def test_time_alone_brings_an_alarm_back(place: Place) -> None:
    """With a period of a second the alarm sees its value fade, and is well again, without any new datum."""
    name = alarm(place, Period=10, TreatMissingData="notBreaching", EvaluationPeriods=1)
    # Old enough to leave what the alarm looks at with the end of this period, at most ten seconds away.
    put(place, name, 0.9, Timestamp=datetime.now(UTC) - timedelta(seconds=30))
    wait_for(lambda: state(place, name) == "ALARM")
    wait_for(lambda: state(place, name) == "OK")


def test_an_alarm_that_may_not_act_only_changes(place: Place) -> None:
    """ActionsEnabled: its topic hears nothing until it is allowed; setting the state does all that a change does."""
    queue, cloudwatch = place.queue(), place.client("cloudwatch")
    topic = place.topic(queue)
    name = alarm(
        place, AlarmActions=[topic], OKActions=[topic], ActionsEnabled=False, TreatMissingData="ignore"
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="silent")
    cloudwatch.enable_alarm_actions(AlarmNames=[name])
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="loud")
    told = queue.body()
    assert (told["NewStateValue"], told["NewStateReason"], told["OldStateValue"]) == ("OK", "loud", "ALARM")
    assert [each["HistoryItemType"] for each in history(place, name)] == [
        "StateUpdate",
        "StateUpdate",
        "Action",
    ]


def test_an_alarm_that_is_put_again_keeps_its_state(place: Place) -> None:
    """A new threshold is looked at with the data that are there; state and history stay until then."""
    name = alarm(place, TreatMissingData="ignore")
    put(place, name, 0.5)
    wait_for(lambda: state(place, name) == "ALARM")
    settings = described(place, name)
    place.client("cloudwatch").put_metric_alarm(
        **{
            key: settings[key]
            for key in (
                *("AlarmName", "Namespace", "MetricName", "Statistic", "Period", "EvaluationPeriods"),
                *("ComparisonOperator", "TreatMissingData"),
            )
        },
        Threshold=0.7,
    )
    wait_for(lambda: state(place, name) == "OK")
    assert [each["HistorySummary"] for each in history(place, name)] == [
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        "Alarm updated from ALARM to OK",
    ]


def test_failed_executions_raise_an_alarm_on_the_metric_of_step_functions(place: Place) -> None:
    """AWS/States ExecutionsFailed is there: an alarm on a machine that fails changes by itself."""
    machine = place.machine({"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "No"}}})
    name = alarm(
        place,
        Namespace="AWS/States",
        MetricName="ExecutionsFailed",
        Dimensions=[{"Name": "StateMachineArn", "Value": machine}],
        Statistic="Sum",
        TreatMissingData="notBreaching",
    )
    wait_for(lambda: state(place, name) == "OK")
    place.client("stepfunctions").start_execution(stateMachineArn=machine)
    wait_for(lambda: state(place, name) == "ALARM")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "does not know the comparison"),
        (
            {"Metrics": [{"Id": "e", "Expression": "m1 * 2"}], "Statistic": None},
            "evaluates alarms on one metric, and no expressions",
        ),
    ],
)
def test_what_is_not_evaluated_is_refused(place: Place, given: Any, said: str) -> None:
    """An alarm that could never change is an error that says so, and not a silence."""
    request = {
        "Namespace": NAMESPACE,
        "MetricName": "m",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        **given,
    }
    request = {key: value for key, value in request.items() if value is not None}
    with pytest.raises(ClientError, match=said):
        place.client("cloudwatch").put_metric_alarm(AlarmName=place.name("alarm"), **request)
