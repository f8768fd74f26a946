"""Waiting for AWS: every end is known, a wait has a limit, and an unknown status is an error."""

from functools import cache
from typing import Any

import botocore.session
import pytest

from headrace.errors import WaitError
from headrace_aws import waiting
from headrace_aws.waiting import STATUSES, Statuses, wait_until_ended

NAMES = {id(each): name for name, each in vars(waiting).items() if isinstance(each, Statuses)}
ROWS = [
    pytest.param(each, *enumeration, id=f"{NAMES[id(each)]}-{enumeration[1]}")
    for each in STATUSES
    for enumeration in each.enumerations
]


@cache
def model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def test_every_wait_is_in_the_table() -> None:
    """What divides statuses stands in STATUSES, so that the next test reaches it."""
    assert {id(each) for each in STATUSES} == set(NAMES)


@pytest.mark.parametrize(("statuses", "service", "shape"), ROWS)
def test_every_status_of_the_model_is_known(statuses: Statuses, service: str, shape: str) -> None:
    """Each status that botocore's model of the API lists is under way or an end, and not both: a new one fails here."""
    listed = set(model(service).shape_for(shape).enum)
    assert listed
    assert listed <= statuses.under_way | statuses.ended
    assert not statuses.under_way & statuses.ended


@pytest.mark.parametrize("statuses", STATUSES, ids=[NAMES[id(each)] for each in STATUSES])
def test_every_end_ends_the_wait(statuses: Statuses) -> None:
    """Each end is returned at the first look; each other status is waited through, until the limit says which it is."""
    for status in statuses.ended:
        assert wait_until_ended("it", lambda status=status: status, statuses, 1) == status  # type: ignore[misc]
    for status in statuses.under_way:
        with pytest.raises(WaitError, match=f"^it is still {status} after 0 minutes"):
            wait_until_ended("it", lambda status=status: status, statuses, 0)  # type: ignore[misc]
    with pytest.raises(WaitError, match=r"^it has the status 'NEW', which this version does not know"):
        wait_until_ended("it", lambda: "NEW", statuses, 1)


def test_a_long_wait_says_what_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what is waited for, in which status it is, and how long at most."""
    monkeypatch.setattr(waiting, "_SAID_AFTER_SECONDS", 0)
    looks = iter(["RUNNING", "RUNNING", "SUCCEEDED"])
    said: list[str] = []
    wait_until_ended("the run r", lambda: next(looks), waiting.EXECUTION, 5, said.append)
    assert said == ["waiting for the run r, which is RUNNING; 5 minutes at most"]
