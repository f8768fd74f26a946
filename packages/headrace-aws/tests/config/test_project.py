"""project.toml: what may stand there, and what each mistake is reported."""

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
def test_a_mistake_is_reported_with_its_place(old: str, new: str, message: str, tmp_path: Path) -> None:
    """The error names the file, the place in it, the fault and, where there is one, the value."""
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        load_project(changed(tmp_path, old, new))


GATE = "floor = { roc_auc = 0.65, log_loss = 0.54 }"
MANUAL = 'approval = "manual"'
SPLIT = "[models.flights.split]"
GRID = "[models.flights.cross_validation.search.grid]\nmax_depth = %s\n\n" + SPLIT
SCHEDULE = MANUAL + "\nschedules = { %s }"
NUMBERS = {
    "nan": (GATE, "floor = { roc_auc = nan }", "gate.floor.roc_auc: has to be a finite number (found NaN)"),
    "inf": (SPLIT, f"[models.flights.backtesting.cutoffs]\nstep_days = inf\n\n{SPLIT}", "step_days: has to be a finite number (found Infinity)"),
    "-inf": ("test = 0.2", "test = -inf", "split.test: has to be a finite number (found -Infinity)"),
    "inf in a list": (SPLIT, GRID % "[4, inf]", "grid.max_depth.1: has to be a text, or a finite number, or true or"),
    "a whole number": (SPLIT, f"[models.flights.cross_validation.folds]\nfolds = 5.5\n\n{SPLIT}", "folds.folds: has to be a whole number (found 5.5)"),
    "beyond 64 bits": ("slice_minimum_rows = 500", f"slice_minimum_rows = {10**30}", f"has to be {10**12} or less"),
    "a text": ('package = "flights"', "package = 5", "models.flights.package: has to be a text (found 5)"),
    "a table": (GATE, "floor = 0.5", "gate.floor: has to be a table of keys and values (found 0.5)"),
    "a list": (SPLIT, GRID % "4", "grid.max_depth: has to be a list (found 4)"),
    "true": ("spot = true", 'spot = "maybe"', "train.spot: has to be true or false (found 'maybe')"),
    "a date": ('approval = "manual"', "approval = 2026-01-01", "approval: has to be 'auto' or 'manual' (found \"2026-01-01\")"),
    "a slip": ("test = 0.2", "tset = 0.2", "models.flights.split.tset: unknown key; did you mean test?"),
    "no slip": ("test = 0.2", "x = 0.2", "models.flights.split.x: unknown key; known keys: test, validation"),
    "a key": ("[models.flights.jobs.train]", "[models.flights.jobs.zzz]", "jobs.zzz: unknown key; known keys: prepare,"),
    "a name": ("[models.flights]\n", "[models.A_B]\n", "models: a key in it has to be 2 to 24 characters"),
    "a type": ('"ml.m5.2xlarge"', '"m5.2xlarge"', "train.instance_type: has to be an instance type such as ml.m5.xlarge"),
    "a region": ('region = "us-east-1"', 'region = "US"', "region: has to be a region such as eu-central-1 (found 'US')"),
    "a subnet": ('"subnet-11111111111111111"', '"subnet-x"', "dev.subnets.0: has to be a subnet such as subnet-0123"),
    "five fields": (MANUAL, SCHEDULE % 'inference = "cron(0 5 * * *)"', "cron has six fields, and this one has 5; EventBridge"),
    "an hour": (MANUAL, SCHEDULE % 'inference = "cron(0 25 ? * MON *)"', "25 is not within 0 and 23; EventBridge Scheduler takes"),
    "a weekday": (MANUAL, SCHEDULE % 'inference = "cron(0 5 ? * MOO *)"', "'MOO' is no value of its field; EventBridge"),
    "no schedule": (MANUAL, SCHEDULE % 'inference = "daily"', "schedules.inference: has to be cron(...) or rate(...), or empty"),
    "a time zone": (MANUAL, SCHEDULE % 'timezone = "Berlin"', "schedules.timezone: has to be a time zone of the IANA database"),
    "no UTF-8": ("validation = 0.15", "validation = \udcff", "project.toml is no UTF-8 (byte "),
    "twice": ("test = 0.2", "test = 0.2\ntest = 0.3", "Cannot overwrite a value (at line 12, column 11); correct it there"),
    "too deep": ("test = 0.2", f"test = {'[' * 20_000}", "project.toml is nested too deeply"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), NUMBERS.values(), ids=NUMBERS.keys())
def test_a_value_that_cannot_be_is_reported_in_words(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    """What it has to be, and no regular expression, type of Python's or sentence of a library."""
    assert old in PROJECT
    path = tmp_path / "project.toml"
    path.write_bytes(PROJECT.replace(old, new, 1).encode(errors="surrogateescape"))
    with pytest.raises(ConfigurationError) as caught:
        load_project(path)
    assert message in str(caught.value)
    assert not re.search(r"Input should|String should|pydantic|\[key\]|\^", str(caught.value))


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    """Two mistakes are two lines, and the remedy is named."""
    path = changed(tmp_path, "test = 0.2", "test = 2")
    path.write_text(path.read_text().replace('approval = "manual"', 'approval = "maybe"'))
    with pytest.raises(
        ConfigurationError,
        match=r"cannot be used; `make schema` prints .*:\n  .*less than 1.*\n  .*'auto' or 'manual'",
    ):
        load_project(path)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    """Without a project.toml there is no project."""
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_project(tmp_path / "project.toml")


def test_a_project_cannot_be_changed() -> None:
    """What was read is what runs."""
    with pytest.raises(ValidationError, match="frozen"):
        load_project(FIXTURE).name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("ask", ["model", "environment"])
def test_an_unknown_name_is_reported_with_the_known_ones(ask: str) -> None:
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
