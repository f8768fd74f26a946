"""What a job is told: the settings that `project.toml` holds and the state machine passes on."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from headrace.errors import ConfigurationError

Metric = Literal["roc_auc", "average_precision", "log_loss", "brier"]
Share = Annotated[float, Field(gt=0, lt=1)]


class Settings(BaseModel):
    """Base of all settings: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Record(BaseModel):
    """Base of what jobs write for later jobs: frozen, and a key of another version is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


# Where pydantic's own words would not help.
_WORDS = {"extra_forbidden": "unknown key", "missing": "is missing"}

SettingsT = TypeVar("SettingsT", bound=Settings)


def settings_of(kind: type[SettingsT], given: str | Mapping[str, object], name: str) -> SettingsT:
    """Return settings from JSON text or a mapping; raise `ConfigurationError` that lists every fault."""
    try:
        if isinstance(given, str):
            return kind.model_validate_json(given)
        return kind.model_validate(given)
    except ValidationError as error:
        known = ", ".join(kind.model_fields)
        faults = "; ".join(faults_of(error, name))
        raise ConfigurationError(f"{name} cannot be used: {faults}; known keys: {known}") from error


def faults_of(error: ValidationError, name: str) -> list[str]:
    """Return each fault with its place, or the name of the whole, and the value that was found there."""
    return [
        f"{'.'.join(map(str, fault['loc'])) or name}: {_WORDS.get(fault['type'], fault['msg'])}"
        + (f" (found {fault['input']!r})" if fault["type"] != "missing" else "")
        for fault in error.errors()
    ]


class Split(Settings):
    """Shares of all labelled rows, cut by time: the newest rows are for testing."""

    test: Share = Field(default=0.2, description="Share of rows, the newest, that judge the model.")
    validation: Share = Field(
        default=0.15, description="Share of rows, just before the test rows, that stop the training."
    )

    @model_validator(mode="after")
    def _leaves_rows_to_train(self) -> Self:
        if self.test + self.validation >= 1:
            raise ValueError("test and validation together leave no rows to train on")
        return self


def _reachable(limits: dict[Metric, float]) -> dict[Metric, float]:
    for metric, limit in limits.items():
        if limit < 0 or (limit > 1 and metric != "log_loss"):
            raise ValueError(f"{metric} can never be {limit:g}")
    return limits


Limits = Annotated[dict[Metric, float], AfterValidator(_reachable)]


class Gate(Settings):
    """What a model must reach to be registered. Log loss and Brier score must stay below, the others above."""

    floor: Limits = Field(default={}, description="The worst value accepted, per metric.")
    champion_tolerance: dict[Metric, Annotated[float, Field(ge=0)]] = Field(
        default={},
        description="How much worse than the champion a model may be on the same rows, per metric.",
    )
    slice_floor: Limits = Field(default={}, description="The worst value accepted in any slice, per metric.")
    slice_minimum_rows: int = Field(
        default=500, ge=1, description="Slices with fewer rows are reported and not judged."
    )
