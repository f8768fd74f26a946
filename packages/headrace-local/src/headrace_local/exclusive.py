"""One at a time: a lock file that a process holds for as long as it works.

The kernel frees the lock when the process ends, however that happens, so that none is ever left behind.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO

from headrace_local.errors import LocalAwsError

_PAUSE_SECONDS = 0.05
_SAID_AFTER_SECONDS = 1.0


@contextmanager
def exclusive(file: Path, doing: str, minutes: float, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file, after waiting for who holds it now; `doing` is what those that wait for this one are told.

    Raises `LocalAwsError` that names the holder when it still has the lock after so many minutes.
    """
    begun, is_said = time.monotonic(), False
    while (lock := _held(file)) is None:
        holder = _holder(file)
        waited = time.monotonic() - begun
        if waited >= minutes * 60:
            raise LocalAwsError(
                f"{holder} is still at work after {minutes:g} minutes; repeat the command when it has ended"
            )
        if waited >= _SAID_AFTER_SECONDS and not is_said:
            say(f"waiting for {holder}; {minutes:g} minutes at most")
            is_said = True
        time.sleep(_PAUSE_SECONDS)
    with lock:
        with suppress(OSError):  # on a full disk nobody is told who holds it
            lock.truncate(0)
            since = f"{datetime.now().astimezone():%H:%M:%S}"
            os.write(lock.fileno(), f"{doing} (process {os.getpid()}, since {since})".encode())
        yield


def _held(file: Path) -> TextIO | None:
    """Return the file, open and locked; None when another one has the lock."""
    lock = file.open("a", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Who removes the folder has removed the file that was locked here: another one may be locked by now.
        if os.fstat(lock.fileno()).st_ino == file.stat().st_ino:
            return lock
    except (BlockingIOError, FileNotFoundError):
        pass
    lock.close()
    return None


def _holder(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace") or "another command"
    except FileNotFoundError:
        return "another command"
