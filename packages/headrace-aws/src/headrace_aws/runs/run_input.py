"""What a person gives to a run, checked before any job starts."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace.files import file_text
from headrace.model import load_model
from headrace.settings import Folds, Search, Settings, settings_of
from headrace.validation.candidates import candidates_of
from headrace.validation.trials import MOST_TRIALS
from headrace_aws import naming
from headrace_aws.asl.arguments import ARGUMENT_LENGTH, hyperparameter_texts
from headrace_aws.asl.inputs import Input
from headrace_aws.asl.render import load_pipelines
from headrace_aws.runs.pipeline import DeployedPipeline

Value = str | int | float | bool
_BEGINS_JSON = ("{", "[", '"')


def json_object(given: str, option: str) -> dict[str, Any]:
    """Return the object in a JSON file, or in the text itself when it begins as JSON does.

    Raises:
        ConfigurationError: there is no such file, it cannot be read, or it holds no JSON object.
    """
    if not given.strip():
        raise ConfigurationError(f"{option} is empty; leave it out, or give a file or a JSON object")
    is_json = given.lstrip().startswith(_BEGINS_JSON)
    name = option if is_json else f"{option}: {strict_json.shown(given)}"
    if not is_json and not _exists(given):
        raise ConfigurationError(f'{name} is neither a file nor a JSON object such as {{"key": 1}}')
    value = strict_json.loads(given if is_json else file_text(Path(given), option), name)
    if not isinstance(value, dict):
        raise ConfigurationError(
            f'{name} holds {strict_json.shown(value)}; give an object such as {{"key": 1}}'
        )
    return value


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # longer than a name may be, or with a null character
        return False


def checked_input(pipeline: DeployedPipeline, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input for the state machine, with hyperparameters as the strings that SageMaker takes.

    What is sent is what was given: the state machine lays it over the settings of project.toml at every depth, as
    is done here to check it.

    Raises:
        ConfigurationError: a key or a value that a job would refuse, or raw tables where no job may read.

    """
    taken = _taken(pipeline)
    known = [*taken.settings, *taken.wholes, *taken.values]
    known += ["hyperparameters"] if taken.hyperparameters is not None else []
    unknown = sorted(given.keys() - set(known))
    if unknown:
        takes = f"it takes: {', '.join(known)}" if known else "it takes none"
        named = ", ".join(name or "''" for name in unknown)
        raise ConfigurationError(f"input: the {pipeline.name} pipeline has no {named}; {takes}")
    wanted: dict[str, Any] = {}
    for key, base in taken.settings.items():
        if key in given:
            _check_argument(base, given[key], key)
            wanted[key] = given[key]
    for key, whole in taken.wholes.items():
        if key in given:
            _check_argument(type(whole)(), given[key], key)
            wanted[key] = given[key]
    for key in taken.values.keys() & given.keys():
        wanted[key] = _checked_value(pipeline, key, given[key])
    if taken.hyperparameters is not None:
        own = _checked_hyperparameters(pipeline, taken, given.get("hyperparameters", {}))
        wanted |= {"hyperparameters": own} if own else {}
        _check_search(pipeline, taken, wanted)
    return wanted


def _taken(pipeline: DeployedPipeline) -> Input:
    """Return what a pipeline takes; raise `ConfigurationError` when people do not start it."""
    module = {module.NAME: module for module in load_pipelines()}[pipeline.name]
    accepted_input = getattr(module, "accepted_input", None)
    if accepted_input is None:
        raise ConfigurationError(f"the {pipeline.name} pipeline is started by events, and by nobody else")
    taken: Input = accepted_input(pipeline.model, pipeline.project.model(pipeline.model))
    return taken


def _checked_value(pipeline: DeployedPipeline, key: str, value: object) -> object:
    if key == "raw":
        bucket = naming.data_bucket(pipeline.project, pipeline.aws.environment)
        readable = f"s3://{bucket}/{pipeline.model}/raw/"
        if not (isinstance(value, str) and value.startswith(readable) and value.endswith("/")):
            raise ConfigurationError(
                f"raw: the jobs may read folders under {readable} only, and its name ends in a slash (found {strict_json.shown(value)})"
            )
    elif key == "artefact":
        bucket = naming.data_bucket(pipeline.project, pipeline.aws.environment)
        readable = f"s3://{bucket}/{pipeline.model}/runs/"
        if not (isinstance(value, str) and value.startswith(readable) and value.endswith("/model.tar.gz")):
            raise ConfigurationError(
                f"artefact: has to be a model.tar.gz under {readable} (found {strict_json.shown(value)})"
            )
    elif key == "date":
        if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) and _is_day(value)):
            raise ConfigurationError(
                f"date: has to be a day such as 2026-11-22 (found {strict_json.shown(value)})"
            )
    elif not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ConfigurationError(
            f"{key}: has to be a whole number, zero or more (found {strict_json.shown(value)})"
        )
    return value


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _checked_hyperparameters(
    pipeline: DeployedPipeline, taken: Input, given: Mapping[str, Value]
) -> dict[str, str]:
    """Return hyperparameters as texts; raise `ConfigurationError` when the model would refuse them."""
    if not isinstance(given, Mapping):
        raise ConfigurationError(
            f"hyperparameters: has to be a JSON object (found {strict_json.shown(given)})"
        )
    own = hyperparameter_texts(given)
    settings_of(_kind(pipeline), hyperparameter_texts(taken.hyperparameters or {}) | own, "hyperparameters")
    return own


def _check_search(pipeline: DeployedPipeline, taken: Input, wanted: Mapping[str, Any]) -> None:
    """Raise `ConfigurationError` for a grid with a hyperparameter or a value that the model does not take."""
    if "search" not in taken.wholes:
        return
    search = settings_of(Search, wanted.get("search", taken.wholes["search"].model_dump()), "search")
    folds = settings_of(Folds, taken.settings["folds"].model_dump() | wanted.get("folds", {}), "folds")
    candidates_of(
        load_model(pipeline.project.model(pipeline.model).package), search, MOST_TRIALS // folds.folds
    )


def _kind(pipeline: DeployedPipeline) -> type[Settings]:
    return load_model(pipeline.project.model(pipeline.model).package).hyperparameters


def _check_argument(base: Settings, given: object, name: str) -> None:
    """Raise `ConfigurationError` when no job takes the settings with what is given laid over them."""
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{name}: has to be a JSON object (found {strict_json.shown(given)})")
    found = _laid_over(base.model_dump(mode="json", exclude_none=True), given)
    settings_of(type(base), found, name)
    length = len(strict_json.dumps(found, separators=(",", ":")))  # as the state machine writes it
    if length > ARGUMENT_LENGTH:
        raise ConfigurationError(
            f"{name}: together with project.toml it is {length} characters as JSON, and SageMaker takes "
            f"{ARGUMENT_LENGTH} in one argument; name fewer metrics, dates or values"
        )


def _laid_over(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return two objects merged at every depth; what is given wins."""
    return {
        **base,
        **{
            key: (
                _laid_over(base[key], value)
                if isinstance(value, Mapping) and isinstance(base.get(key), Mapping)
                else value
            )
            for key, value in given.items()
        },
    }
