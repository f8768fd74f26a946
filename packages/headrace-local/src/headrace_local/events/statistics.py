"""The value of a metric in each period, from the data that were put."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from moto.cloudwatch.models import MetricAggregatedDatum, MetricDatumBase

from headrace_local.events.event import Json, in_utc

_PERCENT = 100.0


@dataclass(frozen=True)
class Metric:
    """A metric and how it is summed up: its dimensions are part of its name."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]
    statistic: str  # Average, Maximum, Minimum, SampleCount, Sum, or a percentile such as p95
    unit: str | None = None

    def is_of(self, datum: MetricDatumBase) -> bool:
        """Tell whether a datum belongs to the metric."""
        return (
            datum.name == self.name
            and datum.namespace == self.namespace
            and dimensions(datum.dimensions) == self.dimensions
            and (self.unit is None or datum.unit == self.unit)
        )


@dataclass(frozen=True)
class _Summary:
    """One datum: a value is a summary of one."""

    count: float
    total: float
    least: float
    most: float


_STATISTICS: Mapping[str, Callable[[Sequence[_Summary]], float]] = {
    "Average": lambda found: sum(each.total for each in found) / sum(each.count for each in found),
    "Maximum": lambda found: max(each.most for each in found),
    "Minimum": lambda found: min(each.least for each in found),
    "SampleCount": lambda found: sum(each.count for each in found),
    "Sum": lambda found: sum(each.total for each in found),
}


def dimensions(found: Iterable[Json]) -> frozenset[tuple[str, str]]:
    """Return moto's dimensions as what they are: a set of names with values."""
    return frozenset((each.name, each.value) for each in found)


def by_period(
    data: Iterable[MetricDatumBase], metric: Metric, period_seconds: int, first: int
) -> dict[int, float]:
    """Return the value of a metric in each period that has data, from the period of number `first` on."""
    periods: defaultdict[int, list[_Summary]] = defaultdict(list)
    for datum in data:
        if metric.is_of(datum):
            period = int(in_utc(datum.timestamp).timestamp() // period_seconds)
            if period >= first:
                periods[period].append(_summary(datum))
    return {
        period: _statistic(metric.statistic, found)
        for period, found in periods.items()
        if sum(each.count for each in found)
    }


def _summary(datum: Json) -> _Summary:
    if isinstance(datum, MetricAggregatedDatum):
        return _Summary(datum.sample_count, datum.sum, datum.min, datum.max)
    return _Summary(1, datum.value, datum.value, datum.value)


def _statistic(name: str, found: Sequence[_Summary]) -> float:
    if name in _STATISTICS:
        return _STATISTICS[name](found)
    return _percentile(sorted(each.total / each.count for each in found), float(name.removeprefix("p")))


def _percentile(values: Sequence[float], percent: float) -> float:
    """Return the value below which a percentage of the values lie, between two of them in proportion."""
    place = (len(values) - 1) * percent / _PERCENT
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)
