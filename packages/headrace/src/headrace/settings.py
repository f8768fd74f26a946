"""What a job is told: the settings that `project.toml` holds and the state machine passes on."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace.faults import faults_of
from headrace.strict_json import JsonError
from headrace.timestamps import parse_timestamp

Metric = Literal["roc_auc", "average_precision", "log_loss", "brier"]
Share = Annotated[float, Field(gt=0, lt=1)]
Days = Annotated[float, Field(ge=0.001, le=36_600)]  # a hundred years at most
Rows = Annotated[int, Field(ge=1, le=10**12)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
Delay = Annotated[float, Field(ge=0, le=36_600)]  # days


class Settings(BaseModel):
    """Base of all settings: frozen, and an unknown key or a number that is not finite is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Record(BaseModel):
    """Base of what jobs write for later jobs: frozen, and a key of another version is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


SettingsT = TypeVar("SettingsT", bound=Settings)
RecordT = TypeVar("RecordT", bound=Record)
ModelT = TypeVar("ModelT", bound=BaseModel)


def settings_of(kind: type[SettingsT], given: str | bytes | Mapping[str, object], name: str) -> SettingsT:
    """Return settings from JSON text or a mapping; raise `ConfigurationError` that lists every fault."""
    return _checked(kind, strict_json.loads(given, name) if isinstance(given, str | bytes) else given, name)


def record_of(kind: type[RecordT], content: str | bytes, name: str) -> RecordT:
    """Return a record from JSON; raise `JsonError`, a `ValueError`, that lists every fault."""
    return _checked(kind, strict_json.loads(content, name), name)


def _checked(kind: type[ModelT], given: object, name: str) -> ModelT:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise JsonError(f"{name} cannot be used: {'; '.join(faults_of(error, name, kind))}") from error


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
    gain_over_constant: float = Field(
        default=0,
        ge=0,
        description="Log loss, in nats a row, that a model surely gains over a constant: the lower end of the 95 % interval "
        "of the paired differences, by bootstrap, lies above it.",
    )
    slice_floor: Limits = Field(default={}, description="The worst value accepted in any slice, per metric.")
    slice_minimum_rows: Rows = Field(
        default=500, description="Slices with fewer rows are reported and not judged."
    )


def _readable(text: str) -> str:
    try:
        parse_timestamp(text, "timestamp")
    except ConfigurationError as error:
        raise ValueError(str(error)) from error
    return text


Timestamp = Annotated[str, AfterValidator(_readable)]  # ISO 8601, UTC where it does not say


class Folds(Settings):
    """How labelled rows become the folds of a cross-validation.

    By `time` a fold tests on a block of rows and trains on all before it: an expanding window. `stratified` and
    `grouped` folds are drawn at random, with equal shares of positives or with no group in two folds.
    """

    method: Literal["time", "stratified", "grouped"] = "time"
    folds: int = Field(default=5, ge=2, le=50)
    group: str | None = Field(
        default=None, description="For `grouped`: an entity or slice column, whose values stay together."
    )
    holdout: float | None = Field(
        default=None,
        ge=0,
        lt=1,
        description="Share of rows, the newest, that no fold sees: they judge what is chosen. None takes split.test.",
    )
    label_delay_days: Delay = Field(
        default=0,
        description="How long after its row a label is known; by `time` only.",
    )
    validation: Share = Field(
        default=0.15, description="Share of a fold's training rows that stop the training."
    )
    seed: Seed = 0

    @model_validator(mode="after")
    def _names_its_group(self) -> Self:
        if self.method == "grouped" and self.group is None:
            raise ValueError("the method grouped needs a group: name an entity or slice column")
        if self.method != "grouped" and self.group is not None:
            raise ValueError(f"a group belongs to the method grouped, and the method is {self.method}")
        return self

    @model_validator(mode="after")
    def _delays_by_time(self) -> Self:
        if self.label_delay_days and self.method != "time":
            raise ValueError(
                "label_delay_days belong to the method time: other folds train on rows from after their tests anyway"
            )
        return self

    @property
    def held_out(self) -> float:
        """Share of rows in no fold; where neither the folds nor a project say it, the default of `Split.test`."""
        return Split().test if self.holdout is None else self.holdout


class Search(Settings):
    """Which hyperparameters a cross-validation tries: every point of a grid, or random points of it."""

    grid: dict[str, tuple[str | int | float | bool, ...]] = Field(
        default={}, description="Values by hyperparameter; empty tries the model's own only."
    )
    draws: Rows | None = Field(default=None, description="Points drawn at random; all of them when None.")
    seed: Seed = 0

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        for name, values in self.grid.items():
            if not values or len(set(map(repr, values))) < len(values):
                raise ValueError(f"{name} needs values, each of them once")
        if self.draws and not self.grid:
            raise ValueError("draws need a grid to draw from")
        return self


class Cutoffs(Settings):
    """The cut-offs of a backtest, a rolling origin: train on what lies before, score what comes after."""

    initial_days: Days = Field(default=90, description="Length of the first training window.")
    step_days: Days = Field(default=30, description="From one cut-off to the next.")
    horizon_days: Days = Field(default=30, description="What a model is judged on, after its cut-off.")
    window: Literal["expanding", "sliding"] = Field(
        default="expanding", description="Train on all rows before, or on the last `initial_days`."
    )
    label_delay_days: Delay = Field(
        default=0,
        description="How long after its row a label is known; the training windows end that much before a cut-off.",
    )
    at: tuple[Timestamp, ...] = Field(
        default=(), description="Cut-offs as ISO 8601 dates or times, UTC, instead of initial and step."
    )
    validation: Share = Field(default=0.15, description="Share of the training rows that stop the training.")
    tolerated_cost: Share = Field(
        default=0.1,
        description="What retraining less often may cost, as a share of what the model gains over a constant.",
    )


class Window(Settings):
    """Which rows are predicted, by the model's time column: between two ends that may be open, or so many days.

    Days are counted from the run's date, so a schedule that gives no input predicts other rows every time.
    """

    first: Timestamp | None = Field(default=None, description="ISO 8601, UTC; rows from then on.")
    until: Timestamp | None = Field(default=None, description="ISO 8601, UTC; rows before it.")
    days: Days | None = Field(
        default=None,
        description="From the run's date on, its midnight in UTC, instead of first and until.",
    )

    @model_validator(mode="after")
    def _says_its_ends_once(self) -> Self:
        if self.days is not None and (self.first is not None or self.until is not None):
            raise ValueError("days are counted from the run's date; give them, or first and until, not both")
        if (
            self.first
            and self.until
            and parse_timestamp(self.until, "until") <= parse_timestamp(self.first, "first")
        ):
            raise ValueError(
                f"until ({self.until}) is not after first ({self.first}): no row lies between them"
            )
        return self


class DriftLimits(Settings):
    """How far a batch may lie from the rows that its model was trained on, before it counts as drifted.

    A batch of few rows differs by chance: where chance alone reaches more than a limit, that is the limit. A batch
    that is short in time differs too, since it holds one week's weather or one weekday: some features are therefore
    tolerated beyond `psi` and `jensen_shannon`. None is tolerated beyond `unseen_share` and `missing_share`.

    A category has both a PSI and a Jensen-Shannon distance, which say nearly the same of shares that are close: the
    distance is then the square root of PSI / (8 ln 2), see `headrace.drift.null_distribution`. A distance of 0.2 is a PSI of
    0.22, just before 0.25; one of 0.1 would be a PSI of 0.055, and the limit of PSI hardly ever the one reached first.
    Where a value comes or goes PSI grows without bound and the distance does not.
    """

    psi: float = Field(default=0.25, gt=0, description="Population stability index of a feature.")
    jensen_shannon: float = Field(
        default=0.2, gt=0, le=1, description="Jensen-Shannon distance of a category, base 2."
    )
    tolerated_features: float = Field(
        default=0.2, ge=0, lt=1, description="Share of the features that may lie beyond these two."
    )
    kolmogorov_smirnov: float = Field(
        default=0.15,
        gt=0,
        le=1,
        description="Largest gap between the curves of the scores, now and in validation.",
    )
    unseen_share: float = Field(
        default=0.05, ge=0, le=1, description="Share of rows whose category training never saw."
    )
    missing_share: float = Field(
        default=0.1, ge=0, le=1, description="Rise in the share of rows where a feature is missing."
    )


class QualityLimits(Settings):
    """How much worse than at its evaluation a model may become, before it counts as drifted.

    Judged are the model's own predictions of rows that it has not learnt from; see `headrace.inference.quality`.
    Log loss follows the share of positives, which differs from month to month in most data; ROC AUC does not.
    """

    tolerance: dict[Metric, Annotated[float, Field(ge=0)]] = Field(
        default={"roc_auc": 0.05, "log_loss": 0.1}, description="Loss of quality accepted, per metric."
    )
    minimum_rows: Rows = Field(default=500, description="Fewer rows are measured, and pass every limit.")
