"""What a model package gives: the one interface between a data scientist's code and everything generic.

A package under `src/` named in `project.toml` has an attribute `MODEL`, an instance of a subclass of `Model`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

import narwhals as nw
import polars as pl

from headrace.arrays import Scores
from headrace.errors import ConfigurationError
from headrace.examples import Examples
from headrace.features import Feature
from headrace.schema import Table
from headrace.settings import Settings

# The jobs know "binary"; the interface leaves room for the others.
Task = Literal["binary", "multiclass", "regression"]
HyperparametersT = TypeVar("HyperparametersT", bound=Settings)


class Fitted(Protocol):
    """A model after `fit`. It is data: saving it writes no code, and restoring it runs none of its own."""

    @property
    def rounds(self) -> int | None:
        """Boosting rounds kept; None for a model without rounds."""

    def predict(self, features: pl.DataFrame) -> Scores:
        """Return the probability of class 1 of each row, shape (rows,), from columns named as the features."""

    def importance(self) -> Mapping[str, float]:
        """Return how much each feature matters, as shares that sum to 1."""

    def save(self, folder: Path) -> None:
        """Write the model's files into an existing folder."""


@dataclass(frozen=True)
class Training:
    """What `fit` returns: the model, and out-of-sample scores of the validation rows."""

    fitted: Fitted
    validation_score: Scores  # shape (validation rows,), by a model fitted without them


class Model(ABC, Generic[HyperparametersT]):
    """A model package, as the jobs see it."""

    task: ClassVar[Task] = "binary"
    tables: ClassVar[tuple[Table, ...]]  # the raw data, read and checked before `load`
    time: ClassVar[str]  # the column of `load` that orders rows: training is before, testing after
    entity: ClassVar[tuple[str, ...]]  # the columns of `load` that name a row in predictions
    slices: ClassVar[tuple[str, ...]] = ()  # the columns of `load` by whose values quality is reported
    features: ClassVar[tuple[Feature, ...]]
    hyperparameters: type[HyperparametersT]

    @abstractmethod
    def load(self, tables: Mapping[str, nw.LazyFrame[pl.LazyFrame]]) -> nw.LazyFrame[pl.LazyFrame]:
        """Join the raw tables into one row per example, with every column that features and label use."""

    @abstractmethod
    def label(self) -> nw.Expr:
        """Return the label of a row of `load`: 1 or 0, or null when it is not known."""

    @abstractmethod
    def fit(
        self,
        train: Examples,
        validation: Examples,
        hyperparameters: HyperparametersT,
        checkpoints: Path,
    ) -> Training:
        """Fit on `train`, stop by `validation`; save progress in `checkpoints`, and resume what lies there."""

    @abstractmethod
    def restore(self, folder: Path) -> Fitted:
        """Return what `Fitted.save` wrote."""


def complexity_of(hyperparameters: Settings) -> tuple[float, ...]:
    """Return how complex a model of these hyperparameters is: the smaller, as tuples compare, the simpler.

    Hyperparameters may say so by a property `complexity`; those that do not have none to compare by. Of candidates
    that are equally good as far as one can tell, cross-validation takes the simplest.
    """
    return tuple(map(float, getattr(hyperparameters, "complexity", ())))


def load_model(package: str) -> Model[Settings]:
    """Return the model of a package under `src/`; raise `ConfigurationError` when it has none, or lacks a library."""
    if not all(part.isidentifier() for part in package.split(".")):
        raise ConfigurationError(
            f"{package!r} is no name of a package; correct it: a folder under src/, such as flights"
        )
    try:
        module = import_module(package)
    except ModuleNotFoundError as error:
        if f"{package}.".startswith(f"{error.name}."):
            raise ConfigurationError(
                f"package {package!r} is not found; create src/{package}/ or correct project.toml"
            ) from error
        raise ConfigurationError(
            f"package {package!r} imports {error.name!r}, which is not installed; name it in requirements/jobs.in and "
            f"`make lock`, or correct the import"
        ) from error
    model = getattr(module, "MODEL", None)
    if not isinstance(model, Model):
        raise ConfigurationError(f"package {package!r} has no MODEL, an instance of headrace.model.Model")
    if model.task != "binary":
        raise ConfigurationError(
            f"package {package!r} has task {model.task!r}; the jobs can do 'binary' only"
        )
    return model
