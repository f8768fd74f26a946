"""Start and stop a local AWS. Each has a folder of its own, its home, and a port of its own."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from headrace_local import record, strict_json
from headrace_local.code_fingerprint import fingerprint
from headrace_local.errors import LocalAwsError
from headrace_local.exclusive import exclusive
from headrace_local.files import change_file, lock_file, log_file, record_file, state_file
from headrace_local.saving import NoAnswerError, NotSavedError, save_now
from headrace_local.settings import Settings, save

START_SECONDS = 30.0
STOP_SECONDS = 60.0
_POLL_SECONDS = 0.02
_LOG_LINES = 15
_LOG_WIDTH = 200
_CHANGE_MINUTES = 3.0  # for another `up` or `down`: a start and a stop may take half of it
# Servers that this process has started: the process that starts one has to collect its exit status.
_started: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Server:
    """A running local AWS."""

    endpoint: str
    pid: int
    home: Path


def running(home: Path, settings: Settings | None = None) -> Server | None:
    """Return the server that answers in `home`, or None: a file that a killed server left does not count.

    Raises `LocalAwsError` when it stands for another account or region than `settings`.
    """
    found = record.read(home)
    if found is None:
        return None
    account, region = found.settings.get("account"), found.settings.get("region")
    if settings and (account, region) != (settings.account, settings.region):
        raise LocalAwsError(
            f"the local AWS runs for account {account or 'unknown'} in {region or 'an unknown region'}, and is asked "
            f"for {settings.account} in {settings.region}; stop it, and start it anew"
        )
    return Server(f"http://localhost:{found.port}", found.pid, home)


def loss(home: Path) -> str:
    """Return what was lost with the last server of `home`, if it did not end as it should; empty when nothing was."""
    if not record.has_lost(home):
        return ""
    content = "nothing of it had been saved"
    if state_file(home).exists():
        saved_at = datetime.fromtimestamp(state_file(home).stat().st_mtime).astimezone()
        content = f"its content is that of {saved_at:%Y-%m-%d %H:%M:%S}"
    return f"the last local AWS was killed, or could not save its state; {content}"


def is_outdated(home: Path, settings: Settings | None = None) -> bool:
    """Return whether a server runs in `home` that was started from other code, or other settings, than now."""
    found = record.read(home)
    if found is None:
        return False
    has_other_settings = settings is not None and found.settings != strict_json.loads(
        strict_json.dumps(asdict(settings))
    )
    return has_other_settings or found.source != fingerprint()


def enforces_iam(home: Path) -> bool:
    """Return whether a server runs in `home` that enforces IAM."""
    found = record.read(home)
    return found is not None and found.iam == "enforce"


def start(home: Path, settings: Settings | None = None, iam: record.IamMode | None = None) -> Server:
    """Return the server of `home`, started if none runs, started again if its code or its images have changed.

    Without `settings` it has those of its last start. `iam` "enforce" subjects every role to its policies, "off" none;
    a server that runs the other way is started again, with its content. None leaves a running one as it is, and starts
    one that does not enforce.

    Of several at once each waits for the one before. Raises `LocalAwsError` with the end of its log if it ends, and as
    `running` does.
    """
    home.mkdir(parents=True, exist_ok=True)
    with exclusive(change_file(home), "`make up`", _CHANGE_MINUTES, _say):
        return _start(home, settings, iam)


def _start(home: Path, settings: Settings | None, iam: record.IamMode | None) -> Server:
    server = running(home, settings)
    present: record.IamMode = "enforce" if enforces_iam(home) else "off"
    wanted = iam or present
    if server and (is_outdated(home, settings) or wanted != present):
        _stop(home)
    elif server:
        return server
    if settings:
        save(home, settings)
    _collect_ended()
    process = _start_process(home, wanted)
    _started[process.pid] = process
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        server = running(home)
        if server and server.pid != process.pid:
            _started.pop(process.pid).wait(START_SECONDS)  # it lost a race, and ends by itself
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
        f"the local AWS was not ready after {START_SECONDS:.0f} seconds; `headrace-local down` ends it, and `up` tries "
        f"again; the end of {log_file(home)}:\n{log_tail(home)}"
    )


def stop(home: Path, *, is_content_needed: bool = True) -> bool:
    """End the server of `home`: running executions and jobs are stopped, the state is saved.

    Returns False when none ran. The holder of the lock is asked, so that a lost `server.json` is no matter.

    Raises `LocalAwsError` when the state cannot be saved: the server then still runs, unless its content is not needed.
    """
    if not lock_file(home).exists():
        return False  # none has ever run there
    with exclusive(change_file(home), "`make down`", _CHANGE_MINUTES, _say):
        return _stop(home, is_content_needed=is_content_needed)


def _stop(home: Path, *, is_content_needed: bool = True) -> bool:
    pid = record.holder(home)
    if pid is None:
        return False
    if is_content_needed and (server := running(home)):
        _check_saved(server)
    with suppress(ProcessLookupError):  # it has just ended
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
        _started.pop(pid).wait(STOP_SECONDS)
    if record_file(home).exists() or not state_file(home).exists():
        raise LocalAwsError(
            "the local AWS ended without saving its state: its folder has to be writable, with free space; the end of "
            f"{log_file(home)}:\n{log_tail(home)}"
        )
    return True


def _check_saved(server: Server) -> None:
    """Raise `LocalAwsError` when a server cannot save what it holds, which only it has; one that is stuck is ended."""
    with suppress(NoAnswerError):
        try:
            save_now(server.endpoint)
        except NotSavedError as error:
            raise LocalAwsError(f"the local AWS was not stopped: {error}") from error


def _say(text: str) -> None:
    with suppress(OSError):  # nobody reads it any more
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def _collect_ended() -> None:
    """Collect the exit statuses of servers that were killed."""
    for pid in [pid for pid, process in _started.items() if process.poll() is not None]:
        del _started[pid]


def log_tail(home: Path, lines: int = _LOG_LINES) -> str:
    """Return the last lines of the server's log, indented."""
    with log_file(home).open(encoding="utf-8", errors="replace") as log:
        return "\n".join(f"  {line.rstrip()[:_LOG_WIDTH]}" for line in deque(log, maxlen=lines))


def _start_process(home: Path, iam: record.IamMode) -> subprocess.Popen[bytes]:
    with log_file(home).open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            [
                sys.executable,
                "-EP",  # nor what the caller's PYTHONPATH and its like say
                "-m",
                "headrace_local",
                "--home",
                str(home.resolve()),
                "serve",
                "--iam",
                iam,
            ],
            # No module of the folder that it is started from is taken for one of its own.
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Its own session: Ctrl-C at the terminal that ran `up` must not end it.
            start_new_session=True,
        )
