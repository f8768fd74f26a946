"""Waiting for AWS: every end is known, a wait has a limit, and an unknown status is an error."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest

import headrace
import headrace_aws
import headrace_local
from headrace.errors import WaitError
from headrace_aws import waiting
from headrace_aws.config.root import project_root
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


# Waits without a limit of their own, each with the reason.
ENDLESS = {
    "autosave.py: context.unsaved.wait",  # a thread of the server that is idle until there is something to save
    "checkpoints.py: copying.join",  # of a thread of this process that copies on this machine
    "containers.py: handle.events.get",  # only what is there is taken
    "dispatch.py: _waiting.get",  # a thread of the server that is idle until there is something to deliver
    "identity.py: _actor.get",  # a context variable, which waits for nothing
    "instance.py: process.wait",  # in a thread per process, which the job's time limit ends by SIGKILL
    "parallel.py: ended.get",  # of branches, each of which ends with its execution
}
LIMITED = {
    "run",
    "check_output",
    "check_call",
    "communicate",
    "urlopen",
    "HTTPConnection",
    "create_connection",
}
BARE = {"wait", "join", "acquire", "get"}


def unlimited(file: Path) -> Iterator[str]:
    """Yield the calls of a file that may wait for ever: for a process, a thread, a queue, a lock, the network."""
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call):
            place = ast.unparse(call.func)
            owner, _, name = place.rpartition(".")
            has_limit = any(keyword.arg == "timeout" for keyword in call.keywords)
            is_process = name != "run" or owner == "subprocess"
            if (name in LIMITED and is_process and not has_limit) or (
                name in BARE and not call.args and not call.keywords
            ):
                yield f"{file.name}: {place}"


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("subprocess.run(command, check=False)", True),
        ("subprocess.run(command, timeout=9)", False),
        ("process.communicate()", True),
        ("process.communicate(timeout=9)", False),
        ("process.wait()", True),
        ("process.wait(9)", False),
        ("thread.join()", True),
        ("','.join(texts)", False),
        ("queue.get()", True),
        ("mapping.get('key')", False),
        ("lock.acquire()", True),
        ("lock.acquire(blocking=False)", False),
        ("urllib.request.urlopen(request)", True),
        ("HTTPConnection('127.0.0.1', 1, timeout=9)", False),
        ("pipeline.run(given)", False),
    ],
)
def test_a_wait_without_a_limit_is_found(code: str, is_found: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """The search of the next test finds each kind of wait."""
    file = tmp_path / "module.py"
    file.write_text(code)
    assert list(unlimited(file)) == ([f"module.py: {code.partition('(')[0]}"] if is_found else [])


def test_every_wait_has_a_limit() -> None:
    """No module of the packages, nor a script of requirements/, waits for ever, save those that say why."""
    folders = [Path(str(each.__file__)).parent for each in (headrace, headrace_aws, headrace_local)]
    files = [file for folder in (*folders, project_root() / "requirements") for file in folder.rglob("*.py")]
    assert {found for file in files for found in unlimited(file)} == ENDLESS
