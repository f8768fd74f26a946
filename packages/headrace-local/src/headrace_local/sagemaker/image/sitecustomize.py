# noqa: INP001 - a folder of a search path, not of a package: Python looks for a module of this name
"""Lets a job see the packages of the image, and not what else is installed on this machine.

Python imports this module first of all. A package that the image does not carry is then missing here as it is there:
`ModuleNotFoundError: No module named 'boto3'`, and a library that imports another one where it finds it does not.
"""

import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Sequence
from itertools import dropwhile
from pathlib import Path
from types import ModuleType

_CARRIED = frozenset(filter(None, os.environ.get("HEADRACE_IMAGE_CARRIES", "").split(",")))
_GIVEN = os.environ.get("PYTHONPATH", "").split(os.pathsep)
_OF_PYTHON = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
# Where packages are installed, those in development among it: all that site has put on the path by now.
_INSTALLED = {
    entry
    for entry in sys.path
    if entry not in _GIVEN
    and (not _OF_PYTHON & {entry, str(Path(entry).parent)} or entry.endswith("-packages"))
    and not entry.endswith(".zip")
}


class _Image(importlib.machinery.PathFinder):
    """Finds what Python would find on its path, and of what is installed only what the image carries."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is None and fullname not in _CARRIED:
            path = [entry for entry in sys.path if entry not in _INSTALLED]
        return super().find_spec(fullname, path, target)


if _CARRIED:
    sys.meta_path[sys.meta_path.index(importlib.machinery.PathFinder)] = _Image

# Python imports one module of this name: the one that it would have imported without us comes second.
_here = Path(__file__).parent.resolve()
_behind = list(dropwhile(lambda entry: Path(entry).resolve() != _here, sys.path))[1:]
_next = importlib.machinery.PathFinder.find_spec("sitecustomize", _behind)
if _next is not None and _next.loader is not None:
    _next.loader.exec_module(importlib.util.module_from_spec(_next))
