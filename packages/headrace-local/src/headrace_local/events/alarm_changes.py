"""What happens when an alarm changes its state: history, actions, event."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
from moto.cloudwatch.models import Alarm
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from headrace_local import strict_json
from headrace_local.context import current
from headrace_local.events import dispatch, targets
from headrace_local.events.event import Json, in_utc
from headrace_local.events.rules import publish
from headrace_local.patching import add

_PRINCIPAL = "cloudwatch.amazonaws.com"
_HISTORY_PAGE = 100


def install() -> None:
    """Give alarms a history that clients can read."""
    show_the_history()


def show_the_history() -> None:
    """Answer DescribeAlarmHistory, which moto/cloudwatch/responses.py does not have."""

    def describe(response: CloudWatchResponse) -> ActionResult:
        asked: Any = response._get_param  # noqa: SLF001 - how moto is asked
        found = [
            entry
            for alarm in response.cloudwatch_backend.alarms.values()
            if asked("AlarmName") in {None, alarm.name}
            for entry in alarm.history
            if asked("HistoryItemType") in {None, entry["HistoryItemType"]}
        ]
        oldest_first = asked("ScanBy") == "TimestampAscending"
        found.sort(key=lambda entry: entry["Timestamp"], reverse=not oldest_first)
        size, start = int(asked("MaxRecords") or _HISTORY_PAGE), int(asked("NextToken") or 0)
        answer: dict[str, Any] = {"AlarmHistoryItems": found[start : start + size]}
        if start + size < len(found):
            answer["NextToken"] = str(start + size)
        return ActionResult(answer)

    add(CloudWatchResponse, "describe_alarm_history", describe)


def enter(account: str, alarm: Alarm, state: str, reason: str, data: str) -> None:
    """Bring an alarm into a state; when that is another than before, note it, act on it and report it."""
    before = _state(alarm)
    former = alarm.state_value
    alarm.state_value, alarm.state_reason, alarm.state_reason_data = state, reason, data
    alarm.state_updated_timestamp = utcnow()
    if state == former:
        return
    _note(
        alarm,
        "StateUpdate",
        f"Alarm updated from {former} to {state}",
        {"version": "1.0", "oldState": before, "newState": _state(alarm)},
    )
    actions = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}.get(
        state, alarm.insufficient_data_actions
    )
    if alarm.actions_enabled:
        for action in actions or ():
            _act(alarm, action, _notification(account, alarm, former))
    _, _, _, region, _, _ = alarm.alarm_arn.split(":", 5)
    detail = {
        "alarmName": alarm.name,
        "state": _state(alarm),
        "previousState": before,
        "configuration": _configuration(alarm),
    }
    publish(account, region, "aws.cloudwatch", "CloudWatch Alarm State Change", [alarm.alarm_arn], detail)
    current().unsaved.set()


def moment_text(moment: datetime) -> str:
    """Return a moment as CloudWatch writes it in its events."""
    return f"{in_utc(moment):%Y-%m-%dT%H:%M:%S}.{in_utc(moment).microsecond // 1000:03}+0000"


def _act(alarm: Alarm, action: str, message: dict[str, Json]) -> None:
    """Publish to a topic, the one kind of action that the local AWS has."""
    arn = targets.Arn.of(action)
    if arn.service != "sns":
        targets.logger.warning("alarm %s: the local AWS has no action %s", alarm.alarm_arn, action)
        return
    subject = f'{alarm.state_value}: "{alarm.name}" in {message["Region"]}'
    sender = targets.Sender("alarm", alarm.alarm_arn, _PRINCIPAL)
    target = {"Arn": action, "Subject": subject[:100]}
    _note(alarm, "Action", f"Successfully executed action {action}", {"actionState": "Succeeded"})
    dispatch.later(lambda: targets.deliver(sender, target, strict_json.dumps(message), ""))


def _note(alarm: Alarm, kind: str, summary: str, data: dict[str, Json]) -> None:
    alarm.history.append(
        {
            "AlarmName": alarm.name,
            "AlarmType": "MetricAlarm",
            "Timestamp": datetime.now(UTC),
            "HistoryItemType": kind,
            "HistorySummary": summary,
            "HistoryData": strict_json.dumps(data),
        }
    )


def _state(alarm: Alarm) -> dict[str, Json]:
    return {
        "value": alarm.state_value,
        "reason": alarm.state_reason,
        "reasonData": alarm.state_reason_data,
        "timestamp": moment_text(alarm.state_updated_timestamp),
    }


def _configuration(alarm: Alarm) -> dict[str, Json]:
    asked: Json = alarm.metric_data_queries[0].metric_stat if alarm.metric_data_queries else None
    metric: Json = asked.metric if asked else alarm
    return {
        "description": alarm.description,
        "metrics": [
            {
                "id": alarm.metric_data_queries[0].id if asked else "m1",
                "metricStat": {
                    "metric": {
                        "namespace": metric.namespace,
                        "name": metric.metric_name,
                        "dimensions": {each.name: each.value for each in metric.dimensions},
                    },
                    "period": int(asked.period if asked else alarm.period),
                    "stat": asked.stat if asked else alarm.statistic or alarm.extended_statistic,
                },
                "returnData": True,
            }
        ],
    }


def _notification(account: str, alarm: Alarm, former: str) -> dict[str, Json]:
    """Return the message of an alarm to a topic, in the form of CloudWatch."""
    region = alarm.region_name
    (metric,) = _configuration(alarm)["metrics"]
    stat = metric["metricStat"]
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": moment_text(alarm.configuration_updated_timestamp),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": moment_text(alarm.state_updated_timestamp),
        "Region": _region_names().get(region, region),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": former,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "Trigger": {
            "MetricName": stat["metric"]["name"],
            "Namespace": stat["metric"]["namespace"],
            "StatisticType": "ExtendedStatistic" if alarm.extended_statistic else "Statistic",
            "Statistic": stat["stat"].upper(),
            "Unit": alarm.unit,
            "Dimensions": [
                {"name": name, "value": value} for name, value in stat["metric"]["dimensions"].items()
            ],
            "Period": stat["period"],
            "EvaluationPeriods": alarm.evaluation_periods,
            "DatapointsToAlarm": alarm.datapoints_to_alarm or alarm.evaluation_periods,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "missing",
            "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
        },
    }


@cache
def _region_names() -> dict[str, str]:
    """Return the names of the regions, such as US East (N. Virginia)."""
    partitions: Json = botocore.session.get_session().get_data("endpoints")["partitions"]
    return {region: facts["description"] for each in partitions for region, facts in each["regions"].items()}
