"""The id of a release: the number of its commit on main, and the beginning of the commit."""

from pathlib import Path

from headrace.errors import ReleaseError
from headrace_aws.commit import git

_HASH_LENGTH = 12


def release_id(root: Path, commit: str) -> str:
    """Return the id of the release of a commit, whose number is that of the commits before it and itself.

    Raises:
        ReleaseError: only a part of the history is in the checkout, or the commit is not.
    """
    if git(root, "rev-parse", "--is-shallow-repository") != "false":
        raise ReleaseError(
            "the checkout has only a part of the history, and a release is numbered by all of it; "
            "fetch the rest: git fetch --unshallow (in a workflow, fetch-depth: 0)"
        )
    count = git(root, "rev-list", "--first-parent", "--count", commit)
    if count is None:
        raise ReleaseError(f"commit {commit} is not in {root}; fetch it: git fetch")
    return f"{int(count):06}-{commit[:_HASH_LENGTH]}"
