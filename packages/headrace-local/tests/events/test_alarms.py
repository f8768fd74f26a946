"""Alarms that watch a metric: what makes them change, and what they then do."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from event_targets import Targets
from waiting import wait_for

NAMESPACE = "Tests"


def alarm(targets: Targets, **given: Any) -> str:
    """Return the name of an alarm on a metric of its own, above 0.2."""
    name = targets.name("alarm")
    targets.client("cloudwatch").put_metric_alarm(
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


def put(targets: Targets, metric: str, value: float, **given: Any) -> None:
    datum = {"MetricName": metric, "Value": value, **given}
    targets.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])


def state(targets: Targets, name: str) -> str:
    return str(described(targets, name)["StateValue"])


def described(targets: Targets, name: str) -> Any:
    return targets.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def test_new_data_bring_an_alarm_to_a_machine_a_topic_and_back(targets: Targets) -> None:
    """PutMetricData, the alarm, its topics, a rule and its machine: the whole way, at once; then the way back."""
    alarmed, recovered, machine = targets.queue(), targets.queue(), targets.machine()
    of = [{"Name": "Model", "Value": "m"}]
    name = alarm(
        targets,
        Dimensions=of,
        TreatMissingData="ignore",
        AlarmActions=[targets.topic(alarmed)],
        OKActions=[targets.topic(recovered)],
        AlarmDescription="drift",
    )
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [name], "state": {"value": ["ALARM"]}},
    }
    targets.rule(pattern, {"Arn": machine, "RoleArn": targets.role("events.amazonaws.com")})
    assert state(targets, name) == "INSUFFICIENT_DATA"
    put(targets, name, 0.9)  # another metric: it has no dimension
    put(targets, name, 0.1, Dimensions=of)
    assert recovered.body()["OldStateValue"] == "INSUFFICIENT_DATA"
    put(targets, name, 0.9, Dimensions=of)
    (execution,) = targets.executions(machine)
    event = json.loads(execution["input"])
    assert event["resources"] == [described(targets, name)["AlarmArn"]]
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
    kinds = [each["HistoryItemType"] for each in history(targets, name)]
    assert kinds == ["StateUpdate", "Action", "StateUpdate", "Action"]
    updates = [each["HistorySummary"] for each in history(targets, name, HistoryItemType="StateUpdate")]
    assert updates == ["Alarm updated from INSUFFICIENT_DATA to OK", "Alarm updated from OK to ALARM"]


def history(targets: Targets, name: str, **given: Any) -> list[Any]:
    answer = targets.client("cloudwatch").describe_alarm_history(
        AlarmName=name, ScanBy="TimestampAscending", **given
    )
    return list(answer["AlarmHistoryItems"])


def test_an_alarm_wants_as_many_datapoints_as_it_says(targets: Targets) -> None:
    """Two of three minutes: one high value is not enough, the second is, whatever the order they come in."""
    name = alarm(targets, EvaluationPeriods=3, DatapointsToAlarm=2, TreatMissingData="notBreaching")
    wait_for(lambda: state(targets, name) == "OK")
    now = datetime.now(UTC)
    put(targets, name, 0.9, Timestamp=now - timedelta(minutes=1))
    put(targets, name, 0.9, Timestamp=now - timedelta(minutes=1))
    time.sleep(0.1)
    assert state(targets, name) == "OK"
    put(targets, name, 0.9, Timestamp=now - timedelta(minutes=2))
    wait_for(lambda: state(targets, name) == "ALARM")


def test_an_alarm_without_data_is_what_it_treats_them_as(targets: Targets) -> None:
    """A new alarm without any data: breaching is an alarm, notBreaching is well, and the others do not know."""
    expected = {
        "breaching": "ALARM",
        "notBreaching": "OK",
        "ignore": "INSUFFICIENT_DATA",
        "missing": "INSUFFICIENT_DATA",
    }
    made = {missing: alarm(targets, TreatMissingData=missing) for missing in expected}
    wait_for(lambda: {missing: state(targets, name) for missing, name in made.items()} == expected)


def test_time_alone_brings_an_alarm_back(targets: Targets) -> None:
    """With a period of a second the alarm sees its value fade, and is well again, without any new datum."""
    name = alarm(targets, Period=10, TreatMissingData="notBreaching", EvaluationPeriods=1)
    # Old enough to leave what the alarm looks at with the end of this period, at most ten seconds away.
    put(targets, name, 0.9, Timestamp=datetime.now(UTC) - timedelta(seconds=30))
    wait_for(lambda: state(targets, name) == "ALARM")
    wait_for(lambda: state(targets, name) == "OK")


def test_an_alarm_that_may_not_act_only_changes(targets: Targets) -> None:
    """ActionsEnabled: its topic hears nothing until it is allowed; setting the state does all that a change does."""
    queue, cloudwatch = targets.queue(), targets.client("cloudwatch")
    topic = targets.topic(queue)
    name = alarm(
        targets, AlarmActions=[topic], OKActions=[topic], ActionsEnabled=False, TreatMissingData="ignore"
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="silent")
    cloudwatch.enable_alarm_actions(AlarmNames=[name])
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="loud")
    told = queue.body()
    assert (told["NewStateValue"], told["NewStateReason"], told["OldStateValue"]) == ("OK", "loud", "ALARM")
    assert [each["HistoryItemType"] for each in history(targets, name)] == [
        "StateUpdate",
        "StateUpdate",
        "Action",
    ]


def test_an_alarm_that_is_put_again_keeps_its_state(targets: Targets) -> None:
    """A new threshold is looked at with the data that are there; state and history stay until then."""
    name = alarm(targets, TreatMissingData="ignore")
    put(targets, name, 0.5)
    wait_for(lambda: state(targets, name) == "ALARM")
    settings = described(targets, name)
    targets.client("cloudwatch").put_metric_alarm(
        **{
            key: settings[key]
            for key in (
                *("AlarmName", "Namespace", "MetricName", "Statistic", "Period", "EvaluationPeriods"),
                *("ComparisonOperator", "TreatMissingData"),
            )
        },
        Threshold=0.7,
    )
    wait_for(lambda: state(targets, name) == "OK")
    assert [each["HistorySummary"] for each in history(targets, name)] == [
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        "Alarm updated from ALARM to OK",
    ]


def test_failed_executions_raise_an_alarm_on_the_metric_of_step_functions(targets: Targets) -> None:
    """AWS/States ExecutionsFailed is there: an alarm on a machine that fails changes by itself."""
    machine = targets.machine({"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "No"}}})
    name = alarm(
        targets,
        Namespace="AWS/States",
        MetricName="ExecutionsFailed",
        Dimensions=[{"Name": "StateMachineArn", "Value": machine}],
        Statistic="Sum",
        TreatMissingData="notBreaching",
    )
    wait_for(lambda: state(targets, name) == "OK")
    targets.client("stepfunctions").start_execution(stateMachineArn=machine)
    wait_for(lambda: state(targets, name) == "ALARM")


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
def test_what_is_not_evaluated_is_refused(targets: Targets, given: Any, said: str) -> None:
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
        targets.client("cloudwatch").put_metric_alarm(AlarmName=targets.name("alarm"), **request)
