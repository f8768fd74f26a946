"""How far each feature of a batch has drifted."""

from typing import Literal

import numpy as np
from pydantic import Field

from headrace.drift.comparison import Comparison
from headrace.drift.measures import jensen_shannon_distance, population_stability_index
from headrace.drift.null_distribution import (
    null_quantile_of_jensen_shannon,
    null_quantile_of_population_stability_index,
    null_quantile_of_rise,
    null_quantile_of_unseen,
)
from headrace.settings import DriftLimits, Record

DIGITS = 6


class Measured(Record):
    """One figure, and its limit: the one that was set, or what chance alone reaches where that is more."""

    value: float
    limit: float

    @property
    def beyond(self) -> bool:
        """Whether the figure is beyond its limit."""
        return self.value > self.limit

    @property
    def severity(self) -> float:
        """The figure as a multiple of its limit."""
        return self.value / self.limit if self.limit else float(self.beyond)


class FeatureDrift(Record):
    """How far one feature has drifted."""

    name: str
    kind: Literal["number", "category"]
    drifted: bool
    psi: Measured = Field(description="Population stability index, over the bins of the training.")
    jensen_shannon: Measured | None = Field(description="Jensen-Shannon distance; None for a number.")
    unseen: Measured | None = Field(description="Share of rows whose value training never saw; likewise.")
    missing: Measured = Field(description="Rise of the share of rows without a value; less than 0 is a fall.")

    @property
    def moved(self) -> bool:
        """Whether the distribution itself is beyond its limits."""
        return self.psi.beyond or bool(self.jensen_shannon and self.jensen_shannon.beyond)

    @property
    def measured(self) -> dict[str, Measured]:
        """The figures that the feature has, by name."""
        found = {
            "psi": self.psi,
            "jensen_shannon": self.jensen_shannon,
            "unseen": self.unseen,
            "missing": self.missing,
        }
        return {name: figure for name, figure in found.items() if figure}

    @property
    def severity(self) -> float:
        """How far the feature lies beyond its limits: its figures as multiples of theirs, the worst of them."""
        return max(figure.severity for figure in self.measured.values())


def feature_drift(limits: DriftLimits, comparison: Comparison) -> FeatureDrift:
    """Return how far a feature has drifted."""
    rows, training_rows = int(comparison.batch.sum()), round(comparison.training.sum())
    missing_before, missing_now = comparison.missing
    counts = comparison.pooled
    bins = int(np.count_nonzero(counts[0] + counts[1]))
    unseen = comparison.unseen_share
    psi = measured(
        population_stability_index(*counts),
        limits.psi,
        null_quantile_of_population_stability_index(bins, rows, training_rows),
    )
    missing = measured(
        missing_now - missing_before,
        limits.missing_share,
        null_quantile_of_rise(comparison.training[-1], rows, training_rows),
    )
    of_category: tuple[Measured, ...] = ()
    if unseen is not None:
        of_category = (
            measured(
                jensen_shannon_distance(*counts),
                limits.jensen_shannon,
                null_quantile_of_jensen_shannon(bins, rows, training_rows),
            ),
            measured(
                unseen,
                limits.unseen_share,
                null_quantile_of_unseen(comparison.singletons, rows, training_rows),
            ),
        )
    return FeatureDrift(
        name=comparison.name,
        kind=comparison.kind,
        drifted=any(one.beyond for one in (psi, missing, *of_category)),
        psi=psi,
        jensen_shannon=of_category[0] if of_category else None,
        unseen=of_category[1] if of_category else None,
        missing=missing,
    )


def measured(value: float, limit: float, by_chance: float) -> Measured:
    """Return a figure with its limit, which is what chance reaches where that is more."""
    return Measured(value=round(value, DIGITS), limit=round(max(limit, by_chance), DIGITS))
