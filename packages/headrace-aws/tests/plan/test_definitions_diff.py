"""What a branch changes in the definitions."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from headrace_aws.config.root import project_root
from headrace_aws.testing.forks import PROJECT, TOY


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git repository with the pipelines and a model, and one commit."""
    no_bytecode = shutil.ignore_patterns("__pycache__")
    shutil.copytree(project_root() / "pipelines", tmp_path / "pipelines", ignore=no_bytecode)
    shutil.copytree(TOY, tmp_path / "src" / "toy", ignore=no_bytecode)
    (tmp_path / "project.toml").write_text(PROJECT.format(approval="auto", automation="false"))
    (tmp_path / ".gitignore").write_text("__pycache__\ndist\n")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody."""
    named = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True)


def commit(folder: Path) -> None:
    """Commit what is in the folder."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Change")


def diff(folder: Path, base: str = "HEAD") -> "subprocess.CompletedProcess[str]":
    """Compare the folder with a commit of it."""
    command = [sys.executable, "-P", "-m", "headrace_aws", "definitions-diff", "--base", base]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_states_and_pipelines_that_differ_are_reported(checkout: Path) -> None:
    """The work tree is compared with the commit; what is rendered there changes nothing here."""
    same = diff(checkout)
    assert (same.returncode, same.stdout) == (0, "### State machines\n\nNo change.\n"), same.stderr
    file = checkout / "pipelines" / "smoke.py"
    file.write_text(file.read_text().replace('"Score golden rows"', '"Score rows"'))
    settings = checkout / "project.toml"
    settings.write_text(settings.read_text().replace("instance_count = 2", "instance_count = 3"))
    changed = diff(checkout)
    assert "- **smoke**: 1 state added, 1 state removed" in changed.stdout, changed.stderr
    assert "added `Score rows`" in changed.stdout
    assert "`2` → `3`" in changed.stdout
    assert not (checkout / "dist").exists()


def test_a_commit_from_before_definitions_were_built_has_them(checkout: Path) -> None:
    """Committed definitions are read, and none is rendered by code that is of no use any more."""
    folder = checkout / "pipelines" / "definitions"
    folder.mkdir()
    definition = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    (folder / "toy-gone.asl.json").write_text(json.dumps(definition))
    commit(checkout)
    shutil.rmtree(folder)
    assert "- removed: gone" in diff(checkout).stdout


def test_a_commit_that_is_not_there_is_refused(checkout: Path) -> None:
    """With what fetches it."""
    refused = diff(checkout, "nowhere")
    assert refused.returncode == 2
    assert "`git fetch origin` fetches it" in refused.stderr


def test_a_commit_that_cannot_be_rendered_is_refused(checkout: Path) -> None:
    """With what its own code says."""
    file = checkout / "pipelines" / "__init__.py"
    text = file.read_text()
    file.write_text("PIPELINES = 1\n")
    commit(checkout)
    file.write_text(text)
    refused = diff(checkout)
    assert refused.returncode == 2
    assert "cannot be rendered" in refused.stderr
    assert "no tuple PIPELINES" in refused.stderr
