"""What is kept of rules, schedules and alarms when the server ends, well or not."""

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from event_targets import Queue, Targets
from waiting import wait_for

from headrace_local.files import state_file
from headrace_local.lifecycle import running, start, stop
from headrace_local.testing import LocalAws


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    stop(tmp_path)


def test_a_killed_server_that_starts_again_fires_what_is_due_then(home: Path) -> None:
    """After kill -9 a schedule is armed anew, a rule fires, an alarm is in its state, with its history."""
    begun = time.monotonic()
    server = start(home)
    to_start = timedelta(seconds=time.monotonic() - begun)
    targets = Targets(LocalAws(server).client)
    by_schedule, by_rule = targets.queue(), targets.queue()
    role = targets.role("scheduler.amazonaws.com", "events.amazonaws.com")
    alarm(targets)
    targets.rule({"source": ["kept"]}, {"Arn": by_rule.arn, "RoleArn": role})
    due = datetime.now(UTC) + timedelta(seconds=4) + 1.5 * to_start
    targets.client("scheduler").create_schedule(
        Name="kept",
        ScheduleExpression="rate(1 minute)",
        StartDate=due,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": by_schedule.arn, "RoleArn": role, "Input": '{"kept": true}'},
    )
    wait_for(lambda: state_file(home).exists() and b"rate(1 minute)" in state_file(home).read_bytes())
    os.kill(server.pid, signal.SIGKILL)
    wait_for(lambda: running(home) is None)
    again = LocalAws(start(home), "us-east-1")
    (found,) = again.client("cloudwatch").describe_alarms(AlarmNames=["kept"])["MetricAlarms"]
    assert found["StateValue"] == "ALARM"
    (entry,) = again.client("cloudwatch").describe_alarm_history(AlarmName="kept")["AlarmHistoryItems"]
    assert entry["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"
    event = {"Source": "kept", "DetailType": "Test", "Detail": json.dumps({"n": 1})}
    again.client("events").put_events(Entries=[event])
    assert reopened(again, by_rule).body()["detail"] == {"n": 1}
    # Should this machine be so busy that the first minute was missed, the next one is not.
    (message,) = reopened(again, by_schedule).messages(seconds=80)
    assert json.loads(message["Body"]) == {"kept": True}
    assert datetime.now(UTC) >= due - timedelta(seconds=1)


def alarm(targets: Targets) -> None:
    """Make an alarm that is in ALARM."""
    cloudwatch = targets.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="kept",
        Namespace="Tests",
        MetricName="kept",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=[{"MetricName": "kept", "Value": 1}])

    def is_alarmed() -> bool:
        (found,) = cloudwatch.describe_alarms(AlarmNames=["kept"])["MetricAlarms"]
        return bool(found["StateValue"] == "ALARM")

    wait_for(is_alarmed)


def reopened(aws: LocalAws, queue: Queue) -> Queue:
    """Return a queue of the server that ran before, on this one."""
    sqs, name = aws.client("sqs"), queue.arn.rpartition(":")[2]
    return Queue(sqs, sqs.get_queue_url(QueueName=name)["QueueUrl"], queue.arn)
