"""The commit that is checked out."""

import shutil
import subprocess
from pathlib import Path

from headrace.errors import ConfigurationError
from headrace_aws.config.root import project_root

UNKNOWN = "unknown"
DIRTY = "-dirty"


def git_commit(folder: Path | None = None) -> str:
    """Return the commit that is checked out, with `-dirty` when files differ from it, or `unknown`."""
    folder = folder or project_root()
    commit = git(folder, "rev-parse", "--verify", "HEAD")
    if commit is None:
        return UNKNOWN
    return f"{commit}{DIRTY}" if git(folder, "status", "--porcelain") else commit


def clean_commit(folder: Path | None = None) -> str:
    """Return what `git_commit` does; raise `ConfigurationError` when no commit holds what is in the folder."""
    folder = folder or project_root()
    commit = git_commit(folder)
    if commit == UNKNOWN:
        fact = f"{folder} is no git checkout with a commit"
    elif commit.endswith(DIRTY):
        fact = f"files differ from commit {commit.removesuffix(DIRTY)}"
    else:
        return commit
    raise ConfigurationError(f"{fact}; commit your changes: what goes into an account must be found again")


def git(folder: Path, *arguments: str) -> str | None:
    """Return what git answers, or None when there is no git or it fails."""
    command = shutil.which("git")
    if command is None:
        return None
    answer = subprocess.run(  # noqa: S603 - git, with arguments of ours
        [command, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() if answer.returncode == 0 else None
