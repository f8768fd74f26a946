"""Schedules that fire."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from event_targets import Queue, Targets
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.events.models import events_backends
from waiting import wait_for

from headrace_local.events import dispatch, schedules, timers
from headrace_local.files import log_file
from headrace_local.testing import LocalAws

SERVICE = "scheduler.amazonaws.com"


def schedule(targets: Targets, expression: str, target: Any, **given: Any) -> str:
    name = targets.name("schedule")
    given.setdefault("FlexibleTimeWindow", {"Mode": "OFF"})
    targets.client("scheduler").create_schedule(
        Name=name, ScheduleExpression=expression, Target=target, **given
    )
    return name


def to(queue: Queue, targets: Targets, text: str = "{}") -> dict[str, Any]:
    return {"Arn": queue.arn, "RoleArn": targets.role(SERVICE), "Input": text}


def at(seconds: float, zone_hours: int = 0) -> str:
    """Return the expression of a moment so many seconds ahead, on a clock so many hours ahead of UTC."""
    moment = datetime.now(UTC) + timedelta(seconds=seconds, hours=zone_hours)
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"


def test_a_schedule_fires_when_it_is_due_with_its_placeholders_filled(targets: Targets) -> None:
    """Once, at the second that it says in its zone; then it is gone, if it is to be."""
    queue = targets.queue()
    text = json.dumps(
        {key: f"<aws.scheduler.{key}>" for key in ("schedule-arn", "scheduled-time", "attempt-number")}
    )
    expression = at(1.5, zone_hours=9)
    name = schedule(
        targets,
        expression,
        to(queue, targets, text),
        ScheduleExpressionTimezone="Asia/Tokyo",
        ActionAfterCompletion="DELETE",
    )
    told = queue.body()
    due = datetime.fromisoformat(expression[3:-1]) - timedelta(hours=9)
    assert told == {
        "schedule-arn": f"arn:aws:scheduler:us-east-1:000000000000:schedule/default/{name}",
        "scheduled-time": f"{due:%Y-%m-%dT%H:%M:%SZ}",
        "attempt-number": "1",
    }
    assert timedelta(0) <= datetime.now(UTC).replace(tzinfo=None) - due < timedelta(seconds=5)
    scheduler = targets.client("scheduler")

    def is_gone() -> bool:
        return name not in [each["Name"] for each in scheduler.list_schedules(NamePrefix=name)["Schedules"]]

    wait_for(is_gone)


def test_a_rate_begins_at_its_start_and_a_disabled_or_ended_one_does_not(targets: Targets) -> None:
    """Of four schedules that would be due, only the one that is enabled, there and not at its end fires."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    queues = {what: targets.queue() for what in ("fires", "disabled", "ended", "deleted")}
    given: dict[str, dict[str, Any]] = {
        "fires": {},
        "disabled": {"State": "DISABLED"},
        "ended": {"EndDate": start - timedelta(seconds=1)},
        "deleted": {},
    }
    names = {
        what: schedule(targets, "rate(5 minutes)", to(queue, targets), StartDate=start, **given[what])
        for what, queue in queues.items()
    }
    targets.client("scheduler").delete_schedule(Name=names["deleted"])
    assert queues.pop("fires").body() == {}
    assert datetime.now(UTC) >= start
    time.sleep(0.2)
    for queue in queues.values():
        assert "Messages" not in queue.sqs.receive_message(QueueUrl=queue.url)


def test_a_schedule_acts_as_its_role_or_not_at_all(targets: Targets, local_aws: LocalAws) -> None:
    """A role that is gone when the schedule is due: the log names schedule, role and target, the queue has a letter."""
    letters, machine = targets.queue(), targets.machine()
    role = targets.role(SERVICE)
    target = {"Arn": machine, "RoleArn": role, "Input": '{"a": 1}', "DeadLetterConfig": {"Arn": letters.arn}}
    name = schedule(targets, at(1.2), target)
    iam, role_name = targets.client("iam"), role.rpartition("/")[2]
    iam.delete_role_policy(RoleName=role_name, PolicyName="all")
    iam.delete_role(RoleName=role_name)
    (letter,) = letters.messages()
    told = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert (json.loads(letter["Body"]), told["ERROR_CODE"]) == ({"a": 1}, "NO_PERMISSIONS")
    assert told["SCHEDULE_ARN"].endswith(f":schedule/default/{name}")
    assert told["SCHEDULED_TIME"].endswith("Z")
    lines = [line for line in log_file(local_aws.home).read_text().splitlines() if f"default/{name}" in line]
    assert "did not fire" in lines[0]
    assert role in lines[0]
    assert machine in lines[0]


@pytest.mark.parametrize(
    ("expression", "given", "said"),
    [
        ("cron(0 6 * * * *)", {}, "Invalid Schedule Expression"),
        ("rate(1 day)", {"ScheduleExpressionTimezone": "Mars/Olympus"}, "Invalid ScheduleExpressionTimezone"),
        ("rate(1 day)", {"GroupName": "nobody"}, "Schedule group nobody does not exist"),
        ("rate(1 day)", {"Target": "untrusting"}, "must allow AWS EventBridge Scheduler to assume"),
    ],
)
def test_what_aws_refuses_is_refused(targets: Targets, expression: str, given: Any, said: str) -> None:
    """Expression, zone, group and role are checked when the schedule is made."""
    target = to(targets.queue(), targets)
    if given.pop("Target", None):
        target["RoleArn"] = targets.role("events.amazonaws.com")
    with pytest.raises(ClientError, match=said):
        schedule(targets, expression, target, **given)


def test_a_group_is_not_made_twice(targets: Targets) -> None:
    """A second group of the name is a conflict, and the first keeps its schedules."""
    scheduler, group = targets.client("scheduler"), targets.name("group")
    scheduler.create_schedule_group(Name=group)
    name = schedule(targets, "rate(1 day)", to(targets.queue(), targets), GroupName=group)
    with pytest.raises(scheduler.exceptions.ConflictException):
        scheduler.create_schedule_group(Name=group)
    assert scheduler.get_schedule(Name=name, GroupName=group)["Name"] == name


def test_an_update_that_gives_no_state_enables(targets: Targets) -> None:
    """UpdateSchedule takes what it is not given to be the default, as AWS documents."""
    scheduler, target = targets.client("scheduler"), to(targets.queue(), targets)
    name = schedule(targets, "rate(1 day)", target, State="DISABLED")
    scheduler.update_schedule(
        Name=name, ScheduleExpression="rate(2 days)", Target=target, FlexibleTimeWindow={"Mode": "OFF"}
    )
    assert scheduler.get_schedule(Name=name)["State"] == "ENABLED"


@mock_aws
def test_a_rule_with_a_schedule_sends_the_event_of_its_moment() -> None:
    """When it is due, an enabled rule sends AWS's Scheduled Event, a disabled one nothing; both are armed again."""
    targets = Targets(lambda service: boto3.client(service, region_name="us-east-1"))  # type: ignore[call-overload]
    backend, queue = events_backends[DEFAULT_ACCOUNT_ID]["us-east-1"], targets.queue()
    rules = [targets.name("nightly") for _ in range(2)]
    for name, state in zip(rules, ("DISABLED", "ENABLED"), strict=True):
        targets.client("events").put_rule(Name=name, ScheduleExpression="cron(0 6 * * ? *)", State=state)
        targets.client("events").put_targets(Rule=name, Targets=[{"Id": "0", "Arn": queue.arn}])
    dispatch.start()
    for name in rules:
        schedules.fire_rule(backend, name)
    # Each call is made twice: by the client that needs no network, and by moto's own for tests.
    event, again = queue.bodies(2)
    assert again == event
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
    assert event["resources"] == [backend.describe_rule(rules[1], None).arn]


def test_the_timer_sleeps_until_the_next_moment_and_takes_news() -> None:
    """What is due is done in order; a moment that changed counts as it is now, one that was cancelled not at all."""
    mine, done = timers.Timers(), list[str]()
    mine.start()
    soon = datetime.now(UTC) + timedelta(seconds=0.1)
    mine.set("late", soon + timedelta(seconds=0.1), lambda: done.append("late"))
    mine.set("moved", soon + timedelta(hours=1), lambda: done.append("never"))
    mine.set("moved", soon, lambda: done.append("moved"))
    mine.set("cancelled", soon, lambda: done.append("cancelled"))
    mine.set("unset", soon, lambda: done.append("unset"))
    mine.cancel("cancelled")
    mine.set("unset", None, lambda: None)
    wait_for(lambda: len(done) == 2)
    assert done == ["moved", "late"]
