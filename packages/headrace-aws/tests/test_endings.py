"""How a command ends after an error that is not Headrace's own: one line, a status, and never a traceback."""

import errno
import os
import re
import signal
import subprocess
import sys
import types
from pathlib import Path

import polars as pl
import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ProfileNotFound,
)

from headrace.errors import DataError
from headrace_aws.__main__ import VERBS, Verb, main
from headrace_aws.config.root import project_root
from headrace_local.errors import LocalAwsError
from headrace_local.exclusive import exclusive

AWS = "error: AWS did not do what was asked: "


def refused(code: str, message: str = "no") -> ClientError:
    """Return AWS's refusal of a call."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "StartExecution")


def file_error(number: int, name: str = "/data/file") -> OSError:
    """Return what the system says of a file."""
    return OSError(number, os.strerror(number), name)


ENDINGS = {
    "ours": (DataError("column 'a' is missing"), 2, "error: column 'a' is missing"),
    "the local AWS's": (LocalAwsError("it does not run"), 2, "error: it does not run"),
    "read only": (file_error(errno.EROFS), 2, "error: /data/file: Read-only file system; work in a folder that can"),
    "no right": (file_error(errno.EACCES), 2, "error: /data/file: Permission denied; give yourself the right"),
    "name too long": (file_error(errno.ENAMETOOLONG, "a" * 300), 2, f"error: {'a' * 200}: File name too long; it is"),
    "a folder": (file_error(errno.EISDIR), 2, "error: /data/file: Is a directory; it is a folder, and a file is"),
    "gone": (file_error(errno.ENOENT), 2, "error: /data/file: No such file or directory; see that the path"),
    "disk full": (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 2, "error: No space left on device; make room"),
    "refused connection": (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), 2, "error: Connection refused"),
    "no credentials": (NoCredentialsError(), 2, f"{AWS}Unable to locate credentials; log in"),
    "no such profile": (ProfileNotFound(profile="x"), 2, f"{AWS}The config profile (x) could not be found; name one of"),
    "no connection": (EndpointConnectionError(endpoint_url="https://x"), 2, f'{AWS}Could not connect to the endpoint URL: "https://x"; see that the network'),
    "expired": (refused("ExpiredToken", "The token\nhas expired"), 2, f"{AWS}StartExecution: The token has expired (ExpiredToken); log in"),
    "denied": (refused("AccessDeniedException"), 2, f"{AWS}StartExecution: no (AccessDeniedException); the caller lacks"),
    "throttled": (refused("ThrottlingException"), 2, f"{AWS}StartExecution: no (ThrottlingException); wait a minute"),
    "parameters": (ParamValidationError(report="Invalid length\nfor parameter name"), 2, f"{AWS}Parameter validation failed: Invalid length for parameter name; a value"),
    "Ctrl-C": (KeyboardInterrupt(), 130, "interrupted"),
    "a closed pipe": (BrokenPipeError(errno.EPIPE, "Broken pipe"), 0, ""),
    "a bug": (ZeroDivisionError("division\nby zero"), 1, "error: a fault of Headrace, and not yours: ZeroDivisionError: division by zero; the traceback is in "),
    "too large": (OverflowError("date value out of range"), 1, "error: a fault of Headrace, and not yours: OverflowError: date value out of range; "),
    "too deep": (RecursionError("maximum recursion depth exceeded"), 1, "error: a fault of Headrace, and not yours: RecursionError: maximum"),
    "no UTF-8": (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), 1, "error: a fault of Headrace, and not yours: UnicodeDecodeError: 'utf-8'"),
    "no memory": (MemoryError(), 1, "error: a fault of Headrace, and not yours: MemoryError; the"),
    "a panic of polars": (pl.exceptions.PanicException("index out of bounds"), 1, "error: a fault of Headrace, and not yours: PanicException: index"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_search_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let a command change the search path of modules for one test only, and write its traceback there."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("headrace_aws.cli.discard_output", lambda: None)  # the output is pytest's own


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a command that does nothing but raise."""

    def command(_arguments: object) -> int:
        raise error

    module = types.ModuleType("headrace_aws.raising")
    module.main = command  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(VERBS["Run"], "raising", Verb("raise", "raising"))


@pytest.mark.parametrize(("error", "status", "message"), ENDINGS.values(), ids=ENDINGS.keys())
def test_whatever_ends_a_command_is_one_line(
    error: BaseException,
    status: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the cause and what to do; the traceback of a bug is in the file that the line names."""
    raising(error, monkeypatch)
    assert main(["raising"]) == status
    said = capsys.readouterr().err.strip()
    assert said.startswith(message)
    assert "\n" not in said
    found = re.search(r"the traceback is in (\S+): report it with that file to the maintainers", said)
    assert bool(found) == (status == 1)
    if found:
        assert "raise error" in Path(found[1]).read_text()


def test_a_fault_of_the_teams_own_code_is_reported_as_such(tmp_path: Path) -> None:
    """File and line of the pipeline, not that Headrace has a bug."""
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "project.toml").write_bytes((project_root() / "project.toml").read_bytes())
    (tmp_path / "pipelines" / "__init__.py").write_text("PIPELINES = 1 / 0\n")
    ended = subprocess.run(
        [sys.executable, "-m", "headrace_aws", "check"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    place = tmp_path / "pipelines" / "__init__.py"
    assert ended.returncode == 1
    assert ended.stderr.startswith(
        f"error: {place}, line 1: ZeroDivisionError: division by zero; correct it there, the traceback is in {tmp_path}"
    )
    assert ended.stderr.count("\n") == 1


def test_a_full_disk_behind_the_output_is_one_line() -> None:
    """Also what the interpreter flushes at its end is reported once."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "headrace_aws", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (2, "error: No space left on device; make room on the disk\n")


@pytest.mark.parametrize(
    ("number", "before", "status"),
    [
        (signal.SIGINT, (), 130),
        (signal.SIGTERM, (), 130),  # a workflow that is cancelled
        (signal.SIGHUP, (), 130),  # a terminal that is closed
        (signal.SIGHUP, ("nohup",), None),  # which asks to go on
    ],
)
def test_a_command_that_waits_can_be_ended(
    number: signal.Signals, before: tuple[str, ...], status: int | None, tmp_path: Path
) -> None:
    """Who waits for another command says so in one line; Ctrl-C, SIGTERM and a closed terminal end it in another."""
    (tmp_path / "project.toml").write_bytes((project_root() / "project.toml").read_bytes())
    (tmp_path / ".local").mkdir()
    with (
        exclusive(tmp_path / ".local" / "change.lock", "`make down`", 0, print),
        subprocess.Popen(
            [*before, sys.executable, "-m", "headrace_aws", "local", "up"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        ) as waiting,
    ):
        assert waiting.stderr
        said = waiting.stderr.readline()
        assert re.fullmatch(
            r"waiting for `make down` \(process \d+, since [\d:]+\); 3 minutes at most\n", said
        )
        waiting.send_signal(number)
        if status is None:
            with pytest.raises(subprocess.TimeoutExpired):
                waiting.wait(1)
            waiting.kill()
            waiting.wait(10)
        else:
            assert waiting.wait(30) == status
            assert waiting.stderr.read() == "\ninterrupted\n"
