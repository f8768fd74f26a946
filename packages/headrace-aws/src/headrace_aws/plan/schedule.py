"""How often a schedule starts something in an average month."""

from datetime import datetime, timedelta

from headrace_local.grammars.cron import ExpressionError, Rate, days_of_month, parsed

_MONTHS_OF_A_YEAR = 12
_MONTH = timedelta(hours=730)
_YEAR = 2027  # any year that is no leap year: a cron expression's own year is not looked at


def runs_per_month(expression: str) -> float | None:
    """Return how often an expression is due in a month, on average over a year; None when no number is known."""
    try:
        schedule = parsed(expression)
    except ExpressionError:
        return None
    if isinstance(schedule, datetime):
        return None
    if isinstance(schedule, Rate):
        return _MONTH / schedule.every
    days = sum(len(days_of_month(schedule, _YEAR, month)) for month in schedule.months)
    return days * len(schedule.hours) * len(schedule.minutes) / _MONTHS_OF_A_YEAR
