"""Tests share two workers of pytest-xdist: what takes long starts first, and is made once."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from filelock import FileLock

LONG = ("end_to_end", "workflows")  # folders of tests that run whole forks


def long_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return tests in their order, the long ones before the others: a worker that comes to one last works alone."""
    return sorted(items, key=lambda item: item.path.parent.name not in LONG)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `name`, which `make` fills: in one worker, while the others that need it wait."""
    session = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        session = session.parent  # each worker has a folder of its own in that of the session
    folder = session / name
    made = session / f"{name}.made"
    with FileLock(session / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed to make it
            folder.mkdir()
            make(folder)
            made.touch()
    return folder
