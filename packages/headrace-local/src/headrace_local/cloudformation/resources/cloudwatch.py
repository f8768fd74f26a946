"""AWS::CloudWatch::Alarm and AWS::CloudWatch::Dashboard."""

from collections.abc import Mapping

from headrace_local import strict_json
from headrace_local.cloudformation.identity import as_cloudformation
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    ResourceError,
    change_tags,
    deletes,
    given,
    names,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json

SETTINGS = (
    "ActionsEnabled AlarmActions AlarmDescription ComparisonOperator DatapointsToAlarm Dimensions "
    "EvaluateLowSampleCountPercentile EvaluationPeriods ExtendedStatistic InsufficientDataActions MetricName "
    "Metrics Namespace OKActions Period Statistic Threshold ThresholdMetricId TreatMissingData Unit"
)


def _create(context: ResourceContext, properties: Properties) -> str:
    cloudwatch = context.client("cloudwatch")
    name: str = properties.get("AlarmName") or context.new_name(255)
    with as_cloudformation():
        taken = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    if taken:  # the API would write over it
        raise ResourceError(f"{name} already exists")
    cloudwatch.put_metric_alarm(
        AlarmName=name, Tags=tag_list(tag_map(properties)), **given(properties, SETTINGS)
    )
    return name


def _update(context: ResourceContext, name: str, new: Properties, former: Properties) -> None:
    cloudwatch = context.client("cloudwatch")
    cloudwatch.put_metric_alarm(AlarmName=name, **given(new, SETTINGS))
    arn = context.arn("cloudwatch", f"alarm:{name}")
    change_tags(new, former, cloudwatch.tag_resource, cloudwatch.untag_resource, ResourceARN=arn)


def _attributes(context: ResourceContext, name: str, _properties: Properties) -> Mapping[str, Json]:
    return {"Arn": context.arn("cloudwatch", f"alarm:{name}")}


def _create_dashboard(context: ResourceContext, properties: Properties) -> str:
    name: str = properties.get("DashboardName") or context.new_name()
    with as_cloudformation():
        found = context.client("cloudwatch").list_dashboards(DashboardNamePrefix=name)["DashboardEntries"]
    if name in {entry["DashboardName"] for entry in found}:  # the API would write over it
        raise ResourceError(f"{name} already exists")
    _put_dashboard(context, name, properties)
    return name


def _put_dashboard(context: ResourceContext, name: str, properties: Properties) -> None:
    body = properties["DashboardBody"]
    try:
        widgets = strict_json.loads(body)
    except ValueError as error:
        raise ResourceError(f"the DashboardBody of {name} is not JSON: {error}") from error
    if not isinstance(widgets, dict):
        raise ResourceError(f"the DashboardBody of {name} is not a JSON object")
    context.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)


def _update_dashboard(context: ResourceContext, name: str, new: Properties, _former: Properties) -> None:
    _put_dashboard(context, name, new)


HANDLERS = (
    Handler(
        "AWS::CloudWatch::Alarm",
        names(f"AlarmName Tags {SETTINGS}"),
        _create,
        _update,
        deletes("cloudwatch", "delete_alarms", "[AlarmNames]"),
        _attributes,
        name="AlarmName",
    ),
    Handler(
        "AWS::CloudWatch::Dashboard",
        names("DashboardBody DashboardName"),
        _create_dashboard,
        _update_dashboard,
        deletes("cloudwatch", "delete_dashboards", "[DashboardNames]"),
        name="DashboardName",
    ),
)
