"""What jobs leave that are no longer watched: processes that left their session, all of a server that was killed.

A process is known by its environment, which what it starts has from it. Only Linux shows it, in /proc; elsewhere
nothing is found, and such a process ends when it ends.
"""

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

MARK = "SAGEMAKER_BASE_DIR"  # the variable that names the folder which stands for /opt/ml
_PROCESSES = Path("/proc")


def end(folder: Path) -> list[int]:
    """End all processes of the jobs whose files lie in `folder` or below, and return their numbers."""
    found = [number for number in _numbers() if _is_of(number, folder)]
    for number in found:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    return found


def tidy(folder: Path) -> None:
    """Remove what the jobs in `folder` were brought whose server was killed: their scratch folders are still there."""
    for scratch in folder.glob("*/*.scratch"):
        root = scratch.with_suffix("")
        for needless in (scratch, root / "input" / "data", root / "processing" / "input"):
            shutil.rmtree(needless, ignore_errors=True)


def _numbers() -> list[int]:
    if not _PROCESSES.is_dir():
        return []
    return [int(entry.name) for entry in _PROCESSES.iterdir() if entry.name.isdecimal()]


def _is_of(number: int, folder: Path) -> bool:
    try:
        environment = (_PROCESSES / str(number) / "environ").read_bytes()
    except OSError:
        return False  # it has ended, or is another user's
    marks = [line for line in environment.split(b"\0") if line.startswith(f"{MARK}=".encode())]
    # The last one counts, as a shell has it; the server itself has none.
    return bool(marks) and Path(os.fsdecode(marks[-1].partition(b"=")[2])).is_relative_to(folder)
