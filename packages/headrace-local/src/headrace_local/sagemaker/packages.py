"""The packages that a job sees: of all that are installed on this machine, those that the image carries.

A developer's environment holds the local AWS, the tools and the tests too. A job that imported one of them would run
here and fail in the account; and a library that imports whatever it finds (XGBoost and scikit-learn import
pandas) would take a second longer to start. `image/sitecustomize.py` hides the rest from the job's processes.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, PackagePath, files
from pathlib import Path

from headrace_local.settings import Image

FOLDER = Path(__file__).parent / "image"
VARIABLE = "HEADRACE_IMAGE_CARRIES"
_OF_THE_BASE = ("pip", "setuptools", "wheel")  # those of the image of Python
_LOCKED = re.compile(r"^([\w.-]+)==", re.MULTILINE)


@cache
def at_this_depth(image: Image) -> tuple[str, ...]:
    """Return the modules and packages that an image carries; none where no requirements say."""
    if not image.requirements:
        return ()
    distributions = {*_OF_THE_BASE, *_LOCKED.findall(Path(image.requirements).read_text(encoding="utf-8"))}
    return tuple(sorted({module for name in distributions for module in _modules(_files(name))}))


def _files(distribution: str) -> Iterable[PackagePath]:
    try:
        return files(distribution) or ()
    except PackageNotFoundError:  # it is for another platform
        return ()


def _modules(installed: Iterable[PackagePath]) -> set[str]:
    """Return what can be imported of a distribution's files, relative to where packages lie."""
    first = {file.parts[0] for file in installed if not file.parts[0].endswith(".dist-info")}
    return {name.partition(".")[0] for name in first - {".."}}  # programs lie beside: ../../../bin/jsonschema
