"""Timestamps and dates, parsed from text."""

from datetime import UTC, date, datetime, timedelta

from headrace.errors import ConfigurationError


def parse_timestamp(text: str, name: str) -> datetime:
    """Return an ISO 8601 date or time, UTC where it does not say; raise `ConfigurationError` when it is none."""
    try:
        timestamp = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{name} {text!r} is no ISO 8601 date or time; write it as 2026-03-31 or 2026-03-31T06:00:00Z"
        ) from error
    try:
        return timestamp.replace(tzinfo=UTC) if timestamp.tzinfo is None else timestamp.astimezone(UTC)
    except OverflowError as error:
        raise ConfigurationError(
            f"{name} {text!r} is outside of the years 1 to 9999 in UTC; write it in UTC, or leave it out for an open end"
        ) from error


def later(moment: datetime, days: float, name: str) -> datetime:
    """Return the moment so many days later; raise `ConfigurationError` when no year has it."""
    try:
        return moment + timedelta(days=days)
    except OverflowError as error:
        raise ConfigurationError(
            f"{name} is {days:g} days from {moment:%Y-%m-%d}, and time ends with the years 1 and 9999; give fewer days"
        ) from error


def parse_date(text: str, name: str) -> date:
    """Return a date as a run has it, YYYY-MM-DD; raise `ConfigurationError` when it is written otherwise."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    # Python reads 20260331 and 2026-W14-2 too, which would be other folders of predictions.
    if found is None or found.isoformat() != text:
        raise ConfigurationError(f"{name} {text!r} is no date; write it as 2026-03-31")
    return found
