"""The programs that build and copy images: docker and skopeo."""

import shutil
import subprocess
from collections.abc import Mapping

from headrace.errors import ReleaseError

_REMEDIES = {
    "docker": "install Docker with buildx, or name an image that was built elsewhere: `make release IMAGE=sha256:...`",
    "skopeo": "install skopeo from your system's packages (GitHub's runners have it)",
}


def docker(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Run docker, whose output is shown; raise `ReleaseError` when it fails."""
    answer = subprocess.run(  # noqa: S603 - docker, with arguments of ours
        [_path_of("docker"), *arguments], env=environment, check=False
    )
    if answer.returncode != 0:
        raise ReleaseError(
            f"`docker {' '.join(arguments[:2])}` failed with status {answer.returncode}; its output is above"
        )


def docker_says_yes(*arguments: str) -> bool:
    """Return whether docker succeeds."""
    answer = subprocess.run(  # noqa: S603 - docker, with arguments of ours
        [_path_of("docker"), *arguments], capture_output=True, check=False
    )
    return answer.returncode == 0


def skopeo(*arguments: str, given: str | None = None) -> None:
    """Run skopeo, perhaps with a secret on its standard input; raise `ReleaseError` with its output when it fails."""
    answer = subprocess.run(  # noqa: S603 - skopeo, with arguments of ours
        [_path_of("skopeo"), *arguments],
        input=given,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if answer.returncode != 0:
        said = answer.stderr.strip() or answer.stdout.strip() or f"status {answer.returncode}"
        raise ReleaseError(f"`skopeo {arguments[0]}` failed: {said}")


def _path_of(tool: str) -> str:
    """Return the path of a program; raise `ReleaseError` when it is not installed."""
    path = shutil.which(tool)
    if path is None:
        raise ReleaseError(f"{tool} is not installed; {_REMEDIES[tool]}")
    return path
