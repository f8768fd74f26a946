"""The profile of a data set: what was read, what was left out, and how each feature is distributed.

The profile of the training rows travels with the model, as the baseline that drift is measured against.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from headrace.arrays import Scores
from headrace.errors import ArtefactError, DataError
from headrace.features import Feature
from headrace.settings import Record
from headrace.stored_files import read_record

BINS = 10
CATEGORIES_KEPT = 100
SCORE_QUANTILES = 1001


class NumberProfile(Record):
    """Distribution of a number. Bins are cut at the deciles: `shares[i]` lies in [edges[i], edges[i + 1]).

    The last bin is closed. A value that fills several deciles has a bin of its own, one float wide.
    """

    kind: Literal["number"] = "number"
    nulls: int
    mean: float | None = Field(description="None when there is no value at all; likewise below.")
    standard_deviation: float | None
    minimum: float | None
    maximum: float | None
    edges: tuple[float, ...] = Field(
        description="Ascending, without repeats; the outermost are the extremes."
    )
    shares: tuple[float, ...] = Field(
        description="Share of the non-null rows in each bin; the last is closed."
    )


class CategoryProfile(Record):
    """Distribution of a category: the most frequent values, and the share of all the others."""

    kind: Literal["category"] = "category"
    nulls: int
    distinct: int
    shares: dict[str, float] = Field(
        description="Share of the non-null rows of each value, most frequent first."
    )
    other_share: float
    others: tuple[str, ...] = Field(
        default=(),
        description="The values behind `other_share`, so that a new one can be told from a rare one.",
    )
    singletons: int = Field(
        default=0,
        description="Values with one row: the more, the more rows of a batch have a value that no row had (Good, 1953).",
    )


FeatureProfile = Annotated[NumberProfile | CategoryProfile, Field(discriminator="kind")]


class SplitProfile(Record):
    """The rows of one part of the data."""

    rows: int
    positive_share: float
    first: str = Field(description="Time of the oldest row, UTC, ISO 8601.")
    last: str


class Profile(Record):
    """The content of `profile.json`."""

    data_fingerprint: str = Field(description="SHA-256 over the raw tables.")
    raw_rows: dict[str, int] = Field(description="Rows of each raw table.")
    unlabelled_rows: int = Field(description="Rows left out because they have no label.")
    splits: dict[str, SplitProfile]
    features: dict[str, FeatureProfile] = Field(description="Over the training rows.")
    score: NumberProfile | None = Field(
        default=None,
        description="The shipped model's scores over the validation rows; None before there is a model.",
    )
    score_quantiles: tuple[float, ...] = Field(
        default=(), description="Of the same scores, the quantiles at every thousandth from 0 to 1."
    )

    @property
    def share_before_test(self) -> float:
        """Share of positive rows among those that a model may learn from: training and validation."""
        known = self.splits["train"], self.splits["validation"]
        return sum(part.rows * part.positive_share for part in known) / sum(part.rows for part in known)

    @property
    def known_score_quantiles(self) -> Scores:
        """`score_quantiles`, shape (quantiles,); raises `ArtefactError` when the model's training kept none."""
        if not self.score_quantiles:
            raise ArtefactError(
                "the model was trained by an older version, which kept no quantiles of its scores: drift of the scores "
                "cannot be measured; train and approve a new model"
            )
        return np.array(self.score_quantiles)

    def with_score(self, score: Scores) -> Self:
        """Return the profile with the distribution of scores, shape (rows,), in it.

        They are those of the model that is shipped, over its validation rows. After a refit it has learnt from these
        rows, so its scores of them are somewhat more sure than those of new rows; the scores before the refit would be
        another model's, and drift would measure the difference of two models. Only where scores lie is compared, never
        how good they are: the limit of their drift leaves room for the rest.

        Each quantile is a score that was found, so the curve of their shares is within a thousandth of the
        curve of the scores.
        """
        levels = np.linspace(0, 1, SCORE_QUANTILES)
        quantiles = np.quantile(score, levels, method="inverted_cdf")
        return self.model_copy(
            update={"score": number_profile(score), "score_quantiles": tuple(quantiles.tolist())}
        )


def feature_profiles(rows: pl.DataFrame, features: tuple[Feature, ...]) -> dict[str, FeatureProfile]:
    """Return the profile of each feature over the rows."""
    return {
        feature.name: (
            number_profile(
                rows[feature.name].drop_nulls().cast(pl.Float64).to_numpy(), rows[feature.name].null_count()
            )
            if feature.kind == "number"
            else _category_profile(rows[feature.name])
        )
        for feature in features
    }


def read_profile(folder: Path) -> Profile:
    """Return the profile that the prepare job left in a folder; raise `DataError` when it cannot be read."""
    return read_record(
        Profile,
        folder / "profile.json",
        DataError,
        "it describes the rows that a model is trained and judged on: run the prepare job again",
    )


def number_profile(values: NDArray[np.floating], nulls: int = 0) -> NumberProfile:
    """Return the profile of numbers, shape (rows,), none of them null."""
    if not values.size:
        return NumberProfile(
            nulls=nulls, mean=None, standard_deviation=None, minimum=None, maximum=None, edges=(), shares=()
        )
    deciles, repeats = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)), return_counts=True)
    # A value that fills more than one decile, as zero does in rainfall, is a bin of its own.
    edges = np.union1d(deciles, np.nextafter(deciles[repeats > 1], np.inf))
    shares = np.histogram(values, edges)[0] / values.size
    return NumberProfile(
        nulls=nulls,
        mean=float(values.mean()),
        standard_deviation=float(values.std()),
        minimum=float(values.min()),
        maximum=float(values.max()),
        edges=tuple(edges.tolist()),
        shares=tuple(shares.tolist()),
    )


def _category_profile(column: pl.Series) -> CategoryProfile:
    values = column.drop_nulls().cast(pl.String)
    counts = values.value_counts(name="rows").sort(["rows", column.name], descending=[True, False])
    kept = counts.head(CATEGORIES_KEPT)
    shares = kept["rows"] / max(len(values), 1)
    return CategoryProfile(
        nulls=column.null_count(),
        distinct=len(counts),
        shares=dict(zip(kept[column.name].to_list(), shares.to_list(), strict=True)),
        other_share=max(0.0, 1.0 - float(shares.sum())) if len(counts) > len(kept) else 0.0,
        others=tuple(counts[column.name][len(kept) :].to_list()),
        singletons=int((counts["rows"] == 1).sum()),
    )
