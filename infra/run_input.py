"""What a person gives to a run, checked before any job starts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from headrace.errors import ConfigurationError
from headrace.model import load_model
from headrace.settings import Gate, Settings, Split, settings_of
from infra import names
from pipelines.arguments import ARGUMENT_LENGTH, hyperparameter_texts
from pipelines.project import Environment, Project

Value = str | int | float | bool


class RunInput(Settings):
    """The keys that the input of an execution may have; each is laid over what project.toml says."""

    hyperparameters: dict[str, Value] = Field(default={})
    raw: str | None = Field(default=None, description="S3 URI of the folder with the raw tables.")
    split: dict[str, Any] = Field(default={})
    gate: dict[str, Any] = Field(default={})


def json_object(given: str, option: str) -> dict[str, Any]:
    """Return the object in a JSON file, or in the text itself when it begins with a brace."""
    text = given
    if not given.lstrip().startswith("{"):
        path = Path(given)
        if not path.is_file():
            raise ConfigurationError(f"{option}: {given} is neither a file nor a JSON object")
        text = path.read_text(encoding="utf-8")
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"{option}: {given} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ConfigurationError(f"{option}: {given} holds no JSON object")
    return value


def checked_input(
    project: Project, environment: Environment, model_name: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the input for the state machine, with hyperparameters as the strings that SageMaker takes.

    The state machine merges `split` and `gate` over its own, one level deep: an object in them, such as the
    gate's `floor`, would replace the whole one there. So it is completed here from project.toml.

    Raises:
        ConfigurationError: a key or a value that a job would refuse, or raw tables where no job may read.
    """
    model = project.model(model_name)
    wanted = settings_of(RunInput, given, "input")
    hyperparameters = hyperparameter_texts(wanted.hyperparameters)
    settings_of(
        load_model(model.package).hyperparameters,
        hyperparameter_texts(model.hyperparameters) | hyperparameters,
        "hyperparameters",
    )
    split = _checked_argument(Split, model.split, wanted.split, "split")
    gate = _checked_argument(Gate, model.gate, wanted.gate, "gate")
    readable = f"s3://{names.data_bucket(project, environment)}/{model_name}/raw/"
    if wanted.raw is not None and not (wanted.raw.startswith(readable) and wanted.raw.endswith("/")):
        raise ConfigurationError(
            f"raw: the jobs may read folders under {readable} only, and its name ends in a slash "
            f"(found {wanted.raw!r})"
        )
    values = {
        "hyperparameters": hyperparameters,
        "raw": wanted.raw,
        "split": {key: split[key] for key in wanted.split},
        "gate": {key: gate[key] for key in wanted.gate},
    }
    return {key: value for key, value in values.items() if value}


def _checked_argument(
    kind: type[Settings], base: Settings, given: Mapping[str, Any], name: str
) -> dict[str, Any]:
    """Return settings with what is given laid over them; raise `ConfigurationError` when no job takes them."""
    found = _laid_over(base.model_dump(), given)
    settings_of(kind, found, name)
    length = len(json.dumps(found, separators=(",", ":")))  # as the state machine writes it
    if length > ARGUMENT_LENGTH:
        raise ConfigurationError(
            f"{name}: together with project.toml it is {length} characters as JSON, and SageMaker takes "
            f"{ARGUMENT_LENGTH} in one argument; name fewer metrics"
        )
    return found


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
