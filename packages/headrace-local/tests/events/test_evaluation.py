"""What state an alarm is in, by the tables that AWS gives for missing data."""

from datetime import datetime

import pytest
from moto.cloudwatch.models import MetricAggregatedDatum, MetricDatum

from headrace_local.events.evaluation import ALARM, INSUFFICIENT, OK, Rule, verdict
from headrace_local.events.statistics import Metric, by_period

PERIOD = 60
NOW = 1_000_000 * PERIOD + 5.0
RETAINED = "retained"
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def values(row: str) -> dict[int, float]:
    """Return the values of a row such as `0 - X - X`, of which the last period is the one that runs."""
    marks = row.split()
    newest = int(NOW // PERIOD)
    return {
        newest - len(marks) + 1 + place: {"0": 0.0, "X": 9.0}[mark]
        for place, mark in enumerate(marks)
        if mark != "-"
    }


def states(row: str, datapoints: int, periods: int) -> list[str]:
    """Return the state for each treatment of missing data, of an alarm on values above 1."""
    found = []
    for missing in TREATMENTS:
        rule = Rule("GreaterThanThreshold", 1.0, PERIOD, periods, datapoints, missing)
        found.append(verdict(rule, values(row), NOW, RETAINED).state)
    return found


@pytest.mark.parametrize(
    ("row", "datapoints", "expected"),
    [
        # Three of three.
        ("0 - X - X", 3, [OK, OK, OK, OK]),
        ("0 X X - X", 3, [ALARM, ALARM, ALARM, ALARM]),
        ("- - - - - -", 3, [INSUFFICIENT, RETAINED, ALARM, OK]),
        ("0 - - - - -", 3, [OK, OK, OK, OK]),
        ("- - X - - -", 3, [ALARM, RETAINED, ALARM, OK]),
        # Two of three.
        ("0 0 X 0 X", 2, [ALARM, ALARM, ALARM, ALARM]),
        ("0 - X - X", 2, [ALARM, ALARM, ALARM, ALARM]),
        ("0 - X - - -", 2, [OK, OK, ALARM, OK]),
        ("- - - - 0", 2, [OK, OK, ALARM, OK]),
    ],
)
def test_missing_data_count_as_the_alarm_says(row: str, datapoints: int, expected: list[str]) -> None:
    """The rows of AWS's tables for three periods, `-` is missing; in brackets by the four treatments."""
    assert states(row, datapoints, 3) == expected


def test_one_breaching_value_after_none_is_too_early_for_three_of_three() -> None:
    """With missing data as missing an alarm waits until its oldest breaching value is old enough."""
    assert states("- - - - X", 3, 3) == [RETAINED, RETAINED, ALARM, OK]
    assert states("- - - - X", 1, 1) == [ALARM] * 4


def test_the_running_period_is_not_missing() -> None:
    """Until its end nothing need come; a value of the period before still counts, and those older fade one by one."""
    assert states("X -", 1, 1) == [ALARM] * 4
    assert states("X - - -", 1, 1) == [ALARM] * 4
    assert states("X - - - -", 1, 1) == [INSUFFICIENT, RETAINED, ALARM, OK]


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        ("GreaterThanThreshold", OK, OK, ALARM),
        ("GreaterThanOrEqualToThreshold", OK, ALARM, ALARM),
        ("LessThanThreshold", ALARM, OK, OK),
        ("LessThanOrEqualToThreshold", ALARM, ALARM, OK),
    ],
)
def test_each_comparison(comparison: str, below: str, at: str, above: str) -> None:
    """Below, at and above the threshold; the reason says which values were looked at."""
    rule = Rule(comparison, 5.0, PERIOD, 1, 1)
    newest = int(NOW // PERIOD)
    for value, expected in ((4.0, below), (5.0, at), (6.0, above)):
        found = verdict(rule, {newest: value}, NOW, OK)
        assert found.state == expected
        assert f"1 out of the last 1 datapoints [{value} (" in found.reason
        assert ("was not" in found.reason) == (expected == OK)


def data() -> list[MetricDatum | MetricAggregatedDatum]:
    """Return 1, 2 and a summary of 3 and 6 in one period, and what belongs to other metrics."""
    moment = datetime(2026, 1, 1, 12, 0, 30)  # noqa: DTZ001 - moto's moments have no zone
    mine = [{"Name": "Model", "Value": "m"}]
    found: list[MetricDatum | MetricAggregatedDatum] = [
        MetricDatum("Tests", "psi", value, mine, moment, "None") for value in (1.0, 2.0)
    ]
    found.append(MetricAggregatedDatum("Tests", "psi", 3.0, 6.0, 2.0, 9.0, mine, moment, "None"))
    more = [*mine, {"Name": "Feature", "Value": "f"}]
    found += [MetricDatum("Tests", "psi", 99.0, others, moment) for others in ([], more)]
    return [
        *found,
        MetricDatum("Other", "psi", 99.0, mine, moment),
        MetricDatum("Tests", "x", 99.0, mine, moment),
    ]


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Average", 3.0), ("Maximum", 6.0), ("Minimum", 1.0), ("SampleCount", 4.0), ("Sum", 12.0), ("p50", 2.0)],
)
def test_a_statistic_is_of_one_metric(statistic: str, expected: float) -> None:
    """Only data with the very same dimensions count; summaries count with their samples."""
    metric = Metric("Tests", "psi", frozenset({("Model", "m")}), statistic)
    assert list(by_period(data(), metric, PERIOD, 0).values()) == [expected]


def test_a_unit_that_is_asked_for_is_the_only_one() -> None:
    """An alarm on one unit does not see the data of another; what is older than asked for is left out."""
    metric = Metric("Tests", "psi", frozenset({("Model", "m")}), "Sum", "Count")
    assert by_period(data(), metric, PERIOD, 0) == {}
    metric = Metric("Tests", "psi", frozenset({("Model", "m")}), "Sum")
    assert by_period(data(), metric, PERIOD, 10**9) == {}
