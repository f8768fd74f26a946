"""Schedules that fire: those of EventBridge Scheduler, and rules with a schedule. moto's files are moto/scheduler/."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import ValidationException as RuleRefused
from moto.events.models import EventsBackend, Rule, events_backends
from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, ScheduleGroup, scheduler_backends

from headrace_local.context import current
from headrace_local.events import clients, dispatch, rules, targets
from headrace_local.events.event import Json, in_utc, made, text_of
from headrace_local.events.timers import TIMERS
from headrace_local.grammars import cron
from headrace_local.patching import replace

PRINCIPAL = "scheduler.amazonaws.com"
_ENABLED = "ENABLED"


class GroupExistsError(JsonRESTError):
    """A schedule group has the name."""

    def __init__(self, message: str) -> None:
        super().__init__("ConflictException", message)


def install() -> None:
    """Have schedules fire."""
    fire_schedules()
    forget_deleted_schedules()
    refuse_a_second_group()
    fire_rules_with_a_schedule()


def fire_schedules() -> None:
    """Check a schedule as AWS does, and arm it.

    models.py:202 takes any expression, any role and a group that there is not (a KeyError), and no schedule fires;
    models.py:118 makes the state None when an update gives none.
    """

    def create(backend: EventBridgeSchedulerBackend, **given: Json) -> Schedule:
        return put(create_stock, backend, given)

    def update(backend: EventBridgeSchedulerBackend, **given: Json) -> Schedule:
        return put(update_stock, backend, given)

    def put(
        stock: Callable[..., Schedule], backend: EventBridgeSchedulerBackend, given: dict[str, Json]
    ) -> Schedule:
        backend.get_schedule_group(given["group_name"])
        given["state"] = given["state"] or _ENABLED
        place = f"arn:aws:scheduler:{backend.region_name}:{backend.account_id}"
        _check(given, f"{place}:schedule-group/{given['group_name'] or 'default'}")
        schedule = stock(backend, **given)
        arm(backend, schedule)
        current().unsaved.set()
        return schedule

    create_stock = replace(EventBridgeSchedulerBackend, "create_schedule", create)
    update_stock = replace(EventBridgeSchedulerBackend, "update_schedule", update)


def forget_deleted_schedules() -> None:
    """Cancel the timer of a deleted schedule; models.py:228 has no timers."""

    def delete(backend: EventBridgeSchedulerBackend, group_name: str | None, name: str) -> None:
        TIMERS.cancel(backend.get_schedule(group_name, name).arn)
        stock(backend, group_name, name)

    stock = replace(EventBridgeSchedulerBackend, "delete_schedule", delete)


def refuse_a_second_group() -> None:
    """Refuse a group whose name is taken; models.py:293 puts an empty one in its place."""

    def create(backend: EventBridgeSchedulerBackend, name: str, tags: Json) -> ScheduleGroup:
        if name in backend.schedule_groups:
            raise GroupExistsError(f"Schedule group {name} already exists.")
        group: ScheduleGroup = stock(backend, name, tags)
        return group

    stock = replace(EventBridgeSchedulerBackend, "create_schedule_group", create)


def fire_rules_with_a_schedule() -> None:
    """Arm a rule that has a schedule; moto/events/models.py:1245 never looks at it again.

    A rule that is disabled or deleted in the meantime is not fired: it is looked up when its moment has come.
    """

    def put(backend: EventsBackend, *arguments: Json, **named: Json) -> Rule:
        expression = named.get("scheduled_expression")
        if expression:
            try:
                cron.parsed(expression)
            except cron.ExpressionError:
                raise RuleRefused("Parameter ScheduleExpression is not valid.") from None
        rule: Rule = stock(backend, *arguments, **named)
        vars(rule)["since"] = datetime.now(UTC)
        arm_rule(backend, rule)
        current().unsaved.set()
        return rule

    stock = replace(EventsBackend, "put_rule", put)


def arm_all() -> None:
    """Arm every schedule: the state was loaded. What was due while the server was down is not made up for."""
    schedulers: list[Any] = [backend for _, _, backend in scheduler_backends.iter_backends()]
    for backend in schedulers:
        for group in backend.schedule_groups.values():
            for schedule in group.schedules.values():
                arm(backend, schedule)
    buses: list[Any] = [backend for _, _, backend in events_backends.iter_backends()]
    for backend in buses:
        for rule in backend.event_buses["default"].rules.values():
            arm_rule(backend, rule)


def arm(backend: EventBridgeSchedulerBackend, schedule: Schedule) -> None:
    """Have a schedule fire when it is next due."""
    moment = next_firing(schedule, datetime.now(UTC))
    TIMERS.set(schedule.arn, moment, lambda: _fire(backend, schedule.group_name, schedule.name, moment))


def next_firing(schedule: Schedule, now: datetime) -> datetime | None:
    """Return the next moment at which a schedule fires, or None when there is none."""
    if schedule.state != _ENABLED:
        return None
    start, end = _moment(schedule.start_date), _moment(schedule.end_date)
    # A rate counts from its start, and is first due then; cron and at know their own moments.
    anchor = start or datetime.fromtimestamp(schedule.creation_date, UTC)
    after = max(now, start) if start else now
    if start and start > now:
        after = datetime.fromtimestamp(start.timestamp() - 1e-3, UTC)
    due = cron.next_due(schedule.schedule_expression, after, anchor, schedule.schedule_expression_timezone)
    return None if due is None or (end and due > end) else due


def arm_rule(backend: EventsBackend, rule: Rule) -> None:
    """Have a rule with a schedule fire when it is next due."""
    if rule.scheduled_expression:
        now = datetime.now(UTC)
        moment = cron.next_due(rule.scheduled_expression, now, vars(rule).get("since", now))
        TIMERS.set(rule.arn, moment, lambda: fire_rule(backend, rule.name))


def fire_rule(backend: EventsBackend, name: str) -> None:
    """Fire a rule by its schedule, if it is still there and enabled, with the event that AWS makes for it."""
    rule = backend.event_buses["default"].rules.get(name)
    if rule is None:
        return
    arm_rule(backend, rule)
    if rule.state != "DISABLED":
        event = made(rule.account_id, rule.region_name, "aws.events", "Scheduled Event", [rule.arn], {})
        rules.fire(rule, event)


def _fire(backend: EventBridgeSchedulerBackend, group_name: str, name: str, moment: datetime | None) -> None:
    schedule = (
        backend.schedule_groups[group_name].schedules.get(name)
        if group_name in backend.schedule_groups
        else None
    )
    if schedule is None or moment is None:
        return
    arm(backend, schedule)
    execution = uuid4().hex[:16]
    facts = {
        "schedule-arn": schedule.arn,
        "scheduled-time": text_of(moment),
        "execution-id": execution,
        "attempt-number": "1",
    }
    target = schedule.target
    text = target.get("Input") or "{}"
    for key, value in facts.items():
        text = text.replace(f"<aws.scheduler.{key}>", value)
    attributes = {
        "SCHEDULE_ARN": schedule.arn,
        "SCHEDULED_TIME": text_of(moment),
        "EXECUTION_ID": execution,
        "IS_PAYLOAD_TRUNCATED": "false",
    }
    sender = targets.Sender("schedule", schedule.arn, PRINCIPAL, attributes)
    dispatch.later(lambda: targets.deliver(sender, target, text, execution))
    over = schedule.state == _ENABLED and next_firing(schedule, datetime.now(UTC)) is None
    if over and schedule.action_after_completion == "DELETE":
        backend.delete_schedule(group_name, name)
        current().unsaved.set()


def _check(given: dict[str, Json], group_arn: str) -> None:
    """Raise AWS's error for an expression, a zone or a role that EventBridge Scheduler would not take."""
    try:
        cron.parsed(given["schedule_expression"])
    except cron.ExpressionError as error:
        raise ValidationException(str(error)) from error
    zone = given["schedule_expression_timezone"]
    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValidationException(f"Invalid ScheduleExpressionTimezone {zone}.") from error
    try:
        clients.check_role(given["target"]["RoleArn"], PRINCIPAL, group_arn)
    except clients.RoleRefusedError as error:
        raise ValidationException(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role: "
            f"{error}."
        ) from error


def _moment(seconds: Json) -> datetime | None:
    """Return a moment that moto keeps as seconds since 1970, or as it was given."""
    if seconds is None or seconds == "":
        return None
    if isinstance(seconds, datetime):
        return in_utc(seconds)
    if isinstance(seconds, str) and not seconds.replace(".", "", 1).isdecimal():
        return in_utc(datetime.fromisoformat(seconds))
    return datetime.fromtimestamp(float(seconds), UTC)
