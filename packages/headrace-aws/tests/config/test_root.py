"""The folder of a project."""

from pathlib import Path

import pytest

from headrace.errors import ConfigurationError
from headrace_aws.config.root import project_root, shown


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder with a space, which a link leads to."""
    root = tmp_path / "my project"
    (root / "src" / "model").mkdir(parents=True)
    (root / "project.toml").touch()
    (tmp_path / "link").symlink_to(root)
    return root


@pytest.mark.parametrize("start", ["my project", "my project/src/model", "link", "link/src"])
def test_the_nearest_folder_with_a_project_is_its_root(project: Path, start: str) -> None:
    """From anywhere below it, and through a link, it is one and the same path."""
    assert project_root(project.parent / start) == project


def test_a_file_is_shown_relative_to_the_project_that_it_lies_in(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any other one is shown whole."""
    monkeypatch.chdir(project.parent / "link" / "src")
    assert shown(project_root() / "runs" / "a" / "run.html") == "runs/a/run.html"
    assert shown(project.parent / "elsewhere") == str(project.parent / "elsewhere")


def test_without_a_project_it_says_where_it_looked(tmp_path: Path) -> None:
    """Also in a folder whose project.toml is a folder."""
    (tmp_path / "project.toml").mkdir()
    with pytest.raises(
        ConfigurationError, match=f"neither {tmp_path} nor a folder above it has a project.toml"
    ):
        project_root(tmp_path)
