"""Creating a pipeline."""

import ast
import shutil
from pathlib import Path

import pytest

from headrace.errors import ConfigurationError
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from headrace_aws.new_pipeline.command import created
from headrace_aws.new_pipeline.stack import with_pipeline
from headrace_aws.testing.forks import deployed_fork

ROOT = project_root()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of what a new pipeline changes."""
    for folder in ("pipelines", "infra/stacks"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Refresh", "cannot name a pipeline"),
        ("two words", "cannot name a pipeline"),
        ("../refresh", "cannot name a pipeline"),
        ("", "cannot name a pipeline"),
        ("class", "cannot name a pipeline"),
        ("r" * 60, "is too long"),
        ("training", "exists: edit pipelines/training.py"),
        ("cross-validation", "exists: edit pipelines/cross_validation.py"),
    ],
)
def test_a_name_that_cannot_be_is_refused(root: Path, name: str, message: str) -> None:
    """Before anything is written, with what to do."""
    with pytest.raises(ConfigurationError, match=message):
        created(load_project(), root, name)


def test_files_that_cannot_take_it_are_refused(root: Path) -> None:
    """A list of pipelines that is written otherwise is left to the person who wrote it."""
    (root / "pipelines" / "__init__.py").write_text("PIPELINES = tuple(found())\n")
    with pytest.raises(ConfigurationError, match="one tuple PIPELINES"):
        created(load_project(), root, "refresh")


def test_a_file_is_listed_imported_and_in_every_stack(root: Path) -> None:
    """The list stays sorted in its import; the pipeline comes last in what is deployed."""
    texts = created(load_project(), root, "monthly-refresh")
    assert [file.relative_to(root).as_posix() for file in texts] == [
        "pipelines/monthly_refresh.py",
        "pipelines/__init__.py",
        "infra/stacks/pipelines.yaml",
        "infra/stacks/automation.yaml",
    ]
    source, listing, stack, automation = texts.values()
    assert 'NAME = "monthly-refresh"' in source
    _, imported, assigned = ast.parse(listing).body
    assert isinstance(imported, ast.ImportFrom)
    assert [alias.name for alias in imported.names] == sorted(alias.name for alias in imported.names)
    assert isinstance(assigned, ast.Assign)
    assert ast.unparse(assigned.value).endswith(", monthly_refresh)")
    assert "ManagedPolicyArns: [!Ref TellingPolicy, !Ref ProcessingPolicy]\n      Tags" in stack
    assert automation.count("MonthlyRefreshStateMachineArn") == 1


def test_what_no_shared_policy_grants_is_refused() -> None:
    """A definition that calls more than the shared policies allow has its role written by hand."""
    states = {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "End": True}}
    stack = (ROOT / "infra/stacks/pipelines.yaml").read_text(encoding="utf-8")
    with pytest.raises(ConfigurationError, match="s3:GetObject"):
        with_pipeline(stack, "refresh", {"StartAt": "A", "States": states})


def test_a_fork_creates_deploys_and_runs_a_pipeline(tmp_path: Path) -> None:
    """By commands alone; the roles of the local AWS may do what their policies say, and no more."""
    with deployed_fork(tmp_path) as fork:
        made = fork.command("pipeline", "create", "refresh")
        assert made.returncode == 0, made.stdout + made.stderr
        again = fork.command("pipeline", "create", "refresh")
        assert again.returncode == 2
        assert "exists" in again.stderr
        for verb in ("check", "deploy", "draw", "data"):
            done = fork.command(verb)
            assert done.returncode == 0, done.stdout + done.stderr
        assert (tmp_path / "docs/pipelines/refresh.svg").is_file()
        ran = fork.run("refresh")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        [run] = fork.runs("refresh")
        assert run["status"] == "prepared"
        key = f"toy/runs/refresh/{run['execution'].rpartition(':')[2]}/prepare/profile/profile.json"
        assert fork.object(key)
