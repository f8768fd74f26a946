"""Print the id of the release that a merge brought to the branch production: `python -m infra.promoted`.

As `id=<id>`, for $GITHUB_OUTPUT.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from headrace.errors import ReleaseError
from infra import cli
from infra.commit import git
from infra.release.identity import release_id
from pipelines.project import ROOT

MAIN = "origin/main"
_HASH_LENGTH = 12


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    argparse.ArgumentParser(prog="python -m infra.promoted", description=__doc__).parse_args(arguments)

    def command() -> int:
        cli.say(f"id={promoted_release()}")
        return 0

    return cli.exit_status(command)


def promoted_release(root: Path = ROOT) -> str:
    """Return the id of the release of the newest commit of main that is part of what is checked out.

    Raises:
        ReleaseError: there is none, what is checked out is something else than that commit, or its history is not whole.
    """
    commit = git(root, "merge-base", "HEAD", MAIN)
    if commit is None:
        raise ReleaseError(f"no commit of {MAIN} is part of what is checked out; fetch all of the history")
    if git(root, "diff", "--quiet", commit, "HEAD") is None:
        raise ReleaseError(
            f"what is checked out is not commit {commit[:_HASH_LENGTH]} of {MAIN}, which it was made from: no release "
            "holds it. Merge the release pull request by a merge commit (no squash), and commit to main only"
        )
    return release_id(root, commit)


if __name__ == "__main__":
    sys.exit(main())
