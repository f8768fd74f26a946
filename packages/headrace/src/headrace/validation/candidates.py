"""Candidates: the hyperparameters that a cross-validation tries."""

import math

import numpy as np
from pydantic import Field

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace.model import Model, complexity_of
from headrace.settings import Record, Search, Settings, settings_of


class Candidate(Record):
    """Hyperparameters to try, as texts that override the model's own; none is the model as it is."""

    candidate: str
    hyperparameters: dict[str, str]
    complexity: tuple[float, ...] = Field(
        default=(),
        description="Compared as tuples: the smaller, the simpler; empty when the model does not say.",
    )

    @property
    def words(self) -> str:
        """The hyperparameters as one reads them."""
        return (
            ", ".join(f"{name} = {value}" for name, value in self.hyperparameters.items())
            or "the model's own"
        )


def candidates_of(model: Model[Settings], search: Search, most: int) -> tuple[Candidate, ...]:
    """Return every point of the grid, or as many distinct random points of it as `draws` says.

    Raises `ConfigurationError` for more than `most` candidates, and for a hyperparameter that the model does
    not have or a value that it cannot take.
    """
    points = math.prod(map(len, search.grid.values()))
    count = min(points, search.draws or points)
    if count > most:
        raise ConfigurationError(
            f"the search has {count:,} candidates and {most:,} can be tried; name fewer values, or fewer draws"
        )
    chosen = (
        np.random.default_rng(search.seed).choice(points, count, replace=False) if count < points else None
    )
    return tuple(
        _candidate(model, f"candidate-{index}", _point(search, int(point)))
        for index, point in enumerate(range(points) if chosen is None else sorted(chosen), start=1)
    )


def _point(search: Search, point: int) -> dict[str, str]:
    """Return a grid's point by its number, the last hyperparameter changing fastest."""
    places = np.unravel_index(point, [len(values) for values in search.grid.values()]) if search.grid else ()
    return {
        name: _text(values[int(place)])
        for (name, values), place in zip(search.grid.items(), places, strict=True)
    }


def _text(value: str | float | bool) -> str:  # noqa: FBT001 - a hyperparameter's value
    """Return a value as SageMaker carries it; true and false as JSON writes them."""
    return value if isinstance(value, str) else strict_json.dumps(value)


def _candidate(model: Model[Settings], name: str, hyperparameters: dict[str, str]) -> Candidate:
    whole = settings_of(model.hyperparameters, hyperparameters, f"hyperparameters of {name}")
    return Candidate(candidate=name, hyperparameters=hyperparameters, complexity=complexity_of(whole))
