"""Wait: until when."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest


def soon(seconds: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [1, 0])
def test_a_wait_takes_its_seconds(machines: Any, seconds: int) -> None:
    """A Wait ends when its seconds are over."""
    wait = {"Type": "Wait", "SecondsPath": "$.seconds", "End": True}
    ended = machines.run({"Wait": wait}, {"seconds": seconds})
    assert ended["status"] == "SUCCEEDED", ended
    assert seconds <= (ended["stopDate"] - ended["startDate"]).total_seconds() < seconds + 20


@pytest.mark.parametrize("is_path", [True, False], ids=["path", "constant"])
@pytest.mark.parametrize("seconds", [2, -60], ids=["future", "past"])
def test_a_wait_ends_at_its_moment(machines: Any, seconds: int, *, is_path: bool) -> None:
    """A Wait for a moment ends when that has come, at once when it is over."""
    moment = soon(seconds)
    text = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    wait = {"TimestampPath": "$.at"} if is_path else {"Timestamp": text}
    ended = machines.run({"Wait": {"Type": "Wait", "End": True} | wait}, {"at": text})
    assert ended["status"] == "SUCCEEDED", ended
    assert moment <= ended["stopDate"] < max(moment, ended["startDate"]) + timedelta(seconds=20)


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
    moment = soon(2).astimezone(timezone(timedelta(hours=-5)))
    wait = {"Type": "Wait", "TimestampPath": "$.at", "End": True}
    ended = machines.run({"Wait": wait}, {"at": moment.isoformat()})
    assert moment <= ended["stopDate"] < moment + timedelta(seconds=30)
