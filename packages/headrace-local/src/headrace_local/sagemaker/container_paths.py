"""/opt/ml, where a command names it: there is no container here, and another folder stands for it.

A program that heeds `SAGEMAKER_BASE_DIR` finds that folder by itself. Those of the SageMaker SDK do not: its processors
start `python3 /opt/ml/processing/input/code/script.py`, and its ModelTrainer a shell script that it brings along, with
others, in the channel `sm_drivers`. In these, and in each command, /opt/ml becomes the folder. What the user's own
script names is left as it is.
"""

import re
import shlex
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from headrace_local.sagemaker.plan import CONTAINER_ROOT

DRIVERS = "input/data/sm_drivers"

_NAMED = re.compile(rf"(?<![\w./-]){CONTAINER_ROOT}(?![\w.-])")
_SHELLS = frozenset({"sh", "bash", "dash", "zsh"})
_SCRIPT = "-c"


def arguments(command: Sequence[str], root: Path) -> list[str]:
    """Return the arguments of a command, with `root` for /opt/ml; in a shell's script it is quoted."""
    is_shell = Path(command[0]).name in _SHELLS
    return [replaced(text, root, quoted=is_shell and former == _SCRIPT) for former, text in pairwise(command)]


def rewrite_drivers(root: Path) -> None:
    """Let the SDK's drivers, if the job has them, find their files below `root`."""
    for file in (root / DRIVERS).rglob("*"):
        if file.suffix in {".py", ".sh"}:
            text = file.read_text(encoding="utf-8")
            file.write_text(replaced(text, root, quoted=file.suffix == ".sh"), encoding="utf-8")


def replaced(text: str, root: Path, *, quoted: bool) -> str:
    """Return a text with `root` for each /opt/ml."""
    place = shlex.quote(str(root)) if quoted else str(root)
    return _NAMED.sub(lambda _: place, text)
