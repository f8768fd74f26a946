"""The input of a run, checked before any job starts."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from headrace.errors import ConfigurationError
from headrace.model import load_model
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.runs.run_input import checked_input, json_object
from headrace_aws.session import AwsSession

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))
LOCAL_ENVIRONMENT = PROJECT.environment(LOCAL)
RAW = f"s3://{PROJECT.name}-data-{LOCAL_ENVIRONMENT.account}-{LOCAL_ENVIRONMENT.region}/{MODEL}/raw/"


def checked(given: dict[str, Any]) -> dict[str, Any]:
    return checked_input(target("training"), given)


def target(pipeline: str) -> DeployedPipeline:
    """A pipeline of the first model; nothing here calls AWS."""
    session = boto3.Session("local", "local", region_name=LOCAL_ENVIRONMENT.region)
    return DeployedPipeline(AwsSession(LOCAL, LOCAL_ENVIRONMENT, session, Config()), PROJECT, MODEL, pipeline)


def test_nothing_given_is_an_empty_input() -> None:
    """A run on the defaults sends `{}`."""
    assert checked({}) == {}


def test_hyperparameters_become_strings() -> None:
    """SageMaker takes strings only, whatever a person's JSON held."""
    kind = load_model(PROJECT.model(MODEL).package).hyperparameters
    name, number = next((key, value) for key, value in kind() if type(value) in {int, float})
    assert checked({"hyperparameters": {name: number}}) == {"hyperparameters": {name: str(number)}}


def test_settings_are_laid_over_those_of_the_project() -> None:
    """A part of the split or the gate is enough; it is checked together with the rest, and sent alone."""
    given = {"split": {"test": 0.3}, "gate": {"floor": {"roc_auc": 0.6}}, "raw": f"{RAW}june/"}
    assert checked(given) == given


def test_what_sagemaker_would_refuse_as_too_long_is_refused_at_once() -> None:
    """An argument of a container has 256 characters: counted is the merged object, as the state machine sends it."""
    metrics = ("roc_auc", "average_precision", "log_loss", "brier")
    outcomes = set()
    for digits in range(1, 12):
        figures = dict.fromkeys(metrics, float("0." + "1" * digits))
        given = {"floor": figures, "champion_tolerance": figures, "slice_floor": {"roc_auc": 0.5}}
        merged = PROJECT.model(MODEL).gate.model_dump(mode="json") | given
        length = len(json.dumps(merged, separators=(",", ":")))
        outcomes.add(length <= 256)
        if length <= 256:
            assert checked({"gate": given}) == {"gate": given}
        else:
            with pytest.raises(ConfigurationError, match=f"gate: .* it is {length} characters as JSON"):
                checked({"gate": given})
    assert outcomes == {True, False}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"hyperparameter": {}}, "hyperparameter"),
        ({"hyperparameters": {"no_such": 1}}, "no_such"),
        ({"split": {"test": 2}}, "test"),
        (
            {"split": {"test": 0.9}},
            "split",
        ),  # with the project's validation share nothing is left to train on
        ({"gate": {"floor": {"beauty": 1}}}, "beauty"),
        ({"raw": f"{RAW}june"}, "slash"),
        ({"raw": "s3://elsewhere/raw/"}, "elsewhere"),
    ],
)
def test_what_a_job_would_refuse_is_refused_at_once(given: dict[str, Any], named: str) -> None:
    """Each fault is reported by name, before a job is paid for."""
    with pytest.raises(ConfigurationError, match=named):
        checked(given)


@pytest.mark.parametrize(
    ("pipeline", "given", "named"),
    [
        ("inference", {"date": "yesterday"}, "date: has to be a day such as"),
        ("inference", {"date": "2026-02-30"}, "date: has to be a day such as"),
        (
            "inference",
            {"hyperparameters": {}},
            "inference pipeline has no hyperparameters; it takes: limits, window",
        ),
        ("inference", {"limits": {"psi": -1}}, "psi"),
        ("inference", {"window": {"first": "yesterday"}}, "'yesterday' is no ISO 8601 date or time"),
        ("inference", {"window": {"first": "2026-03-02", "until": "2026-03-01"}}, "is not after first"),
        ("inference", {"window": {"days": 1, "first": "2026-03-02"}}, "not both"),
        ("backtesting", {"cutoffs": {"at": ["Nov 1"]}}, "'Nov 1' is no ISO 8601 date or time"),
        (
            "cross-validation",
            {"folds": {"method": "grouped"}},
            "needs a group: name an entity or slice column",
        ),
        ("cross-validation", {"search": {"grid": {"max_depth": 4}}}, "has to be a list"),
        ("quality", {"limits": {"tolerance": {"beauty": 1}}}, "beauty"),
        ("cross-validation", {"search": {"grid": {"no_such": [1, 2]}}}, "no_such"),
        ("cross-validation", {"folds": {"folds": 1}}, "folds"),
        ("cross-validation", {"folds": 5}, "folds: has to be a JSON object"),
        ("backtesting", {"cutoffs": {"step_days": 0}}, "step_days"),
        ("backtesting", {"hyperparameters": {"no_such": 1}}, "no_such"),
        ("retraining", {"cool_down_seconds": -1}, "cool_down_seconds: has to be a whole number"),
        ("retraining", {"raw": "s3://x/"}, "retraining pipeline has no raw; it takes: cool_down_seconds"),
        (
            "smoke",
            {"artefact": "s3://elsewhere/model.tar.gz"},
            "artefact: has to be a model.tar.gz under s3://",
        ),
        ("bookkeeping", {}, "started by events"),
    ],
)
def test_each_pipeline_refuses_what_it_does_not_take(
    pipeline: str, given: dict[str, Any], named: str
) -> None:
    """A key, a value, or a grid that the model would refuse is reported by name, and nothing is started."""
    with pytest.raises(ConfigurationError, match=named):
        checked_input(target(pipeline), given)


def test_a_grid_replaces_that_of_the_project() -> None:
    """What is searched is the grid that was given, and nothing of project.toml's beside it."""
    kind = load_model(PROJECT.model(MODEL).package).hyperparameters
    name = next(key for key, value in kind() if type(value) is int)
    for grid in ({}, {name: [3, 4]}):
        sent = checked_input(target("cross-validation"), {"search": {"grid": grid}})
        assert sent["search"]["grid"] == grid


def test_a_grid_too_large_for_one_run_is_refused() -> None:
    """More trials than a state machine can hold are refused before the first is paid for."""
    kind = load_model(PROJECT.model(MODEL).package).hyperparameters
    name = next(key for key, value in kind() if type(value) is int)
    with pytest.raises(ConfigurationError, match="candidates"):
        checked_input(
            target("cross-validation"),
            {"folds": {"folds": 50}, "search": {"grid": {name: list(range(1, 12))}}},
        )


def test_json_comes_from_a_file_or_from_the_text_itself(tmp_path: Path) -> None:
    """An option takes a path, or an object as it is."""
    file = tmp_path / "input.json"
    file.write_text('{"raw": "x"}')
    assert json_object(str(file), "--input") == json_object('{"raw": "x"}', "--input") == {"raw": "x"}


NEITHER = 'is neither a file nor a JSON object such as {"key": 1}'
REFUSED = {
    "no file": ("nowhere.json", f"--input: 'nowhere.json' {NEITHER}"),
    "too long for a file": ("a" * 300, f"--input: {'a' * 59!r:.60}... {NEITHER}"),
    "odd bytes of a shell": ("\udcff", f"--input: '\\udcff' {NEITHER}"),
    "a null character": ("\0", f"--input: '\\x00' {NEITHER}"),
    "a number": ("3", f"--input: '3' {NEITHER}"),
    "nothing": ("", "--input is empty; leave it out"),
    "blanks": (" \n", "--input is empty; leave it out"),
    "a list": ("[]", '--input holds []; give an object such as {"key": 1}'),
    "a text": ('"x"', "--input holds 'x'; give an object"),
    "cut off": ('{"a": ', "--input is not JSON: line 1, column 7, where it ends"),
    "single quotes": ("{'a': 1}", "--input is not JSON: line 1, column 2, at \"'a': 1}\""),
    "two of them": ("{}{}", "--input is not JSON: line 1, column 3, at '{}': extra data"),
    "NaN": ('{"gate": {"floor": {"roc_auc": NaN}}}', "--input: gate.floor.roc_auc is NaN, and JSON has"),
    "1e999": ('{"a": [1e999]}', "--input: a.0 is Infinity, and JSON has finite numbers only"),
    "a key twice": ('{"gate": {}, "gate": {}}', "--input has the key 'gate' more than once"),
    "too deep": ('{"a":' * 5000, "--input is nested too deeply"),
    "a device": ("/dev/zero", "--input: /dev/zero is a device; name a file"),
}


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_json_object_is_reported(given: str, message: str) -> None:
    """The message names the option, the place and what it got, in one line."""
    with pytest.raises(ConfigurationError) as caught:
        json_object(given, "--input")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "holds []; give an object"),
        (b"", "is not JSON: line 1, column 1, where it ends"),
        (b'{"a": 1,\n "b": }', "is not JSON: line 2, column 7, at '}'"),
        (b'{"a": "\xff"}', "is no UTF-8 (byte 8, line 1); save it as UTF-8"),
        (None, "Is a directory; it is a folder, and a file is needed"),
    ],
)
def test_a_file_that_holds_no_json_object_is_reported(
    content: bytes | None, message: str, tmp_path: Path
) -> None:
    """With option and file."""
    file = tmp_path / "input.json"
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=re.escape(message)) as caught:
        json_object(str(file), "--input")
    assert str(caught.value).startswith("--input: ")
    assert str(file)[:40] in str(caught.value)
