"""The release that a merge brought to the branch production."""

from pathlib import Path

from headrace.errors import ReleaseError
from headrace_aws.commit import git
from headrace_aws.config.root import project_root
from headrace_aws.release.identity import release_id

MAIN = "origin/main"
_HASH_LENGTH = 12


def promoted_release(root: Path | None = None) -> str:
    """Return the id of the release of the newest commit of main that is part of what is checked out.

    Raises:
        ReleaseError: there is none, what is checked out is something else than that commit, or its history is not whole.
    """
    root = root or project_root()
    commit = git(root, "merge-base", "HEAD", MAIN)
    if commit is None:
        raise ReleaseError(f"no commit of {MAIN} is part of what is checked out; fetch all of the history")
    if git(root, "diff", "--quiet", commit, "HEAD") is None:
        raise ReleaseError(
            f"what is checked out is not commit {commit[:_HASH_LENGTH]} of {MAIN}, which it was made from: no release "
            "holds it. Merge the release pull request by a merge commit (no squash), and commit to main only"
        )
    return release_id(root, commit)
