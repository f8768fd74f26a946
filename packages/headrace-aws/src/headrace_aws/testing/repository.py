"""A git repository with the real workflow files, and the events that GitHub would send about it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from headrace_aws.config.root import project_root

NAME = "your-org/fork"
OWNER_ID, REPOSITORY_ID = 100, 200
# act 0.2.89 is older than the key, and knows no concurrency at all: a run here has no other beside it.
QUEUE = re.compile(r"^ +queue: max\n", re.MULTILINE)


def add_workflows(root: Path) -> None:
    """Copy the workflow files, without what act does not know."""
    shutil.copytree(project_root() / ".github", root / ".github")
    for file in sorted((root / ".github" / "workflows").glob("*.yml")):
        file.write_text(QUEUE.sub("", file.read_text(encoding="utf-8")), encoding="utf-8")


def link_environment(root: Path) -> None:
    """Give a checkout the environment that runs this as its own `.venv`; every clone of it has it, too."""
    ignored = root / ".gitignore"
    ignored.write_text(ignored.read_text(encoding="utf-8").replace(".venv*/\n", ""), encoding="utf-8")
    (root / ".venv").mkdir()
    (root / ".venv" / "bin").symlink_to(Path(sys.executable).parent)


def init(root: Path) -> None:
    """Make a repository of a folder, as if cloned from GitHub."""
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "remote", "add", "origin", f"https://github.com/{NAME}")


def commit(root: Path, message: str) -> str:
    """Commit everything; return the commit."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(root, "rev-parse", "HEAD")


def clone(root: Path, target: Path) -> Path:
    """Clone a repository as a runner does, as if from GitHub; return the folder."""
    git(root, "clone", "--quiet", str(root), str(target))
    git(target, "remote", "set-url", "origin", f"https://github.com/{NAME}")
    return target


def git(root: Path, *arguments: str) -> str:
    """Return what git answers."""
    who = ("-c", "user.name=Tests", "-c", "user.email=tests@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def repository_payload() -> dict[str, Any]:
    """Return how GitHub describes the repository in each event."""
    owner, name = NAME.split("/")
    return {
        "id": REPOSITORY_ID,
        "name": name,
        "full_name": NAME,
        "private": False,
        "default_branch": "main",
        "owner": {"login": owner, "id": OWNER_ID},
    }


def push(root: Path, branch: str = "main") -> dict[str, Any]:
    """Return the event of a push."""
    return {
        "ref": f"refs/heads/{branch}",
        "after": git(root, "rev-parse", "HEAD"),
        "repository": repository_payload(),
    }


def pull_request(
    root: Path,
    number: int,
    action: str = "synchronize",
    *,
    of: str = NAME,
    labels: tuple[str, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return the event of a pull request, whose branch is in the repository `of`."""
    repository = repository_payload()
    return {
        "action": action,
        "number": number,
        "repository": repository,
        "pull_request": {
            "number": number,
            "state": "closed" if action == "closed" else "open",
            "labels": [{"name": label} for label in labels],
            "head": {
                "ref": "feature",
                "sha": git(root, "rev-parse", "HEAD"),
                "repo": {**repository, "full_name": of, "fork": of != NAME},
            },
            "base": {"ref": "main", "repo": repository},
        },
        **more,
    }
