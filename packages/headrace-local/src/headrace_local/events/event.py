"""What an event is: the envelope that EventBridge gives to whatever a service reports."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import uuid4

# What JSON text says; and what moto holds, which has no types.
Json: TypeAlias = Any
Event: TypeAlias = dict[str, Json]


def made(  # noqa: PLR0913, PLR0917 - an event has these parts
    account: str, region: str, source: str, detail_type: str, resources: Sequence[str], detail: Json
) -> Event:
    """Return an event of this moment."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": text_of(datetime.now(UTC)),
        "region": region,
        "resources": list(resources),
        "detail": detail,
    }


def text_of(moment: datetime) -> str:
    """Return a moment as events have it: UTC, whole seconds. One without a zone is UTC, as moto's are."""
    return in_utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def milliseconds(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970."""
    return round(in_utc(moment).timestamp() * 1000)


def in_utc(moment: datetime) -> datetime:
    """Return a moment with its zone; one that has none is UTC, as moto's are."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def name(event: Event) -> str:
    """Return what a log line calls an event."""
    return f"{event['detail-type']!r} of {', '.join(event['resources']) or event['source']} ({event['id']})"
