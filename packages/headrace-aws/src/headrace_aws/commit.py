"""The commit that is checked out."""

import os
import shutil
import subprocess
from pathlib import Path

from headrace.errors import ConfigurationError
from headrace_aws.config.root import project_root

UNKNOWN = "unknown"
DIRTY = "-dirty"
_SETTING = "GIT_CONFIG_"  # which folders are safe, say
_LIMIT_SECONDS = 60


def git_commit(folder: Path | None = None) -> str:
    """Return the commit that is checked out, with `-dirty` when files differ from it, or `unknown`."""
    folder = folder or project_root()
    commit = git(folder, "rev-parse", "--verify", "HEAD")
    if commit is None:
        return UNKNOWN
    return f"{commit}{DIRTY}" if git(folder, "status", "--porcelain", "--untracked-files=normal") else commit


def clean_commit(folder: Path | None = None) -> str:
    """Return what `git_commit` does; raise `ConfigurationError` when no commit holds what is in the folder."""
    folder = folder or project_root()
    commit = git_commit(folder)
    if commit == UNKNOWN:
        fact = f"{folder} is no git checkout with a commit{_complaint(folder)}"
    elif commit.endswith(DIRTY):
        fact = f"files differ from commit {commit.removesuffix(DIRTY)}"
    else:
        return commit
    raise ConfigurationError(f"{fact}; commit your changes: what goes into an account must be found again")


def git(folder: Path, *arguments: str) -> str | None:
    """Return what git answers of the repository whose top is the folder, or None when there is no git or it fails."""
    answer = _answer(folder, *arguments)
    return answer.stdout.strip() if answer and answer.returncode == 0 else None


def _complaint(folder: Path) -> str:
    """Return what git says of a repository that it does not read, such as one of another owner."""
    answer = _answer(folder, "rev-parse", "--show-toplevel") if (folder / ".git").exists() else None
    return f" ({' '.join(answer.stderr.split())})" if answer and answer.stderr else ""


def _answer(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str] | None":
    command = shutil.which("git")
    if command is None:
        return None
    try:
        return subprocess.run(  # noqa: S603 - git, with arguments of ours
            [command, *arguments],
            cwd=folder,
            env=environment(folder),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=_LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError(
            f"`git {' '.join(arguments[:2])}` did not end within {_LIMIT_SECONDS} seconds in {folder}; see by hand what it "
            "waits for"
        ) from error


def environment(folder: Path) -> dict[str, str]:
    """Return the environment in which git looks for a repository in the folder and nowhere else.

    Neither a repository around the folder counts, nor one that the caller's variables name, as they do in a git hook.
    """
    own = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_") or _SETTING in name
    }
    return own | {"GIT_CEILING_DIRECTORIES": str(folder.resolve().parent)}
