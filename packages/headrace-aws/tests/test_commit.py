"""Which commit is checked out, and whether it holds everything."""

import subprocess
from pathlib import Path

import pytest

from headrace.errors import ConfigurationError
from headrace_aws.commit import clean_commit, git_commit


def commit(folder: Path) -> str:
    """Make a repository with one commit of what is there; return the commit."""
    author = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    answer = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True
    )
    return answer.stdout.strip()


def test_the_commit_says_whether_files_differ_from_it(tmp_path: Path) -> None:
    """No repository is `unknown`, a clean one its commit, a changed one its commit and `-dirty`."""
    assert git_commit(tmp_path) == "unknown"
    made = commit(tmp_path)
    assert len(made) == 40
    assert git_commit(tmp_path) == clean_commit(tmp_path) == made
    (tmp_path / "new").touch()
    assert git_commit(tmp_path) == f"{made}-dirty"
    with pytest.raises(ConfigurationError, match=f"differ from commit {made}; commit your changes"):
        clean_commit(tmp_path)


@pytest.fixture(scope="module")
def outer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another repository, in which a project was unpacked that git ignores."""
    folder = tmp_path_factory.mktemp("outer")
    (folder / ".gitignore").write_text("unpacked/\n")
    commit(folder)
    (folder / "unpacked").mkdir()
    return folder


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"GIT_DIR": "{outer}/.git"},
        {"GIT_DIR": "{outer}/.git", "GIT_WORK_TREE": "{outer}"},
        {"GIT_DIR": "{outer}/.git", "GIT_WORK_TREE": "{folder}"},
        {"GIT_DIR": "{outer}/.git", "GIT_COMMON_DIR": "{outer}/.git"},
        {"GIT_WORK_TREE": "{outer}"},
        {"GIT_INDEX_FILE": "{outer}/.git/index"},
        {"GIT_OBJECT_DIRECTORY": "{outer}/.git/objects"},
        {"GIT_CEILING_DIRECTORIES": "{folder}"},
        {"GIT_DISCOVERY_ACROSS_FILESYSTEM": "1"},
        {"GIT_NAMESPACE": "other"},
        {"GIT_PREFIX": "src/"},
        {"GIT_OPTIONAL_LOCKS": "0", "GIT_LITERAL_PATHSPECS": "1"},
    ],
)
def test_a_repository_that_is_not_the_projects_is_not_read(
    variables: dict[str, str], outer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither one around the folder nor one of the environment, as a git hook sets it: it is unknown, or its own commit."""
    own = commit(tmp_path)
    for folder, expected in ((outer / "unpacked", "unknown"), (tmp_path, own)):
        for name, value in variables.items():
            monkeypatch.setenv(name, value.format(outer=outer, folder=folder))
        assert git_commit(folder) == expected


def test_a_file_that_is_not_in_the_commit_counts_whatever_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `status.showUntrackedFiles = no`, as some have it for speed, a new file is still a difference."""
    made = commit(tmp_path)
    (tmp_path / "new").touch()
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "status.showUntrackedFiles")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "no")
    assert git_commit(tmp_path) == f"{made}-dirty"


def test_what_git_says_of_a_repository_that_it_cannot_read_is_reported(tmp_path: Path) -> None:
    """One of another owner, say, or as here one whose main work tree was moved."""
    (tmp_path / ".git").write_text(f"gitdir: {tmp_path}/moved\n")
    with pytest.raises(
        ConfigurationError, match=r"no git checkout with a commit \(fatal: not a git repo.*/moved\)"
    ):
        clean_commit(tmp_path)


def test_what_no_commit_holds_is_refused(tmp_path: Path) -> None:
    """Outside a git checkout nothing could be found again."""
    with pytest.raises(ConfigurationError, match=r"no git checkout .* must be found again"):
        clean_commit(tmp_path)
