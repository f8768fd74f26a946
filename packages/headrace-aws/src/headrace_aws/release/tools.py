"""The programs that build and copy images: docker and skopeo."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from headrace.errors import ReleaseError

_MINUTES = 60  # to build or copy an image
_REMEDIES = {
    "docker": "install Docker with buildx, or name an image that was built elsewhere: `make release IMAGE=sha256:...`",
    "skopeo": "install skopeo from your system's packages (GitHub's runners have it)",
}


def docker(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Run docker, whose output is shown; raise `ReleaseError` when it fails."""
    answer = _ended(["docker", *arguments], env=environment)
    if answer.returncode != 0:
        raise ReleaseError(
            f"`docker {' '.join(arguments[:2])}` failed with status {answer.returncode}; its output is above"
        )


def docker_says_yes(*arguments: str) -> bool:
    """Return whether docker succeeds."""
    answer = _ended(["docker", *arguments], capture_output=True)
    return answer.returncode == 0


def skopeo(*arguments: str, given: str | None = None) -> None:
    """Run skopeo, perhaps with a secret on its standard input; raise `ReleaseError` with its output when it fails."""
    answer = _ended(
        ["skopeo", *arguments], input=given, capture_output=True, encoding="utf-8", errors="replace"
    )
    if answer.returncode != 0:
        reason = answer.stderr.strip() or answer.stdout.strip() or f"status {answer.returncode}"
        raise ReleaseError(f"`skopeo {arguments[0]}` failed: {reason}")


def _ended(
    command: Sequence[str], **how: Any  # noqa: ANN401 - what run takes
) -> "subprocess.CompletedProcess[Any]":
    """Run a program to its end; raise `ReleaseError` when it takes too long."""
    tool, *arguments = command
    try:
        return subprocess.run(  # noqa: S603 - docker or skopeo, with arguments of ours
            [_path_of(tool), *arguments], check=False, timeout=60 * _MINUTES, **how
        )
    except subprocess.TimeoutExpired as error:
        raise ReleaseError(
            f"`{tool} {arguments[0]}` did not end within {_MINUTES} minutes; look at its network and its daemon, and repeat "
            "the command"
        ) from error


def _path_of(tool: str) -> str:
    """Return the path of a program; raise `ReleaseError` when it is not installed."""
    path = shutil.which(tool)
    if path is None:
        raise ReleaseError(f"{tool} is not installed; {_REMEDIES[tool]}")
    return path
