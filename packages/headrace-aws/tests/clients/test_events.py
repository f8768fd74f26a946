"""What starts by itself, by the AWS command line: a rule, an alarm, a schedule."""

import json
from datetime import UTC, datetime, timedelta

from clients_shell import ACCOUNT, REGION, Shell, machine_arn, role

DAY = timedelta(days=1)
PATTERN = {"source": ["shop"], "detail": {"visits": [{"numeric": [">", 10]}]}}


def test_an_event_starts_what_its_rule_says(shell: Shell) -> None:
    """Of two events the one that fits the pattern starts the state machine, with what the transformer makes of it."""
    definition = {"StartAt": "Note", "States": {"Note": {"Type": "Pass", "End": True}}}
    machine = shell.shown(
        *("stepfunctions", "create-state-machine", "--name", "noter", "--definition", json.dumps(definition)),
        *("--role-arn", role(shell, "noter", "states.amazonaws.com")),
    )["stateMachineArn"]
    may_start = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": machine}
    caller = role(shell, "noter-caller", "events.amazonaws.com", may_start)
    shell.aws("events", "put-rule", "--name", "busy", "--event-pattern", json.dumps(PATTERN))
    transformer = {"InputPathsMap": {"visits": "$.detail.visits"}, "InputTemplate": '{"visits": <visits>}'}
    target = {"Id": "1", "Arn": machine, "RoleArn": caller, "InputTransformer": transformer}
    shell.aws("events", "put-targets", "--rule", "busy", "--targets", json.dumps([target]))
    rules = shell.shown("events", "list-rules", "--name-prefix", "busy")["Rules"]
    assert [(rule["Name"], rule["State"]) for rule in rules] == [("busy", "ENABLED")]

    entries = [
        {"Source": "shop", "DetailType": "Day", "Detail": json.dumps({"visits": visits})}
        for visits in (3, 30)
    ]
    answer = shell.shown("events", "put-events", "--entries", json.dumps(entries))
    assert answer["FailedEntryCount"] == 0
    listed = shell.eventually(
        lambda found: found["executions"] and found["executions"][0]["status"] == "SUCCEEDED",
        *("stepfunctions", "list-executions", "--state-machine-arn", machine),
    )["executions"]
    of_one = ("stepfunctions", "describe-execution", "--execution-arn", listed[0]["executionArn"])
    assert [json.loads(shell.shown(*of_one)["input"])] == [{"visits": 30}]
    assert len(listed) == 1


def test_a_metric_raises_an_alarm(shell: Shell) -> None:
    """A figure over the threshold shows in the statistics, turns the alarm, and is in its history."""
    alarm = ("--alarm-name", "too-many")
    shell.aws(
        *("cloudwatch", "put-metric-alarm", *alarm, "--namespace", "shop", "--metric-name", "visits"),
        *("--statistic", "Maximum", "--period", "60", "--evaluation-periods", "1", "--threshold", "10"),
        *("--comparison-operator", "GreaterThanThreshold"),
    )
    shell.aws(
        "cloudwatch", "put-metric-data", "--namespace", "shop", "--metric-name", "visits", "--value", "30"
    )
    described = shell.eventually(
        lambda found: found["MetricAlarms"][0]["StateValue"] == "ALARM",
        *("cloudwatch", "describe-alarms", "--alarm-names", "too-many"),
        seconds=100,
    )["MetricAlarms"][0]
    assert "30.0" in described["StateReason"]
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    points = shell.shown(
        *("cloudwatch", "get-metric-statistics", "--namespace", "shop", "--metric-name", "visits"),
        *(
            "--start-time",
            f"{today - DAY:%Y-%m-%dT%H:%M:%SZ}",
            "--end-time",
            f"{today + DAY:%Y-%m-%dT%H:%M:%SZ}",
        ),
        *("--period", "172800", "--statistics", "Maximum", "SampleCount"),
    )["Datapoints"]
    assert [(point["Maximum"], point["SampleCount"]) for point in points] == [(30.0, 1.0)]
    history = shell.shown(
        "cloudwatch", "describe-alarm-history", *alarm, "--history-item-type", "StateUpdate"
    )
    assert "to ALARM" in history["AlarmHistoryItems"][0]["HistorySummary"]


def test_the_schedules_of_the_stack_are_there(shell: Shell) -> None:
    """The scheduler lists what the stack made, with the state machine that each starts."""
    listed = shell.shown("scheduler", "list-schedules", "--name-prefix", "fork-toy")["Schedules"]
    assert {one["Name"]: one["Target"]["Arn"] for one in listed} == {
        "fork-toy-inference": machine_arn("fork-toy-inference"),
        "fork-toy-retraining": machine_arn("fork-toy-retraining"),
    }
    (group,) = {one["GroupName"] for one in listed}
    of_one = ("scheduler", "get-schedule", "--name", "fork-toy-retraining")
    assert "ResourceNotFoundException" in shell.refused(*of_one)
    one = shell.shown(*of_one, "--group-name", group)
    assert (one["ScheduleExpression"], one["State"]) == ("rate(7 days)", "DISABLED")
    assert one["Arn"] == f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{group}/fork-toy-retraining"
