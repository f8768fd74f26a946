"""What state an alarm is in, from the values of its metric.

Pure, after AWS's "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data". Values are counted in periods that begin at whole multiples of their length. The period that runs now counts as soon as
it has a value, so that a new one is seen at once; AWS looks once a minute.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

OK = "OK"
ALARM = "ALARM"
INSUFFICIENT = "INSUFFICIENT_DATA"

# AWS looks at a few periods more than EvaluationPeriods before it counts data as missing; it does not say how many.
_MORE_PERIODS = 2

_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (lambda value, limit: value > limit, "greater than"),
    "GreaterThanOrEqualToThreshold": (lambda value, limit: value >= limit, "greater than or equal to"),
    "LessThanThreshold": (lambda value, limit: value < limit, "less than"),
    "LessThanOrEqualToThreshold": (lambda value, limit: value <= limit, "less than or equal to"),
}
COMPARISONS = frozenset(_COMPARISONS)


@dataclass(frozen=True)
class Rule:
    """What an alarm asks: are `datapoints` of the last `periods` values beyond the threshold?"""

    comparison: str
    threshold: float
    period_seconds: int
    periods: int
    datapoints: int
    missing: str = "missing"  # how a period without a value counts: breaching, notBreaching, ignore, missing

    def breached(self, value: float) -> bool:
        """Tell whether a value is beyond the threshold."""
        return _COMPARISONS[self.comparison][0](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """The state that an alarm is in now, why, and the values that were looked at, the newest first."""

    state: str
    reason: str
    begins: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


def first_period(rule: Rule, now: float) -> int:
    """Return the number of the oldest period that can count."""
    return int(now // rule.period_seconds) - rule.periods - _MORE_PERIODS


def verdict(rule: Rule, values: Mapping[int, float], now: float, current: str) -> Verdict:
    """Return the state of an alarm.

    Args:
        rule: what the alarm asks.
        values: the statistic of each period that has data, by the number of the period since 1970.
        now: seconds since 1970.
        current: the state that it is in.
    """
    running = int(now // rule.period_seconds)
    newest = running if running in values else running - 1  # what may still come is not missing
    oldest = newest - rule.periods - _MORE_PERIODS + 1
    known = [period for period in range(newest, oldest - 1, -1) if period in values][: rule.periods]
    state = _state(
        rule, [values[period] for period in known], newest - known[-1] + 1 if known else 0, current
    )
    begins = tuple(period * rule.period_seconds for period in known)
    found = tuple(values[period] for period in known)
    return Verdict(state, _reason(rule, state, begins, found), begins, found)


def _state(rule: Rule, known: Sequence[float], age: int, current: str) -> str:
    """Return the state from the known values, of which the oldest is `age` periods old."""
    breaching = sum(rule.breached(value) for value in known)
    unknown = rule.periods - len(known)
    if breaching >= rule.datapoints:
        return ALARM
    if unknown == 0 or rule.missing == "notBreaching":
        return OK
    if rule.missing == "breaching":
        return ALARM if breaching + unknown >= rule.datapoints else OK
    if not known:
        return current if rule.missing == "ignore" else INSUFFICIENT
    if breaching < len(known):
        return OK
    # All that is known is breaching: an alarm unless it may be too early to say.
    return ALARM if rule.missing == "missing" and age >= rule.datapoints else current


def _reason(rule: Rule, state: str, begins: Sequence[int], values: Sequence[float]) -> str:
    count = len(values)
    if not count:
        if state == INSUFFICIENT:
            unknown = f"{rule.periods} datapoint{'s were' if rule.periods > 1 else ' was'}"
            return f"Insufficient Data: {unknown} unknown."
        treated = {"breaching": "[Breaching]", "notBreaching": "[NonBreaching]"}.get(
            rule.missing, "[Ignored]"
        )
        return (
            f"Threshold Crossed: no datapoints were received for {rule.periods} "
            f"period{'s' if rule.periods > 1 else ''} and {rule.periods} missing "
            f"datapoint{'s were' if rule.periods > 1 else ' was'} treated as {treated}."
        )
    crossed = [rule.breached(value) for value in values]
    shown = ", ".join(
        f"{value} ({datetime.fromtimestamp(begin, UTC):%d/%m/%y %H:%M:%S})"
        for begin, value, breached in zip(begins, values, crossed, strict=True)
        if breached == (state == ALARM)
    )
    relation = _COMPARISONS[rule.comparison][1]
    verb = "was" if state == ALARM else "was not"
    number = sum(crossed) if state == ALARM else count - sum(crossed)
    return (
        f"Threshold Crossed: {number} out of the last {count} datapoints [{shown}] {verb} {relation} the "
        f"threshold ({rule.threshold})."
    )
