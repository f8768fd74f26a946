"""`project.toml`, the one file that a team edits, as frozen models."""

import json
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from headrace.errors import ConfigurationError
from headrace.settings import (
    Cutoffs,
    DriftLimits,
    Folds,
    Gate,
    Metric,
    QualityLimits,
    Search,
    Settings,
    Split,
    Window,
    faults_of,
)

ROOT = Path(__file__).resolve().parents[1]

# A job is named <project>-<step>-<MD5 of the execution>-<retry>: 63 characters at most, 32 of them the MD5.
ProjectName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,13}[a-z0-9]$")]
ModelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,22}[a-z0-9]$")]
PackageName = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*$")]
AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
SubnetId = Annotated[str, StringConstraints(pattern=r"^subnet-[0-9a-f]{8,17}$")]
SecurityGroupId = Annotated[str, StringConstraints(pattern=r"^sg-[0-9a-f]{8,17}$")]
# What EventBridge Scheduler takes; empty is never.
Schedule = Annotated[str, StringConstraints(pattern=r"^((rate|cron)\([^()]+\))?$")]
# The only values that CloudWatch Logs takes.
LogsRetentionInDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip

LOCAL = "local"
PLACEHOLDER_ACCOUNTS = frozenset({"000000000000", "111111111111", "123456789012", "222222222222"})


class Job(Settings):
    """The machine of one job."""

    instance_type: str = Field(default="ml.m5.xlarge", pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")
    instance_count: int = Field(default=1, ge=1, le=100)
    volume_size_in_gb: int = Field(default=30, ge=1, le=16384)
    timeout_seconds: int = Field(default=3600, ge=60, le=432_000)


class TrainingJob(Job):
    """The machine of the training job, which may be a spot instance."""

    spot: bool = Field(
        default=False, description="Train on spot capacity; an interruption resumes from a checkpoint."
    )
    spot_wait_seconds: int = Field(
        default=3600, ge=0, description="How long to wait for spot capacity, beyond the timeout."
    )


class Jobs(Settings):
    """One machine a step."""

    prepare: Job = Job()
    train: TrainingJob = TrainingJob()
    evaluate: Job = Job()
    split: Job = Job()
    aggregate: Job = Job()
    batch: Job = Job()
    predict: Job = Job()
    monitor: Job = Job()
    quality: Job = Job()

    @model_validator(mode="after")
    def _work_alone(self) -> Self:
        # Of any other job, two instances would do the same work twice, and write the same keys.
        for step in type(self).model_fields.keys() - {"predict"}:
            if getattr(self, step).instance_count > 1:
                raise ValueError(f"the job {step} cannot share its work; set its instance_count to 1")
        return self


class Inference(Settings):
    """What the inference pipeline predicts, and what it holds a batch against."""

    window: Window = Field(default=Window(), description="Which rows are predicted.")
    drift: DriftLimits = DriftLimits()
    quality: QualityLimits = QualityLimits()
    maximum_age_in_days: int = Field(
        default=2, ge=0, le=7, description="Without predictions for so long, an alarm tells; 0 is never."
    )


class Rounds(Settings):
    """How a pipeline runs many trainings."""

    metric: Metric = Field(default="log_loss", description="By which trainings are compared.")
    concurrency: int = Field(default=2, ge=1, le=40, description="Trainings at a time.")
    tolerated_failures: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="Share of the trainings that may fail and the run still ends well.",
    )


class CrossValidation(Rounds):
    """The folds, and what is tried on them."""

    folds: Folds = Folds()
    search: Search = Search()


class Backtesting(Rounds):
    """The moments from which the model is judged."""

    cutoffs: Cutoffs = Cutoffs()


class Retraining(Settings):
    """How a model is trained again by itself."""

    cool_down_hours: float = Field(
        default=24, ge=0, le=24 * 90, description="Pause after a training that a trigger started."
    )


class Model(Settings):
    """One model: its package under src/, and how its pipelines treat it."""

    package: PackageName
    hyperparameters: dict[str, str | int | float | bool] = Field(
        default={}, description="Override the package's own defaults."
    )
    split: Split = Split()
    gate: Gate = Gate()
    inference: Inference = Inference()
    cross_validation: CrossValidation = CrossValidation()
    backtesting: Backtesting = Backtesting()
    retraining: Retraining = Retraining()
    jobs: Jobs = Jobs()

    @model_validator(mode="after")
    def _chooses_by_other_rows_than_it_judges(self) -> Self:
        held = self.cross_validation.folds.holdout
        if held is not None and held < self.split.test:
            raise ValueError(
                f"cross_validation.folds.holdout ({held:g}) is less than split.test ({self.split.test:g}): "
                "hyperparameters would be judged by rows that chose them; raise it, or leave it out"
            )
        return self


class Schedules(Settings):
    """When pipelines start by themselves, as `cron(...)` or `rate(...)`; empty is never."""

    retraining: Schedule = ""
    inference: Schedule = ""
    quality: Schedule = ""
    timezone: str = Field(default="UTC", description="Of the cron expressions, such as Europe/Berlin.")


class Environment(Settings):
    """One account and region, and what differs there."""

    account: AccountId
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    approval: Literal["auto", "manual"] = Field(
        description="Whether a model that passes the gate is approved at once or waits for a person."
    )
    subnets: tuple[SubnetId, ...] = Field(min_length=1, description="Private subnets that jobs run in.")
    security_groups: tuple[SecurityGroupId, ...] = Field(min_length=1, max_length=5)
    image: str | None = Field(default=None, description="The job image, by digest. The local AWS needs none.")
    notify: str | None = Field(default=None, description="An e-mail address that is told how each run ended.")
    logs_retention_in_days: LogsRetentionInDays = 90
    schedules: Schedules = Schedules()
    automation: bool = Field(
        default=False,
        description="Whether schedules, new raw data and alarms start pipelines; `make fire` does by hand.",
    )


class Project(Settings):
    """The whole of `project.toml`."""

    name: ProjectName
    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    models: dict[ModelName, Model] = Field(min_length=1)
    environments: dict[str, Environment] = Field(min_length=1)

    def model(self, name: str) -> Model:
        """Return the model of that name; raise `ConfigurationError` when there is none."""
        if name not in self.models:
            raise ConfigurationError(
                f"model {name!r} is not in project.toml; it has: {', '.join(sorted(self.models))}"
            )
        return self.models[name]

    def environment(self, name: str) -> Environment:
        """Return the environment of that name; raise `ConfigurationError` when there is none."""
        if name not in self.environments:
            raise ConfigurationError(
                f"environment {name!r} is not in project.toml; it has: {', '.join(sorted(self.environments))}"
            )
        return self.environments[name]


def load_project(path: Path = ROOT / "project.toml") -> Project:
    """Read and check `project.toml`; raise `ConfigurationError` that lists every fault with its place."""
    try:
        return Project.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path} does not exist; run from a checkout that has it") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path.name} is not TOML: {error}") from error
    except ValidationError as error:
        faults = "\n".join(f"  {fault}" for fault in faults_of(error, path.name))
        raise ConfigurationError(
            f"{path.name} cannot be used; `make schema` prints what may stand there:\n{faults}"
        ) from error


def json_schema() -> str:
    """Return the JSON schema of `project.toml`."""
    return json.dumps(Project.model_json_schema(), indent=2)


if __name__ == "__main__":
    print(json_schema())  # noqa: T201 - printing is this module's command: `make schema`
