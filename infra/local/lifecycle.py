"""Start and stop the local AWS of this clone. Each clone has its own, in its own folder, on its own port."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from headrace.errors import LocalAwsError
from infra.local import record
from infra.local.files import log_file, state_file
from infra.local.source import fingerprint
from pipelines.environment import LOCAL
from pipelines.project import ROOT, Project, load_project

HOME = ROOT / ".local"
START_SECONDS = 30.0
STOP_SECONDS = 60.0
_POLL_SECONDS = 0.02
_LOG_LINES = 15
_LOG_WIDTH = 200
_CLOCK_SECONDS = 1.0  # the clock of a file system may be a little behind
# Servers that this process has started: whoever starts one has to collect its exit status.
_started: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Server:
    """A running local AWS."""

    endpoint: str
    pid: int
    home: Path


def running(home: Path = HOME) -> Server | None:
    """Return the server that answers in `home`, or None: a file that a killed server left does not count.

    Raises `LocalAwsError` when it stands for another account or region than `project.toml` has now.
    """
    found = record.read(home)
    if found is None:
        return None
    wanted = _project_of(home).environment(LOCAL)
    if (found.account, found.region) != (wanted.account, wanted.region):
        raise LocalAwsError(
            f"the local AWS runs for account {found.account or 'unknown'} in {found.region or 'an unknown region'}, "
            f"and project.toml now has {wanted.account} in {wanted.region}; `make down up` starts it anew"
        )
    return Server(f"http://localhost:{found.port}", found.pid, home)


def _project_of(home: Path) -> Project:
    """Return the project of the clone that `home` lies in; for a home elsewhere, that of this one."""
    beside = home.resolve().parent / "project.toml"
    return load_project(beside) if beside.exists() else load_project()


def is_outdated(home: Path = HOME) -> bool:
    """Return whether a server runs in `home` that was started from other code than is there now."""
    found = record.read(home)
    return found is not None and found.source != fingerprint()


def enforces_iam(home: Path = HOME) -> bool:
    """Return whether a server runs in `home` that enforces IAM."""
    found = record.read(home)
    return found is not None and found.iam == "enforce"


def start(home: Path = HOME, iam: record.IamMode | None = None) -> Server:
    """Return the server of `home`, started if none runs, started again if its code has changed.

    `iam` "enforce" subjects every role to its policies, "off" none; a server that runs the other way is started
    again, with its content. None leaves a running one as it is, and starts one that does not enforce.

    Raises `LocalAwsError` with the end of its log if it ends, and as `running` does.
    """
    server = running(home)
    present: record.IamMode = "enforce" if enforces_iam(home) else "off"
    wanted = iam or present
    if server and (is_outdated(home) or wanted != present):
        stop(home)
    elif server:
        return server
    home.mkdir(parents=True, exist_ok=True)
    _collect_ended()
    process = _start_process(home, wanted)
    _started[process.pid] = process
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        server = running(home)
        if server and server.pid != process.pid:
            _started.pop(process.pid).wait()  # it lost a race, and ends by itself
        if server:
            return server
        # A process that ended because another one was faster is no failure: that one becomes ready.
        if process.poll() is not None and not record.is_claimed(home):
            raise LocalAwsError(
                f"the local AWS ended while starting (exit status {process.returncode}); "
                f"the end of {log_file(home)}:\n{log_tail(home)}"
            )
        time.sleep(_POLL_SECONDS)
    raise LocalAwsError(
        f"the local AWS was not ready after {START_SECONDS:.0f} seconds; `make down` ends it, and `make up` tries "
        f"again; the end of {log_file(home)}:\n{log_tail(home)}"
    )


def stop(home: Path = HOME) -> bool:
    """End the server of `home`: running executions and jobs are stopped, the state is saved.

    Returns False when none ran. The holder of the lock is asked, so that a lost `server.json` is no matter.
    """
    pid = record.holder(home)
    if pid is None:
        return False
    asked_at = time.time()
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while record.is_claimed(home):
        if time.monotonic() > deadline:
            raise LocalAwsError(
                f"the local AWS (process {pid}) did not end within {STOP_SECONDS:.0f} seconds; "
                f"the end of {log_file(home)}:\n{log_tail(home)}"
            )
        time.sleep(_POLL_SECONDS)
    if pid in _started:
        _started.pop(pid).wait()
    if not state_file(home).exists() or state_file(home).stat().st_mtime < asked_at - _CLOCK_SECONDS:
        raise LocalAwsError(
            f"the local AWS ended without saving its state; the end of {log_file(home)}:\n{log_tail(home)}"
        )
    return True


def _collect_ended() -> None:
    """Take the exit statuses of servers that were killed."""
    for pid in [pid for pid, process in _started.items() if process.poll() is not None]:
        del _started[pid]


def log_tail(home: Path = HOME, lines: int = _LOG_LINES) -> str:
    """Return the last lines of the server's log, indented."""
    with log_file(home).open(encoding="utf-8", errors="replace") as log:
        return "\n".join(f"  {line.rstrip()[:_LOG_WIDTH]}" for line in deque(log, maxlen=lines))


def _start_process(home: Path, iam: record.IamMode) -> subprocess.Popen[bytes]:
    search_path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    with log_file(home).open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            [sys.executable, "-m", "infra.local", "--home", str(home.resolve()), "serve", "--iam", iam],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": search_path},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Its own session: Ctrl-C at the terminal that ran `make up` must not end it.
            start_new_session=True,
        )
