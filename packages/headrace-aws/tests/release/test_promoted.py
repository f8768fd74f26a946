"""Which release a merge into the branch production brings to prod."""

import subprocess
from pathlib import Path

import pytest

from headrace.errors import ReleaseError
from headrace_aws.release.promoted import promoted_release


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A clone on the branch production, one commit behind main, which has two."""
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    (tmp_path / "project.toml").write_text("one")
    commit(tmp_path)
    git(tmp_path, "branch", "production")
    (tmp_path / "project.toml").write_text("two")
    commit(tmp_path)
    git(tmp_path, "update-ref", "refs/remotes/origin/main", "main")
    git(tmp_path, "checkout", "--quiet", "production")
    return tmp_path


def git(root: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Tests", "-c", "user.email=tests@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(root: Path, message: str = "A change") -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


@pytest.mark.parametrize("way", ["--no-ff", "--ff-only"])
def test_a_merge_brings_the_release_of_the_newest_commit_of_main(root: Path, way: str) -> None:
    """Whether the merge made a commit or not: the number is that of main, the commit the one that is on main."""
    git(root, "merge", "--quiet", way, "main")
    assert promoted_release(root) == f"000002-{git(root, 'rev-parse', 'main')[:12]}"


def test_a_squashed_merge_is_refused(root: Path) -> None:
    """A squashed merge leads back to an older commit of main: its release would silently go to prod again."""
    git(root, "merge", "--quiet", "--squash", "main")
    commit(root, "All of main")
    with pytest.raises(ReleaseError, match="by a merge commit"):
        promoted_release(root)


def test_what_was_only_committed_to_production_is_refused(root: Path) -> None:
    """A change on the branch itself is in no release."""
    (root / "project.toml").write_text("three")
    commit(root)
    with pytest.raises(ReleaseError, match="no release holds it"):
        promoted_release(root)


def test_without_the_history_of_main_nothing_is_guessed(root: Path) -> None:
    """A checkout of one branch only is told what it lacks."""
    git(root, "update-ref", "-d", "refs/remotes/origin/main")
    with pytest.raises(ReleaseError, match="fetch all of the history"):
        promoted_release(root)


def test_a_part_of_the_history_is_refused(root: Path, tmp_path: Path) -> None:
    """A shallow checkout would number the release wrongly, and name one that was never built."""
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--branch", "main", f"file://{root}", str(clone))
    with pytest.raises(ReleaseError, match="git fetch --unshallow"):
        promoted_release(clone)
