"""Moments in time, as texts say them."""

from datetime import UTC, datetime

from headrace.errors import ConfigurationError


def moment_of(text: str, name: str) -> datetime:
    """Return an ISO 8601 date or time, UTC where it does not say; raise `ConfigurationError` when it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{name} {text!r} is no ISO 8601 date or time; write it as 2026-03-31 or 2026-03-31T06:00:00Z"
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
