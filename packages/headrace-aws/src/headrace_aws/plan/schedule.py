"""How often a schedule starts something in an average month: `rate(...)` and the six fields of `cron(...)`."""

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\(([^()]+)\)")
_MINUTES = {"minute": 1, "hour": 60, "day": 1440}
_MINUTES_OF_A_MONTH = 730 * 60
_MONTHS_OF_A_YEAR = 12
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
# The last day (L), the weekday next to the 15th (15W), the last Friday (6L or FRIL), the second Friday (FRI#2).
_ONCE_A_MONTH = re.compile(r"L(-\d+)?|LW|\d+W|\w+L|\w+#\d")
_YEAR = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]
_FIELDS = 6


def runs_per_month(expression: str) -> float | None:
    """Return how often an expression is due in a month, on average over a year; None when it is not understood.

    The field of the year is not looked at.
    """
    try:
        if found := _RATE.fullmatch(expression):
            return _MINUTES_OF_A_MONTH / (int(found[1]) * _MINUTES[found[2]])
        if found := _CRON.fullmatch(expression):
            return _of_cron(found[1].upper().split())
    except (ValueError, ZeroDivisionError):
        return None
    return None


def _of_cron(fields: list[str]) -> float | None:
    if len(fields) != _FIELDS:
        return None
    minutes, hours, day_of_month, month, day_of_week, _ = fields
    times = len(_values(minutes, 0, 59)) * len(_values(hours, 0, 23))
    months = _values(month, 1, 12, _MONTHS)
    if any(map(_ONCE_A_MONTH.fullmatch, (day_of_month, day_of_week))):
        return times * len(months) / _MONTHS_OF_A_YEAR
    days = _values(day_of_month, 1, 31)
    weekdays = _values(day_of_week, 1, 7, _DAYS)
    due = [
        day
        for day in _YEAR
        if day.month in months and day.day in days and day.isoweekday() % 7 + 1 in weekdays
    ]
    return times * len(due) / _MONTHS_OF_A_YEAR


def _values(field: str, first: int, last: int, names: Mapping[str, int] | None = None) -> set[int]:
    """Return the values that a field stands for; raise `ValueError` when it cannot be read."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        begin, _, end = span.partition("-")
        if begin in {"*", "?"}:
            low, high = first, last
        else:
            low = _number(begin, names)
            high = _number(end, names) if end else (last if step else low)
        found |= set(range(low, high + 1, int(step or 1)))
    if not found or min(found) < first or max(found) > last:
        raise ValueError(field)
    return found


def _number(word: str, names: Mapping[str, int] | None) -> int:
    return names[word] if names and word in names else int(word)
