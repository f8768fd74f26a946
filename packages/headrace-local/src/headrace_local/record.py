"""`server.json`: where the server of a home listens. A lock tells whether it is true.

A pid can die, and can be given to another process. A lock cannot lie: the kernel holds it for exactly as long as
the server lives. So a `server.json` counts only while `server.lock` beside it is locked. One that is there without is
of a server that was killed, or that could not save its state: neither takes it away.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TextIO, TypeAlias

from headrace_local import strict_json
from headrace_local.errors import LocalAwsError
from headrace_local.files import lock_file, record_file

IamMode: TypeAlias = Literal["off", "enforce"]  # whether roles are subject to their policies

_LOCK_ATTEMPTS = 20
_LOCK_PAUSE_SECONDS = 0.01


@dataclass(frozen=True)
class Record:
    """What a client has to know of a running server: where it is, and what it was started from."""

    port: int
    pid: int
    source: str = ""  # see `code_fingerprint.fingerprint`
    iam: IamMode = "off"
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """A home that this process holds."""

    lock: TextIO
    folder: tuple[int, int]  # device and inode

    def is_lost(self) -> bool:
        """Return whether the lock file was removed, as with the whole folder: nobody can find this server any more."""
        return os.fstat(self.lock.fileno()).st_nlink == 0

    def has_folder(self, home: Path) -> bool:
        """Return whether the folder is still there, and is no new one in its place."""
        try:
            return (
                not self.is_lost() and _identity(home) == self.folder
            )  # a new folder may have the inode of the old one
        except OSError:
            return False


@contextmanager
def claimed(home: Path) -> Iterator[Claim]:
    """Hold `home` for this process; raise `LocalAwsError` when another server holds it.

    `server.json` is removed on leaving, unless by an error, and so is one that a killed server left on entering.
    """
    home.mkdir(parents=True, exist_ok=True)
    with lock_file(home).open("a") as lock:
        if not _locked(lock):
            raise LocalAwsError(f"a local AWS already runs in {home}; the command `down` ends it")
        remove(home)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        claim = Claim(lock, _identity(home))
        yield claim
        if claim.has_folder(home):
            remove(home)


def _identity(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_dev, found.st_ino


def _locked(lock: TextIO) -> bool:
    # A process that calls `is_claimed` holds the lock too, for a moment: that must not keep a server from starting.
    for _ in range(_LOCK_ATTEMPTS):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOCK_PAUSE_SECONDS)
        else:
            return True
    return False


def is_claimed(home: Path) -> bool:
    """Return whether a server lives in `home`, ready or not."""
    try:
        with lock_file(home).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def holder(home: Path) -> int | None:
    """Return the pid of the server that lives in `home`, ready or not; None when there is none."""
    if not is_claimed(home):
        return None
    pid = lock_file(home).read_text(encoding="utf-8", errors="replace")
    if pid.isdigit():
        return int(pid)
    found = read(home)  # a server of an older checkout wrote no pid into its lock
    return found.pid if found else None


def read(home: Path) -> Record | None:
    """Return the record of the server that lives in `home` and is ready, else None."""
    if not is_claimed(home):
        return None
    try:
        found = strict_json.loads(record_file(home).read_text(encoding="utf-8"))
        # A server of another checkout may say more, or less.
        return Record(**{known.name: found[known.name] for known in fields(Record) if known.name in found})
    except (FileNotFoundError, ValueError, TypeError):  # not written yet, or spoilt by hand
        return None


def has_lost(home: Path) -> bool:
    """Return whether the last server of `home` was killed or could not save: its `server.json` is there, and no server."""
    return not is_claimed(home) and record_file(home).exists()


def write(home: Path, record: Record) -> None:
    """Write `server.json` in one step: a reader sees all of it or none."""
    new = record_file(home).with_suffix(".new")
    new.write_text(strict_json.dumps(asdict(record)) + "\n", encoding="utf-8")
    new.replace(record_file(home))


def remove(home: Path) -> None:
    """Remove `server.json`, if there is one."""
    record_file(home).unlink(missing_ok=True)
