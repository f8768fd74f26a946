"""When a schedule is due: AWS's `cron(...)`, `rate(...)` and `at(...)`, with time zones.

The six fields of cron are minutes, hours, day of month, month, day of week (1 is Sunday), year; `?` in one of the two
days means that the other decides. A time that the clocks skip in spring is skipped, one that comes twice in autumn
counts once, as AWS documents for EventBridge Scheduler.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_LAST_YEAR = 2199
_RATE = re.compile(r"rate\(([0-9]+) (minute|minutes|hour|hours|day|days)\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_CRON = re.compile(r"cron\(([^()]+)\)")
_WEEK = 7
_LONGEST_RATE = 10**6


class ExpressionError(ValueError):
    """A schedule expression that AWS would refuse."""


@dataclass(frozen=True)
class Cron:
    """The six fields, as sets where they can be; the two days as they were written."""

    minutes: frozenset[int]
    hours: frozenset[int]
    day_of_month: str
    months: frozenset[int]
    day_of_week: str
    years: frozenset[int]


@dataclass(frozen=True)
class Rate:
    """An interval."""

    every: timedelta


@lru_cache(maxsize=256)
def parsed(expression: str) -> Cron | Rate | datetime:
    """Return what an expression says, a moment of `at` without its zone; raise `ExpressionError`."""
    try:
        if found := _RATE.fullmatch(expression):
            return _rate(int(found[1]), found[2])
        if found := _AT.fullmatch(expression):
            return datetime.fromisoformat(found[1])
        if found := _CRON.fullmatch(expression):
            return _cron(found[1].split())
    except ValueError as error:
        raise ExpressionError(f"Invalid Schedule Expression {expression}: {error}") from error
    raise ExpressionError(f"Invalid Schedule Expression {expression}.")


def next_due(expression: str, after: datetime, anchor: datetime, zone: str = "UTC") -> datetime | None:
    """Return the first moment later than `after` when a schedule is due, or None when there is none.

    `anchor` is what a rate counts from. Moments are in UTC.
    """
    schedule = parsed(expression)
    if isinstance(schedule, Rate):
        steps = max(0, (after - anchor) // schedule.every + 1)
        return anchor + steps * schedule.every
    local = ZoneInfo(zone)
    if isinstance(schedule, datetime):
        moment = schedule.replace(tzinfo=local).astimezone(UTC)
        return moment if moment > after else None
    return next((moment for moment in _moments(schedule, after, local) if moment > after), None)


def _rate(number: int, unit: str) -> Rate:
    if number == 0 or (number == 1) == unit.endswith("s"):
        raise ValueError("a rate is 1 minute, 2 minutes, and so on")
    if number > _LONGEST_RATE:
        raise ValueError(f"{number} {unit} is too long")
    return Rate(timedelta(**{f"{unit.removesuffix('s')}s": number}))


def _cron(fields: list[str]) -> Cron:
    if len(fields) != 6:  # noqa: PLR2004 - as the module says
        raise ValueError(f"cron has six fields, and this one has {len(fields)}")
    minutes, hours, day_of_month, months, day_of_week, years = (field.upper() for field in fields)
    if (day_of_month == "?") == (day_of_week == "?"):
        raise ValueError("one of day-of-month and day-of-week must be ?")
    made = Cron(
        _values(minutes, 0, 59),
        _values(hours, 0, 23),
        day_of_month,
        _values(months, 1, 12, _MONTHS),
        day_of_week,
        _values(years, 1970, _LAST_YEAR),
    )
    days_of_month(made, 2024, 1)  # so that days that cannot be are an error now
    return made


def _values(field: str, first: int, last: int, names: dict[str, int] | None = None) -> frozenset[int]:
    """Return the numbers that a field of `*`, `,`, `-`, `/` names."""
    result: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            low, high = first, last
        else:
            begin, _, end = span.partition("-")
            low = _number(begin, names)
            high = _number(end, names) if end else (last if step else low)
        if not first <= low <= last or not first <= high <= last:
            raise ValueError(f"{part} is not within {first} and {last}")
        every = _number(step) if step else 1
        if not every:
            raise ValueError(f"{part} has a step of 0")
        result.update(range(low, high + 1, every))
        if low > high:  # such as FRI-MON
            result.update([*range(low, last + 1), *range(first, high + 1)])
    return frozenset(result)


def _number(word: str, names: dict[str, int] | None = None) -> int:
    number = (names or {}).get(word) or (int(word) if re.fullmatch(r"[0-9]{1,4}", word) else None)
    if number is None:
        raise ValueError(f"{word!r} is no value of its field")
    return number


def _moments(schedule: Cron, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the moments of a schedule from the day of `after` on, in order."""
    today = after.astimezone(zone).date()
    for year in sorted(year for year in schedule.years if year >= today.year):
        for month in sorted(schedule.months):
            if (year, month) < (today.year, today.month):
                continue
            for day in days_of_month(schedule, year, month):
                if date(year, month, day) >= today:
                    yield from _times(schedule, date(year, month, day), zone)


def _times(schedule: Cron, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    for hour in sorted(schedule.hours):
        for minute in sorted(schedule.minutes):
            local = datetime.combine(day, time(hour, minute), zone)
            moment = local.astimezone(UTC)
            if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):  # not skipped
                yield moment


def days_of_month(schedule: Cron, year: int, month: int) -> list[int]:
    """Return the days of a month that a schedule is for."""
    last = calendar.monthrange(year, month)[1]
    if schedule.day_of_week != "?":
        return _days_by_week(schedule.day_of_week, year, month, last)
    field = schedule.day_of_month
    if field == "L":
        return [last]
    if field == "LW":
        return [_nearest_weekday(year, month, last, last)]
    if field.endswith("W"):
        return [_nearest_weekday(year, month, min(_within(field[:-1], 31), last), last)]
    return sorted(day for day in _values(field, 1, 31) if day <= last)


def _days_by_week(field: str, year: int, month: int, last: int) -> list[int]:
    weekdays = {day: (calendar.weekday(year, month, day) + 1) % _WEEK + 1 for day in range(1, last + 1)}
    if field == "L":
        field = "7"
    if field.endswith("L"):  # such as 6L, the last Friday
        wanted = _within(field[:-1], _WEEK)
        return [max(day for day, weekday in weekdays.items() if weekday == wanted)]
    if "#" in field:  # such as 3#2, the second Tuesday
        word, _, count = field.partition("#")
        wanted = _within(word, _WEEK)
        found = [day for day, weekday in weekdays.items() if weekday == wanted]
        return found[_within(count, 5) - 1 :][:1]
    wanted_days = _values(field, 1, _WEEK, _DAYS)
    return [day for day, weekday in weekdays.items() if weekday in wanted_days]


def _within(word: str, last: int) -> int:
    number = _number(word, _DAYS)
    if not 1 <= number <= last:
        raise ValueError(f"{word} is not within 1 and {last}")
    return number


def _nearest_weekday(year: int, month: int, day: int, last: int) -> int:
    """Return the weekday nearest to a day, in the same month."""
    weekday = calendar.weekday(year, month, day)
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < last else day - 2
    return day
