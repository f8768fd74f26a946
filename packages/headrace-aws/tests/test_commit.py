"""Which commit is checked out, and whether it holds everything."""

import subprocess
from pathlib import Path

import pytest

from headrace.errors import ConfigurationError
from headrace_aws.commit import clean_commit, git_commit


def test_the_commit_says_whether_files_differ_from_it(tmp_path: Path) -> None:
    """No repository is `unknown`, a clean one its commit, a changed one its commit and `-dirty`."""
    assert git_commit(tmp_path) == "unknown"
    author = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    for words in (["init", "-q"], [*author, "commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    commit = git_commit(tmp_path)
    assert len(commit) == 40
    assert clean_commit(tmp_path) == commit
    (tmp_path / "new").touch()
    assert git_commit(tmp_path) == f"{commit}-dirty"
    with pytest.raises(ConfigurationError, match=f"differ from commit {commit}; commit your changes"):
        clean_commit(tmp_path)


def test_what_no_commit_holds_is_refused(tmp_path: Path) -> None:
    """Outside a git checkout nothing could be found again."""
    with pytest.raises(ConfigurationError, match=r"no git checkout .* must be found again"):
        clean_commit(tmp_path)
