"""Start, stop, and what a person is told when it goes wrong."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headrace_local import record
from headrace_local.__main__ import main
from headrace_local.environ import without_user_settings
from headrace_local.errors import LocalAwsError
from headrace_local.files import log_file, state_file
from headrace_local.lifecycle import running, start, stop
from headrace_local.settings import Settings

# What a shell may hold for other programs, or wrongly.
STRANGE = {
    "AWS_PROFILE": "no-such-profile",
    "AWS_CONFIG_FILE": "/dev/null/config",
    "AWS_MAX_ATTEMPTS": "x",
    "AWS_RETRY_MODE": "x",
    "AWS_ENDPOINT_URL": "x",
    "AWS_DEFAULT_REGION": "x",
    "HTTP_PROXY": "http://localhost:1",
    "MOTO_PORT": "x",
    "TMPDIR": "{home}/no-such-folder",
    "PYTHONPATH": str(Path(__file__).parent / "stepfunctions"),
    "PYTHONHOME": "/no/such/python",
    "PYTHONWARNINGS": "error",
    "LC_ALL": "C",
    "TZ": "Nowhere/Else",
    "COLUMNS": "x",
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    stop(tmp_path / "home")


@pytest.mark.parametrize("text", ["x", "5s", "-1", "nan", "inf", "1e999", "1,5", " ", "0x10", "None"])
@pytest.mark.parametrize(
    "name",
    [
        "HEADRACE_LOCAL_STOP_GRACE_SECONDS",
        "HEADRACE_LOCAL_SPOT_NOTICE_SECONDS",
        "HEADRACE_LOCAL_SPOT_WAIT_SECONDS",
        "HEADRACE_LOCAL_INTERRUPT_AFTER_SECONDS",
    ],
)
def test_a_variable_that_is_no_number_of_seconds_is_named(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`up` says so in one line, and starts nothing that would fail at the first job."""
    monkeypatch.setenv(name, text)
    assert main(["--home", str(tmp_path), "up"]) == 1
    assert capsys.readouterr().err.startswith(f"error: {name} is {text!r}; it has to be seconds")
    assert running(tmp_path) is None


def test_starting_twice_is_starting_once(home: Path, local_aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`up` is idempotent: the second gives the server of the first, also when both start at the same time.

    That it starts at all shows that nothing of the caller's environment is believed. Two homes have two servers on two ports:
    two clones never meet, and ending one leaves the other.
    """
    found = []
    starts = [threading.Thread(target=lambda: found.append(start(home))) for _ in range(2)]
    with monkeypatch.context() as caller:
        for name, value in STRANGE.items():
            caller.setenv(name, value.format(home=home))
        caller.delenv("HOME")
        for thread in starts:
            thread.start()
        for thread in starts:
            thread.join()
    assert found[0] == found[1] == start(home) == running(home)
    assert found[0].endpoint != local_aws.endpoint
    stop(home)
    assert running(home) is None
    assert local_aws.client("sts").get_caller_identity()


@pytest.mark.parametrize(
    "runs_with",
    [
        {"account": "111122223333", "region": "us-east-1"},
        {"account": "000000000000", "region": "eu-west-1"},
        {},
    ],
)
def test_a_server_of_another_account_is_refused(home: Path, runs_with: dict[str, str]) -> None:
    """Who asks for another account or region than the running server's gets an error, and no such server."""
    with record.claimed(home):
        record.write(home, record.Record(port=1, pid=os.getpid(), settings=runs_with))
        for use in (running, start):
            with pytest.raises(LocalAwsError, match=r"asked for 000000000000 in us-east-1; stop it"):
                use(home, Settings())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one loopback address only")
def test_it_listens_on_the_loopback_only(local_aws: Any) -> None:
    """Nobody else on the network can reach a server that checks no credentials."""
    port = int(local_aws.endpoint.rpartition(":")[2])
    with socket.socket() as taken:
        # The port of every other address is free.
        taken.bind(("127.0.0.2", port))


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("{")], ids=["lost", "spoilt"])
def test_a_server_whose_record_is_lost_can_be_ended(spoil: Any, home: Path) -> None:
    """`down` ends the server that holds the folder, whatever has become of server.json."""
    server = start(home)
    spoil(home / "server.json")
    assert running(home) is None
    assert stop(home)
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)
    assert not stop(home)


def test_a_pid_of_another_process_is_left_alone(home: Path) -> None:
    """A `server.json` whose pid was given to another process never leads to ending that process."""
    home.mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as innocent:
        (home / "server.json").write_text(json.dumps({"port": 1, "pid": innocent.pid}))
        assert running(home) is None
        stop(home)
        assert innocent.poll() is None
        innocent.communicate(b"\n")


def test_a_failed_start_tells_the_end_of_the_log(home: Path) -> None:
    """The error names the log file and gives its last lines: here that the state cannot be read, and the remedy."""
    home.mkdir()
    damaged = b"no state at all, but long enough for a digest of it"
    state_file(home).write_bytes(damaged)
    with pytest.raises(LocalAwsError, match="ended while starting") as failed:
        start(home)
    assert str(log_file(home)) in str(failed.value)
    assert "error: the saved state of the local AWS is damaged" in str(failed.value)
    assert "command `reset`" in str(failed.value)
    assert "Traceback" not in str(failed.value)
    assert state_file(home).read_bytes() == damaged


def test_a_second_server_in_one_home_is_refused(home: Path) -> None:
    """The lock of a home is held by one process."""
    with record.claimed(home), pytest.raises(LocalAwsError, match="already runs"), record.claimed(home):
        pass


def test_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """status, up, logs, down and reset say what a person needs, and their exit status tells the same."""
    at = ["--home", str(home)]
    assert main([*at, "status"]) == 1
    assert main([*at, "logs"]) == 1
    capsys.readouterr()
    assert main([*at, "up"]) == 0
    server = running(home)
    assert server is not None
    assert f"export AWS_ENDPOINT_URL={server.endpoint}\n" in capsys.readouterr().out
    assert main([*at, "status"]) == 0
    assert f"process {server.pid}" in capsys.readouterr().out
    assert main([*at, "logs"]) == 0
    assert f"ready on {server.endpoint}" in capsys.readouterr().out
    assert main([*at, "down"]) == 0
    assert running(home) is None
    assert state_file(home).exists()
    assert main([*at, "reset"]) == 0
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["up", "--account", "12"], "'12' is not an account number of 12 digits"),
        (["up", "--image", "mine=no-such-folder"], "no-such-folder, which is no folder"),
        (["reset"], "nothing was removed"),
        (["start"], "invalid choice: 'start'"),
        ([], "required: command"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """A usage error ends with status 2, any other with 1; a folder of something else is not removed."""
    (tmp_path / "thesis.txt").touch()
    try:
        status = main(["--home", str(tmp_path), *arguments])
    except SystemExit as ended:
        status = int(ended.code or 0)
    assert status in {1, 2}
    assert message in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_callers_credentials_are_not_seen() -> None:
    """Nothing of the caller's AWS settings is left, and neither file of the home folder is read."""
    caller = {
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_PROFILE": "p",
        "PATH": "/bin",
    }
    seen = without_user_settings(caller, "eu-west-1")
    assert "real" not in seen.values()
    assert "AWS_PROFILE" not in seen
    assert seen["AWS_CONFIG_FILE"] == seen["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert (seen["PATH"], seen["AWS_DEFAULT_REGION"]) == ("/bin", "eu-west-1")
