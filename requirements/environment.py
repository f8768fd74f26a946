"""Make a virtual environment from a lock, and install our own packages in place: what `make setup` does.

`python requirements/environment.py FOLDER LOCK [PACKAGE ...]`, in the root of the checkout. The file FOLDER/ready, written
last, names the checkout: an environment without it is half made. Of two that begin at once, one waits for the other.
"""

import argparse
import fcntl
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

UV = Path(".venv/bin/uv")  # installed into the main environment, by its lock
UV_LOCK = Path("requirements/uv.txt")
FOR_EVERY_PLATFORM = re.compile(r"^([\w.-]+)==(\S+) \\$", re.MULTILINE)  # the name and version of a package
FAILED = 1
MINUTES = 30  # for another set-up, and for each step of this one
PAUSE_SECONDS = 0.2


class SetupError(Exception):
    """The environment could not be made: the message is the fact and the remedy."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the environment unless another process has just done so; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="of the environment, such as .venv")
    parser.add_argument("lock", type=Path, help="a locked requirements file")
    parser.add_argument("packages", nargs="*", help="folders to install in place")
    options = parser.parse_args(arguments)
    try:
        with exclusive(Path(".cache") / f"{options.folder.name}.lock", options.folder):
            if not is_made(
                options.folder, [options.lock, *(Path(each) / "pyproject.toml" for each in options.packages)]
            ):
                make(options.folder, options.lock, options.packages)
    except (SetupError, OSError) as error:
        say(f"error: {error}")
        return FAILED
    return 0


def is_made(folder: Path, sources: Sequence[Path]) -> bool:
    """Return whether the environment is whole, of this checkout, and no older than what it is made from."""
    ready = folder / "ready"
    newest = max(file.stat().st_mtime for file in (UV_LOCK, *sources))
    try:
        checkout = ready.read_text(encoding="utf-8").strip()
        return ready.stat().st_mtime >= newest and checkout == str(Path.cwd()) and python_of(folder).exists()
    except FileNotFoundError:
        return False


def python_of(folder: Path) -> Path:
    """Return the Python of an environment: a link, whose end may be gone."""
    return folder / "bin" / "python"


def make(folder: Path, lock: Path, packages: Sequence[str]) -> None:
    """Make the environment anew; raise `SetupError` when a step fails."""
    say(f"Setting up {folder} with {sys.executable} ...")
    python = python_of(folder)
    run(sys.executable, "-m", "venv", "--clear", folder)
    if not UV.exists():
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
        run(python, *pip, "-r", UV_LOCK)
    if not UV.exists():
        raise SetupError(
            f"pip installed uv elsewhere than into {folder}; `pip config list` shows the setting that says so (user, target, "
            "prefix, root or dry-run): remove it, and run the same command again"
        )
    run(UV, "pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", "--python", python, lock)
    check_installed(folder, lock)
    if packages:
        editable = [part for package in packages for part in ("--editable", package)]
        install = ("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--python", python)
        run(UV, *install, *editable)
    new = folder / "ready.new"
    new.write_text(f"{Path.cwd()}\n", encoding="utf-8")
    new.replace(folder / "ready")


def check_installed(folder: Path, lock: Path) -> None:
    """Raise `SetupError` when the first package of a lock is not in the environment: uv was told of another place."""
    first = FOR_EVERY_PLATFORM.search(lock.read_text(encoding="utf-8"))
    if first and not any(
        folder.glob(f"lib*/python*/site-packages/{first[1].replace('-', '_')}-{first[2]}.dist-info")
    ):
        raise SetupError(
            f"uv installed the packages elsewhere than into {folder}: its configuration says so (`[pip]` in "
            "~/.config/uv/uv.toml or /etc/uv/uv.toml: target, prefix or system); remove that, and run the same command again"
        )


def run(*command: str | Path) -> None:
    """Run a step, whose output is shown; raise `SetupError` when it fails or does not end.

    It has the lock too: one that outlives this process keeps the next set-up waiting.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own steps
            command, check=False, close_fds=False, timeout=60 * MINUTES
        )
    except subprocess.TimeoutExpired as error:
        raise SetupError(
            f"{command[0]} did not end within {MINUTES} minutes; run the same command again"
        ) from error
    if done.returncode:
        raise SetupError(
            f"the environment is half made: {Path(command[0]).name} ended with status {done.returncode}, its output is above; "
            "mend what it names, and run the same command again"
        )


@contextmanager
def exclusive(file: Path, folder: Path) -> Iterator[None]:
    """Hold the lock of an environment, which the kernel frees when this process has ended, and wait for it before."""
    file.parent.mkdir(exist_ok=True)
    deadline, is_said = time.monotonic() + 60 * MINUTES, False
    with file.open("a", encoding="utf-8") as lock:
        os.set_inheritable(lock.fileno(), True)  # noqa: FBT003 - its only argument
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise SetupError(
                        f"another set-up of {folder} is at work since {MINUTES} minutes; end it, and run this again"
                    ) from None
            if not is_said:
                say(f"another set-up of {folder} is at work; waiting for it, {MINUTES} minutes at most")
                is_said = True
            time.sleep(PAUSE_SECONDS)
        yield


def say(text: str) -> None:
    """Say a line beside the output of what needs the environment."""
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
