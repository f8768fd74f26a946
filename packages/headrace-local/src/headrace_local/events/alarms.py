"""Alarms that are evaluated: when data come, and when time alone can change them. moto's files are moto/cloudwatch/."""

import time
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterValue, ValidationError
from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends

from headrace_local import strict_json
from headrace_local.context import current
from headrace_local.events import depth, evaluation, statistics
from headrace_local.events.alarm_changes import enter, moment_text
from headrace_local.events.evaluation import INSUFFICIENT, Rule
from headrace_local.events.event import Json
from headrace_local.events.statistics import Metric
from headrace_local.events.timers import TIMERS
from headrace_local.patching import replace

_LARGEST_VALUE = 2.0**360
_NEXT_LOOK_SECONDS = 60  # CloudWatch looks at an alarm once a minute


def install() -> None:
    """Correct the alarms."""
    begin_without_data()
    evaluate_new_data()
    change_state_by_hand()
    forget_deleted_alarms()


def begin_without_data() -> None:
    """Begin as INSUFFICIENT_DATA, keep state and history when an alarm is put again, refuse what is not evaluated.

    models.py:179 begins as OK, models.py:600 forgets what an alarm with that name was, and takes expressions that
    nothing works out.
    """

    def put(backend: CloudWatchBackend, name: str, *arguments: Json, **named: Json) -> Alarm:
        _check(named)
        _check_number(named.get("threshold"), "Threshold")
        former = backend.alarms.get(name)
        alarm: Alarm = stock(backend, name, *arguments, **named)
        if former is None:
            alarm.state_value = INSUFFICIENT
        else:
            for attribute in (
                "state_value",
                "state_reason",
                "state_reason_data",
                "state_updated_timestamp",
                "history",
            ):
                setattr(alarm, attribute, getattr(former, attribute))
        _look_soon(backend, alarm)
        return alarm

    stock = replace(CloudWatchBackend, "put_metric_alarm", put)


def _check_number(value: Json, name: str) -> None:
    """Raise `InvalidParameterValue` for what CloudWatch takes for no number (API Reference, MetricDatum)."""
    if value is not None and not abs(float(value)) <= _LARGEST_VALUE:
        raise InvalidParameterValue(f"The value {value} for parameter {name} is invalid.")


def evaluate_new_data() -> None:
    """Evaluate the alarms on a metric when data are put; models.py:653 only keeps them.

    At once, where AWS takes up to a minute. Values are those that the API's page has: moto refuses NaN only.
    """

    def put(backend: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        for index, datum in enumerate(metric_data, 1):
            place = f"MetricData.member.{index}"
            statistics_of = datum.get("StatisticValues") or {}
            for name, values in {
                "Value": [datum.get("Value")],
                "Values": datum.get("Values") or (),
                **{f"StatisticValues.{key}": [value] for key, value in statistics_of.items()},
            }.items():
                for value in values:
                    _check_number(value, f"{place}.{name}")
        before = len(backend.metric_data)
        stock(backend, namespace, metric_data)
        new = backend.metric_data[before:]
        for alarm in list(backend.alarms.values()):
            metric = _metric(alarm)
            if metric and any(metric.is_of(datum) for datum in new):
                _look_soon(backend, alarm)

    stock = replace(CloudWatchBackend, "put_metric_data", put)


def change_state_by_hand() -> None:
    """Have SetAlarmState do all that a change of state does; models.py:987 only notes the state.

    The next look, within a minute, puts the alarm back to what its metric says, as on AWS.
    """

    def set_state(
        backend: CloudWatchBackend, alarm_name: str, reason: str, reason_data: str, state_value: str
    ) -> None:
        alarm = backend.alarms.get(alarm_name)
        before = (alarm.state_value, alarm.state_reason, alarm.state_reason_data) if alarm else None
        stock(backend, alarm_name, reason, reason_data, state_value)
        if alarm and before:
            alarm.state_value, alarm.state_reason, alarm.state_reason_data = before
            alarm.history.pop()  # moto's note of it
            enter(backend.account_id, alarm, state_value, reason, reason_data or "{}")
            soon = datetime.fromtimestamp(time.time() + _NEXT_LOOK_SECONDS, UTC)
            TIMERS.set(alarm.alarm_arn, soon, lambda: look(backend, alarm_name))

    stock = replace(CloudWatchBackend, "set_alarm_state", set_state)


def forget_deleted_alarms() -> None:
    """Cancel the timer of a deleted alarm; models.py:641 has no timers."""

    def delete(backend: CloudWatchBackend, alarm_names: list[str]) -> None:
        for name in alarm_names:
            if name in backend.alarms:
                TIMERS.cancel(backend.alarms[name].alarm_arn)
        stock(backend, alarm_names)

    stock = replace(CloudWatchBackend, "delete_alarms", delete)


def watch_all() -> None:
    """Look at every alarm: the state was loaded, and time has passed since it was saved."""
    backends: list[Any] = [backend for _, _, backend in cloudwatch_backends.iter_backends()]
    for backend in backends:
        for alarm in backend.alarms.values():
            _look_soon(backend, alarm)


def look(backend: CloudWatchBackend, name: str) -> None:
    """Evaluate an alarm, and come back when time alone can change it: at the end of the period that runs.

    When no datum is in sight that cannot happen, and the alarm is evaluated again when there is a new one.
    """
    alarm = backend.alarms.get(name)
    metric = _metric(alarm) if alarm else None
    if alarm is None or metric is None:
        return
    rule, now = _rule(alarm), time.time()
    first = evaluation.first_period(rule, now)
    values = statistics.by_period(backend.metric_data, metric, rule.period_seconds, first)
    if values:
        ends = (int(now // rule.period_seconds) + 1) * rule.period_seconds
        TIMERS.set(alarm.alarm_arn, datetime.fromtimestamp(ends, UTC), lambda: look(backend, name))
    found = evaluation.verdict(rule, values, now, alarm.state_value)
    if found.state != alarm.state_value:
        data = _reason_data(metric, rule, found)
        enter(backend.account_id, alarm, found.state, found.reason, data)


def _look_soon(backend: CloudWatchBackend, alarm: Alarm) -> None:
    name = alarm.name
    current().unsaved.set()
    TIMERS.set(alarm.alarm_arn, datetime.now(UTC), depth.at_this_depth(lambda: look(backend, name)))


def _check(named: dict[str, Json]) -> None:
    """Raise AWS's error for an alarm on what the local AWS does not evaluate; its message says so."""
    queries: list[Json] = named.get("metric_data_queries") or []
    if named.get("rule"):
        raise ValidationError("The local AWS evaluates no composite alarms.")
    if len(queries) > 1 or any(query.expression for query in queries):
        raise ValidationError("The local AWS evaluates alarms on one metric, and no expressions.")
    if named.get("comparison_operator") not in evaluation.COMPARISONS:
        raise ValidationError(
            f"The local AWS does not know the comparison {named.get('comparison_operator')}; it knows: "
            f"{', '.join(sorted(evaluation.COMPARISONS))}."
        )


def _metric(alarm: Alarm) -> Metric | None:
    if alarm.metric_data_queries:
        asked: Json = alarm.metric_data_queries[0].metric_stat
        of = statistics.dimensions(asked.metric.dimensions)
        return Metric(asked.metric.namespace, asked.metric.metric_name, of, asked.stat, asked.unit)
    statistic = alarm.statistic or alarm.extended_statistic
    if not alarm.metric_name or not statistic:
        return None
    of = statistics.dimensions(alarm.dimensions)
    return Metric(alarm.namespace, alarm.metric_name, of, statistic, alarm.unit)


def _rule(alarm: Alarm) -> Rule:
    asked: Json = alarm.metric_data_queries[0].metric_stat if alarm.metric_data_queries else alarm
    periods = int(alarm.evaluation_periods)
    return Rule(
        alarm.comparison_operator,
        float(alarm.threshold),
        int(asked.period),
        periods,
        int(alarm.datapoints_to_alarm or periods),
        alarm.treat_missing_data or "missing",
    )


def _reason_data(metric: Metric, rule: Rule, found: evaluation.Verdict) -> str:
    facts: dict[str, Json] = {
        "version": "1.0",
        "queryDate": moment_text(datetime.now(UTC)),
        "statistic": metric.statistic,
        "period": rule.period_seconds,
        "recentDatapoints": list(found.values),
        "threshold": rule.threshold,
    }
    if found.begins:
        facts["startDate"] = moment_text(datetime.fromtimestamp(found.begins[-1], UTC))
    return strict_json.dumps(facts)
