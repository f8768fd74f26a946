"""Resolve requirements/*.in into hash-locked requirements/*.txt, without the address of any index.

`python requirements/lock.py` writes them; `--check` fails when one is stale; `--upgrade` takes newer versions.
A lock that still satisfies its request stays as it is. What a job needs has one version, whatever the Python.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
# In this order: what comes later keeps to the versions of what came before.
SETS = {"uv": (), "dev": ("uv",), "jobs": ("dev",), "notebooks": ("jobs",), "security": ()}
OLDEST_PYTHON = "3.11.4"


# How uv says that no index answered; the first names the address.
UNREACHABLE = re.compile(r"Failed to fetch: `?([^\s`]+)|error sending request|network was disabled")
FAILED = 2
MINUTES = 15  # for one set


class LockError(Exception):
    """A set could not be resolved: the message is the fact and the remedy."""


def compile_lock(name: str, folder: Path, *, upgrade: bool) -> None:
    """Write the lock of one set in a folder that holds all requests, and locks to keep to.

    Raises:
        LockError: no package index can be reached, or the requests contradict each other.
    """
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
        # One version of a package for every Python, where there is one: a laptop's may be newer than the job image's.
        *("--python-version", OLDEST_PYTHON, "--fork-strategy", "fewest", "--no-header", "--no-annotate"),
        *(part for other in SETS[name] for part in ("--constraints", f"{other}.txt")),
        *(("--overrides", "overrides.in") if name == "dev" else ()),
        *(f"{name}.in", "--output-file", f"{name}.txt"),
        *(("--upgrade",) if upgrade else ()),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            command, cwd=folder, stderr=subprocess.PIPE, text=True, check=False, timeout=60 * MINUTES
        )
    except subprocess.TimeoutExpired as error:
        raise LockError(
            f"requirements/{name}.in was not resolved within {MINUTES} minutes; look at the network, and repeat it"
        ) from error
    if done.returncode == 0:
        sys.stderr.write(done.stderr)
        return
    if unreachable := UNREACHABLE.search(done.stderr):
        place = f" at {unreachable[1]}" if unreachable[1] else ""
        raise LockError(
            f"the package index cannot be reached{place}; go online, or name another by UV_DEFAULT_INDEX=<url>"
        )
    raise LockError(f"requirements/{name}.in cannot be resolved, mend it:\n{done.stderr.strip()}")


def write_locks(*, upgrade: bool) -> None:
    """Write the lock of every set: all of them whole, or none."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(shutil.copytree(FOLDER, Path(scratch) / "requirements"))
        for name in SETS:
            compile_lock(name, copy, upgrade=upgrade)
            # A first resolution is free, a later one keeps to it: twice, so that the check finds nothing to do.
            compile_lock(name, copy, upgrade=False)
        for name in SETS:
            new = FOLDER / f".{name}.txt.new"
            shutil.copyfile(copy / f"{name}.txt", new)
            new.replace(FOLDER / f"{name}.txt")


def stale_locks() -> list[str]:
    """Return the names of the locks that their requests would now change."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(shutil.copytree(FOLDER, Path(scratch) / "requirements"))
        for name in SETS:
            compile_lock(name, copy, upgrade=False)
        return [
            f"{name}.txt"
            for name in SETS
            if (copy / f"{name}.txt").read_bytes() != (FOLDER / f"{name}.txt").read_bytes()
        ]


def packages_in_several_versions(lock: str) -> list[str]:
    """Return the packages of a lock's text that have another version on another Python."""
    names = [line.partition("==")[0] for line in lock.splitlines() if "==" in line and not line[0].isspace()]
    return sorted({name for name in names if names.count(name) > 1})


def main(arguments: list[str] | None = None) -> int:
    """Write or check the locks; return the exit status: 1 when one is stale, 2 when that cannot be told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="fail when a lock is stale")
    mode.add_argument("--upgrade", action="store_true", help="take newer versions")
    given = parser.parse_args(arguments)
    try:
        if not given.check:
            write_locks(upgrade=given.upgrade)
            return 0
        stale = stale_locks()
    except LockError as error:
        sys.stderr.write(f"error: {error}\n")
        return FAILED
    for name in stale:
        sys.stderr.write(f"error: requirements/{name} is stale; run `make lock` and commit it\n")
    differing = packages_in_several_versions((FOLDER / "jobs.txt").read_text(encoding="utf-8"))
    for name in differing:
        sys.stderr.write(
            f"error: requirements/jobs.txt has several versions of {name}, so a model would differ with the Python that "
            f"trains it; bound {name} in jobs.in to one that every Python has, then `make lock`\n"
        )
    return 1 if stale or differing else 0


if __name__ == "__main__":
    sys.exit(main())
