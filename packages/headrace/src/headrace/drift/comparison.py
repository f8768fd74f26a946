"""The rows of a training and of a batch, counted in the same bins: those of the profile in the model artefact."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headrace.arrays import Counts
from headrace.errors import ArtefactError
from headrace.profile import CategoryProfile, FeatureProfile, NumberProfile, Profile
from headrace.stored_files import first_line

MISSING = "missing"
UNSEEN = "unseen"
OTHERS = "others"
LEAST_EXPECTED = 5  # rows of a bin


@dataclass(frozen=True)
class Comparison:
    """One feature, counted.

    The bins of a number are the profile's, and values beyond its extremes are in the outer ones. The bins of a
    category are the values that the profile keeps, all the other values that training saw, and those that it never
    saw. The last bin of both is of missing values.
    """

    name: str
    kind: Literal["number", "category"]
    bins: tuple[str, ...]
    training: Counts
    batch: Counts
    training_mean: float | None = None  # of a number; None where it has no value
    batch_mean: float | None = None
    singletons: int = 0  # values of a category with one row in training

    @property
    def pooled(self) -> tuple[Counts, Counts]:
        """Training and batch over bins with rows enough to compare, those with fewer put together into one.

        In a bin where the batch is expected to have fewer than five rows, chance makes far more of a difference than the
        distributions of the measures say (Cochran, 1954, "Some Methods for Strengthening the Common Chi-Square Tests",
        Biometrics 10). What training never saw is among the rare values, where it comes from without any drift; how
        much of it there is has a limit of its own.
        """
        rows, training_rows = self.batch.sum(), self.training.sum()
        expected = (self.training + self.batch) * min(rows, training_rows) / (rows + training_rows)
        rare = expected < LEAST_EXPECTED
        if self.kind == "category":
            rare[-3:-1] = True
        return _put_together(self.training, rare), _put_together(self.batch, rare)

    @property
    def missing(self) -> tuple[float, float]:
        """Share of rows without a value, in training and in the batch."""
        return float(self.training[-1] / self.training.sum()), float(self.batch[-1] / self.batch.sum())

    @property
    def unseen_share(self) -> float | None:
        """Share of the batch's rows whose category training never saw; None for a number."""
        return float(self.batch[-2] / self.batch.sum()) if self.kind == "category" else None


def comparisons_of(profile: Profile, features: pl.DataFrame) -> tuple[Comparison, ...]:
    """Return the comparison of each feature that a model was trained on with the rows of a batch.

    Raises `ArtefactError` when the batch lacks one, or has values of another kind.
    """
    lacking = [name for name in profile.features if name not in features.columns]
    if lacking:
        raise ArtefactError(
            f"the model was trained on features that the batch does not have: {', '.join(lacking)}; "
            f"train and approve a model of this code, or make the batch by the model's"
        )
    training_rows = profile.splits["train"].rows
    try:
        return tuple(
            comparison_of(name, known, training_rows, features[name])
            for name, known in profile.features.items()
        )
    except pl.exceptions.PolarsError as error:
        raise ArtefactError(
            f"the batch has a feature of another kind than the model's: {first_line(error)}; train and approve a model of this "
            "code, or make the batch by the model's"
        ) from error


def comparison_of(name: str, profile: FeatureProfile, training_rows: int, column: pl.Series) -> Comparison:
    """Return the comparison of a feature's profile over `training_rows` rows with a column of a batch."""
    if isinstance(profile, NumberProfile):
        return _of_number(name, profile, training_rows, column)
    return _of_category(name, profile, training_rows, column)


def _of_number(name: str, profile: NumberProfile, training_rows: int, column: pl.Series) -> Comparison:
    values = column.drop_nulls().cast(pl.Float64).to_numpy()
    edges, shares = list(profile.edges), list(profile.shares)
    if not shares:  # training had no value at all, so any is new
        edges, shares = [-np.inf, np.inf], [0.0]
    # A bin that is one value wide takes no others: what lies beyond it is in a bin that training left empty.
    if _is_one_value(edges[0], edges[1]):
        edges, shares = [-np.inf, *edges], [0.0, *shares]
    if _is_one_value(edges[-2], edges[-1]):
        edges, shares = [*edges, np.inf], [*shares, 0.0]
    found = np.bincount(np.searchsorted(edges[1:-1], values, side="right"), minlength=len(shares))
    return Comparison(
        name=name,
        kind="number",
        bins=(*(f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)), MISSING),
        training=np.array([share * (training_rows - profile.nulls) for share in shares] + [profile.nulls]),
        batch=np.array([*found, column.null_count()], dtype=np.float64),
        training_mean=profile.mean,
        batch_mean=float(values.mean()) if values.size else None,
    )


def _put_together(counts: Counts, rare: NDArray[np.bool_]) -> Counts:
    return np.append(counts[~rare], counts[rare].sum())


def _is_one_value(low: float, high: float) -> bool:
    return bool(high == np.nextafter(low, np.inf))


def _of_category(name: str, profile: CategoryProfile, training_rows: int, column: pl.Series) -> Comparison:
    counts = column.drop_nulls().cast(pl.String).rename("value").value_counts(name="rows")
    kept = pl.DataFrame({"value": list(profile.shares)}, schema={"value": pl.String})
    found = kept.join(counts, on="value", how="left", maintain_order="left")["rows"].fill_null(0).to_list()
    others = counts.filter(pl.col("value").is_in(list(profile.others)))["rows"].sum()
    unseen = len(column) - column.null_count() - sum(found) - others
    shares = [*profile.shares.values(), profile.other_share]
    return Comparison(
        name=name,
        kind="category",
        bins=(*profile.shares, OTHERS, UNSEEN, MISSING),
        training=np.array([share * (training_rows - profile.nulls) for share in shares] + [0, profile.nulls]),
        batch=np.array([*found, others, unseen, column.null_count()], dtype=np.float64),
        singletons=profile.singletons,
    )
