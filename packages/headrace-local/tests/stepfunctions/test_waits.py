"""Wait: until when."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest


def soon(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("wait", "given", "shortest", "longest"),
    [
        pytest.param({"SecondsPath": "$.seconds"}, {"seconds": 1}, 1, 10, id="seconds path"),
        pytest.param({"SecondsPath": "$.seconds"}, {"seconds": 0}, 0, 5, id="none"),
        pytest.param({"TimestampPath": "$.at"}, 3, 0.5, 10, id="timestamp path"),
        pytest.param({"Timestamp": 3}, {}, 0.5, 10, id="timestamp"),
        pytest.param({"Timestamp": "2020-01-01T00:00:00Z"}, {}, 0, 5, id="past"),
    ],
)
def test_a_wait_takes_its_time(
    machines: Any, wait: dict[str, Any], given: Any, shortest: float, longest: float
) -> None:
    """A Wait ends when its seconds are over, or when its moment has come."""
    if isinstance(given, int):
        given = {"at": soon(given)}
    if isinstance(wait.get("Timestamp"), int):
        wait = {"Timestamp": soon(wait["Timestamp"])}
    ended = machines.run({"Wait": {"Type": "Wait", "End": True} | wait}, given)
    assert ended["status"] == "SUCCEEDED", ended
    assert shortest <= (ended["stopDate"] - ended["startDate"]).total_seconds() <= longest


@pytest.mark.parametrize(
    ("wait", "given", "cause"),
    [
        ({"SecondsPath": "$.seconds"}, {"seconds": "soon"}, "seconds"),
        ({"SecondsPath": "$.seconds"}, {}, "seconds"),
        ({"TimestampPath": "$.at"}, {"at": "tomorrow"}, "tomorrow"),
    ],
)
def test_a_wait_for_nothing_known_fails(
    machines: Any, wait: dict[str, str], given: dict[str, str], cause: str
) -> None:
    """A path to what is no time fails the execution with States.Runtime, and the cause names it."""
    ended = machines.run({"Wait": {"Type": "Wait", "End": True} | wait}, given)
    assert (ended["status"], ended["error"], cause in ended["cause"]) == ("FAILED", "States.Runtime", True)


def test_a_timestamp_may_have_an_offset(machines: Any) -> None:
    """An offset from UTC counts: noon in New York is not yet over when it is noon in UTC."""
    at = (datetime.now(UTC) + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-5)))
    ended = machines.run(
        {"Wait": {"Type": "Wait", "TimestampPath": "$.at", "End": True}}, {"at": at.isoformat()}
    )
    assert timedelta(0) <= ended["stopDate"] - at + timedelta(milliseconds=1) < timedelta(seconds=30)
