"""`project.toml`, the one file that a team edits, as frozen models."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace.faults import faults_of
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
)
from headrace_aws.config.environment import LOCAL, Environment
from headrace_aws.config.root import FILE, project_root
from headrace_aws.config.texts import (
    Digits,
    InstanceType,
    ModelName,
    PackageName,
    ProjectName,
    Repository,
    Subject,
)
from headrace_aws.config.toml import toml_of

_OF_PREVIEWS = "-pr-"  # what headrace_aws.naming.preview puts before a pull request's number


class Job(Settings):
    """The machine of one job."""

    instance_type: InstanceType = "ml.m5.xlarge"
    instance_count: int = Field(default=1, ge=1, le=100)
    volume_size_in_gb: int = Field(default=30, ge=1, le=16384)
    timeout_seconds: int = Field(default=3600, ge=60, le=432_000)


class TrainingJob(Job):
    """The machine of the training job, which may be a spot instance."""

    spot: bool = Field(
        default=False, description="Train on spot capacity; an interruption resumes from a checkpoint."
    )
    spot_wait_seconds: int = Field(
        default=3600,
        ge=0,
        le=2_592_000,
        description="How long to wait for spot capacity, beyond the timeout.",
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
    collect: Job = Job()
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
    require_drift_check: bool = Field(
        default=False,
        description="Publish only after the drift job: when it fails, the predictions are held back. Without, they "
        "are published first, and the run fails afterwards. Drift that it finds holds nothing back either way.",
    )
    maximum_age_in_days: int = Field(
        default=2, ge=0, le=7, description="Without predictions for so long, an alarm tells; 0 is never."
    )


class TrialRuns(Settings):
    """How a pipeline runs many trainings."""

    metric: Metric = Field(default="log_loss", description="By which trainings are compared.")
    concurrency: int = Field(default=2, ge=1, le=40, description="Trainings at a time.")
    tolerated_failures: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="Share of the trainings that may fail and the run still ends well.",
    )


class CrossValidation(TrialRuns):
    """The folds, and what is tried on them."""

    folds: Folds = Folds()
    search: Search = Search()


class Backtesting(TrialRuns):
    """The cut-offs from which the model is judged."""

    cutoffs: Cutoffs = Cutoffs()


class Preview(Settings):
    """What the preview of a pull request trains on."""

    sample: float = Field(
        default=0.1, gt=0, le=1, description="Share of the rows, the newest, of the table of events."
    )


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
    preview: Preview = Preview()
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


class GitHub(Settings):
    """How GitHub's tokens name the repository; what `gh` prints, see docs/production.md."""

    subject: Subject | None = Field(
        default=None,
        description="The prefix of the claim `sub`, such as repo:your-org@1234/headrace@5678.",
    )
    repository_id: Digits | None = Field(default=None, description="The claim `repository_id`.")


class Project(Settings):
    """The whole of `project.toml`."""

    name: ProjectName
    repository: Repository
    github: GitHub = GitHub()
    models: dict[ModelName, Model] = Field(min_length=1)
    environments: dict[str, Environment] = Field(min_length=1)

    @model_validator(mode="after")
    def _leaves_names_for_previews(self) -> Self:
        for name in self.models:
            if _OF_PREVIEWS in name:
                raise ValueError(
                    f"models.{name}: a name with {_OF_PREVIEWS!r} is that of a pull request's preview; choose another"
                )
        return self

    @model_validator(mode="after")
    def _promotes_in_an_order(self) -> Self:
        for name in self.environments:
            seen = [name]
            while (before := self.environments[seen[-1]].after) is not None:
                if before not in self.environments or before in {LOCAL, *seen}:
                    raise ValueError(
                        f"environments.{seen[-1]}.after is {before!r}; name another environment of project.toml, "
                        "in which a release proves itself first"
                    )
                seen.append(before)
        return self

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


def load_project(path: Path | None = None) -> Project:
    """Read and check a `project.toml`, by default that of `project_root`; raise `ConfigurationError` that lists every fault with its place."""
    path = path or project_root() / FILE
    if not path.exists():
        raise ConfigurationError(f"{path} does not exist; run from a checkout that has it")
    try:
        return Project.model_validate(toml_of(path))
    except ValidationError as error:
        faults = "\n".join(f"  {fault}" for fault in faults_of(error, path.name, Project))
        raise ConfigurationError(
            f"{path.name} cannot be used; `make schema` prints what may stand there:\n{faults}"
        ) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the JSON schema of `project.toml`; return the exit status."""
    argparse.ArgumentParser(
        prog="headrace schema", description="Print what may stand in project.toml."
    ).parse_args(arguments)
    sys.stdout.write(f"{strict_json.dumps(Project.model_json_schema(), indent=2)}\n")
    return 0
