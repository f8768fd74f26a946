"""What a run works with: the defaults, and over them the input of the execution, which may be `{}`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headrace.errors import DefinitionError
from headrace.settings import Settings
from headrace_aws.asl import placeholders
from headrace_aws.asl.arguments import argument_object, hyperparameter_texts
from headrace_aws.asl.capacity_retry import START
from headrace_aws.asl.expressions import EXECUTION_INPUT, Payload, merged, path
from headrace_aws.asl.states import State, compute

UNEXPLAINED = {"Error": "Unknown", "Cause": "The failing state gave no cause."}


@dataclass(frozen=True)
class Input:
    """What a person may give to a pipeline.

    `settings` and `hyperparameters` are merged key by key over these, and so is an object in a setting, such as the
    gate's `floor`; of `wholes` and `values` each replaces its own.
    Every pipeline takes `trigger` beside, which says what started it.
    """

    settings: Mapping[str, Settings] = field(default_factory=dict)
    wholes: Mapping[str, Settings] = field(default_factory=dict)
    hyperparameters: Mapping[str, str | float | bool] | None = None
    values: Mapping[str, Payload] = field(default_factory=dict)


def input_states(given: Input) -> tuple[State, ...]:
    """Return the states that put the execution's input over the defaults.

    The data is then `trigger`, each setting and value, and what capacity and failure states need. An input may
    leave out any key, and a merge needs two sides: so it is merged over empty objects first. `States.JsonMerge` merges
    one level: an object in a setting takes two states more.
    """
    objects: dict[str, Payload] = {key: argument_object(setting) for key, setting in given.settings.items()}
    if given.hyperparameters is not None:
        objects["hyperparameters"] = hyperparameter_texts(given.hyperparameters)
    wholes = {key: argument_object(setting) for key, setting in given.wholes.items()}
    values: dict[str, Payload] = {"trigger": "person", **wholes, **given.values}
    inner = {key: empty for key, setting in given.settings.items() if (empty := _empty_objects(setting))}
    flat = {key: merged(path(f"$.defaults.{key}"), path(f"$.input.{key}")) for key in objects}
    return (
        compute(
            "Set defaults",
            {"defaults": objects, "input": {**values, **{key: {} for key in objects}}, "inner": inner},
        ),
        compute(
            "Read input",
            {
                "defaults": path("$.defaults"),
                "input": merged(path("$.input"), EXECUTION_INPUT),
                "inner": path("$.inner"),
            },
        ),
        *(_inner_states(inner) if inner else ()),
        compute(
            "Merge input",
            {
                **{key: path(f"$.input.{key}") for key in values},
                **flat,
                **{key: merged(flat[key], path(f"$.inner.{key}")) for key in inner},
                "capacity": START,
                "unexplained": UNEXPLAINED,
            },
        ),
    )


def _empty_objects(setting: Settings) -> dict[str, Payload]:
    """Return the objects in a setting, by name, all of them empty; raise `DefinitionError` where one holds another."""
    objects = {key: value for key, value in setting.model_dump().items() if isinstance(value, dict)}
    for key, value in objects.items():
        if any(isinstance(member, dict) for member in value.values()):
            raise DefinitionError(f"{key} holds objects in objects, which no state merges; make it flat")
    return {key: {} for key in objects}


def _inner_states(inner: Mapping[str, Mapping[str, Payload]]) -> tuple[State, State]:
    """Return the states that merge the objects in settings: at first over empty ones, then over the defaults."""
    return (
        compute(
            "Read settings",
            {key: merged(path(f"$.inner.{key}"), path(f"$.input.{key}")) for key in inner},
            at="$.given",
        ),
        compute(
            "Merge settings",
            {
                key: {
                    name: merged(path(f"$.defaults.{key}.{name}"), path(f"$.given.{key}.{name}"))
                    for name in names
                }
                for key, names in inner.items()
            },
            at="$.inner",
        ),
    )


def raw_folder(model: str) -> str:
    """Return the S3 URI of a model's raw tables."""
    return f"s3://{placeholders.DATA_BUCKET}/{model}/raw/"
