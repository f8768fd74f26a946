"""project.toml: what may stand there, and what each mistake is told."""

import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from headrace.errors import ConfigurationError
from headrace_aws.config.project import Project, load_project, main
from pipelines import cross_validation

FIXTURE = Path(__file__).parent / "project.toml"
PROJECT = FIXTURE.read_text(encoding="utf-8")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """Return a copy of project.toml in which one text is another."""
    assert old in PROJECT
    path = tmp_path / "project.toml"
    path.write_text(PROJECT.replace(old, new, 1), encoding="utf-8")
    return path


MISTAKES = {
    "unknown key": (
        "slice_minimum_rows",
        "slice_minimum_row",
        "gate.slice_minimum_row: unknown key",
    ),
    "wrong type": (
        "timeout_seconds = 3600",
        'timeout_seconds = "long"',
        "timeout_seconds: has to be a whole number (found 'long')",
    ),
    "out of range": ("test = 0.2", "test = 1.2", "split.test: has to be less than 1 (found 1.2)"),
    "no rows to train": (
        "validation = 0.15",
        "validation = 0.9",
        "test and validation together leave no rows to train",
    ),
    "unknown metric": (
        "floor = { roc_auc",
        "floor = { accuracy",
        "gate.floor: a key in it has to be 'roc_auc'",
    ),
    "too long a name": (
        'name = "headrace"',
        'name = "headrace-of-the-mill"',
        "name: has to be 2 to 15 characters",
    ),
    "account": (
        'account = "111111111111"',
        'account = "1111"',
        "environments.dev.account: has to be an account number: 12 digits",
    ),
    "approval": (
        'approval = "manual"',
        'approval = "maybe"',
        "environments.prod.approval: has to be 'auto' or 'manual'",
    ),
    "two instances": (
        "timeout_seconds = 7200",
        "timeout_seconds = 7200\ninstance_count = 2",
        "the job train cannot share its work; set its instance_count to 1",
    ),
    "promotion from nowhere": (
        'approval = "manual"',
        'approval = "manual"\nafter = "test"',
        "environments.prod.after is 'test'; name another environment of project.toml",
    ),
    "promotion in a circle": (
        'approval = "manual"',
        'approval = "manual"\nafter = "prod"',
        "environments.prod.after is 'prod'; name another environment of project.toml",
    ),
    "half a network": (
        'security_groups = ["sg-22222222222222222"]',
        "security_groups = []",
        "subnets and security_groups belong together",
    ),
    "name of a preview": (
        "[models.flights]",
        '[models.flights-pr-1]\npackage = "flights"\n\n[models.flights]',
        "a name with '-pr-' is that of a pull request's preview",
    ),
    "not TOML": ("[models.flights]", "[models.flights", "project.toml is not TOML"),
}


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_place(old: str, new: str, message: str, tmp_path: Path) -> None:
    """The error names the file, the place in it, the fault and, where there is one, the value."""
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        load_project(changed(tmp_path, old, new))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Two mistakes are two lines, and the remedy is named."""
    path = changed(tmp_path, "test = 0.2", "test = 2")
    path.write_text(path.read_text().replace('approval = "manual"', 'approval = "maybe"'))
    with pytest.raises(
        ConfigurationError,
        match=r"cannot be used; `make schema` prints .*:\n  .*less than 1.*\n  .*'auto' or 'manual'",
    ):
        load_project(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """Without a project.toml there is no project."""
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_project(tmp_path / "project.toml")


def test_a_project_cannot_be_changed() -> None:
    """What was read is what runs."""
    with pytest.raises(ValidationError, match="frozen"):
        load_project(FIXTURE).name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("ask", ["model", "environment"])
def test_an_unknown_name_is_told_with_the_known_ones(ask: str) -> None:
    """A misspelt model or environment."""
    project = load_project(FIXTURE)
    known = {"model": "flights", "environment": "dev, local, prod"}[ask]
    with pytest.raises(ConfigurationError, match=f"{ask} 'x' is not in project.toml; it has: {known}"):
        getattr(project, ask)("x")


def test_the_schema_is_printable_and_closed(capsys: pytest.CaptureFixture[str]) -> None:
    """`make schema` prints JSON that describes every key and allows no other."""
    assert main([]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {"name", "repository", "github", "models", "environments"}
    assert "slice_floor" in schema["$defs"]["Gate"]["properties"]


def test_no_hyperparameter_is_chosen_by_the_rows_that_judge_it() -> None:
    """Cross-validation holds out at least the rows that test a model: by default the same, and never fewer."""
    project = load_project()
    given = project.model_dump(mode="json", exclude_none=True)
    name = next(iter(project.models))
    given["models"][name]["split"]["test"] = 0.3
    given["models"][name]["cross_validation"]["folds"].pop("holdout", None)
    model = Project.model_validate(given).model(name)
    folds = cross_validation.accepted_input(name, model).settings["folds"]
    assert folds.model_dump()["holdout"] == 0.3
    given["models"][name]["cross_validation"]["folds"]["holdout"] = 0.2
    with pytest.raises(ValidationError, match="judged by rows that chose them"):
        Project.model_validate(given)
