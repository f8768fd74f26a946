"""Where a job may write: its own folders, and nothing else on this machine but temporary files.

In a container a job may write anywhere, and what lies outside of /opt/ml is lost with the container. Here it would be
the user's own disk. Linux can forbid that to a process without root, by Landlock (kernel 5.13): such a
write fails with `Permission denied`. Elsewhere nothing is forbidden.

Source: the manual pages landlock(7), landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2).
"""

import ctypes
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from headrace_local.context import current

# The numbers of the system calls are the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1  # flag of landlock_create_ruleset: return the version instead
_PATH_BENEATH = 1  # type of rule
_NO_NEW_PRIVILEGES = 38  # option of prctl
# Write a file, remove a directory or a file, make a char device, directory, file, socket, fifo, block device or link.
_WRITING = 0b1_1111_1111_0010
_REFER = 1 << 13  # rename or link from one folder to another, from version 2 on
_TRUNCATE = 1 << 14  # from version 3 on
_VERSION_OF_REFER, _VERSION_OF_TRUNCATE = 2, 3

_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108 - of programs that do not look at TMPDIR
_system: Any = ctypes.CDLL(None, use_errno=True)


def started(
    command: list[str],
    writable: list[Path],
    **how: Any,  # noqa: ANN401 - what Popen takes
) -> "subprocess.Popen[bytes]":
    """Start a process that can write in these folders, in those for temporary files, and nowhere else."""
    if not version():
        return subprocess.Popen(command, **how)  # noqa: S603 - the job's own command

    def start() -> "subprocess.Popen[bytes]":
        _confine_this_thread([*writable, *_common()])
        return subprocess.Popen(command, **how)  # noqa: S603 - the job's own command

    # A rule of Landlock is for good: it is laid on a thread that does nothing else, and a process has its thread's.
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(start).result()


@cache
def version() -> int:
    """Return the version of Landlock of this kernel, 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_system.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)))


@cache
def _common() -> tuple[Path, ...]:
    """Return what any program writes to: devices, temporary files, and Python's own bytecode."""
    bytecode = {file.parent / "__pycache__" for folder in _modules() for file in folder.rglob("*.py")}
    for folder in bytecode:
        folder.mkdir(exist_ok=True)
    temporary = temporary_folders(_modules())
    found = {Path("/dev"), Path("/proc"), Path(sys.prefix), *temporary, *bytecode}
    return tuple(folder for folder in found if folder.is_dir())


def temporary_folders(modules: Iterable[Path]) -> list[Path]:
    """Return the folders for temporary files, save one in which an image's modules lie: a job has TMPDIR of its own."""
    modules = list(modules)
    folders = [Path(tempfile.gettempdir()), *map(Path, _TEMPORARY)]
    return [
        folder for folder in folders if not any(lies.is_relative_to(folder.resolve()) for lies in modules)
    ]


def _modules() -> list[Path]:
    return [Path(folder).resolve() for image in current().settings.images for folder in image.modules]


def _confine_this_thread(writable: list[Path]) -> None:
    handled = _WRITING
    if version() >= _VERSION_OF_REFER:
        handled |= _REFER
    if version() >= _VERSION_OF_TRUNCATE:
        handled |= _TRUNCATE
    attributes = struct.pack("=Q", handled)
    ruleset = _called(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    try:
        for folder in writable:
            place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            try:
                _called(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", handled, place), 0)
            finally:
                os.close(place)
        _system.prctl(_NO_NEW_PRIVILEGES, *(ctypes.c_ulong(value) for value in (1, 0, 0, 0)))
        _called(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _called(number: int, *arguments: object) -> int:
    result = int(_system.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"Landlock: {os.strerror(ctypes.get_errno())}")
    return result
