"""The verdict: drift made on purpose is found, and chance is not taken for drift in a batch of any size."""

import numpy as np
import polars as pl
import pytest
from drawn_rows import drawn, judged, profile_of_rows
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chi2, kstwobign

from headrace.drift.comparison import Comparison
from headrace.drift.features import feature_drift
from headrace.drift.null_distribution import (
    null_quantile_of_jensen_shannon,
    null_quantile_of_kolmogorov_smirnov,
    null_quantile_of_population_stability_index,
    null_quantile_of_rise,
)
from headrace.drift.record import MOST_BYTES, Drift, drift_of
from headrace.profile import Profile
from headrace.settings import DriftLimits

NONE_TOLERATED = DriftLimits(tolerated_features=0)


@pytest.fixture(scope="module")
def profile() -> Profile:
    return profile_of_rows(drawn(20_000, seed=0))


@pytest.mark.parametrize("rows", [1, 5, 20, 100, 1000, 30_000])
def test_a_fresh_sample_has_not_drifted(rows: int, profile: Profile) -> None:
    """Rows of the training's distribution pass, few or many, though not one feature is tolerated."""
    for seed in range(1, 6):
        verdict = judged(profile, drawn(rows, seed), NONE_TOLERATED)
        assert not verdict.drifted, verdict.summary
        assert verdict.metrics.drifted_features == 0
        assert verdict.metrics.rows == rows


@pytest.mark.parametrize("rows", [300, 30_000])
@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("normal", pl.col("normal") + 1),
        ("normal", pl.col("normal") * 3),
        ("rain", pl.col("rain") + 0.01),
        ("tail", pl.col("tail") / 4),
        ("coin", pl.when(pl.int_range(pl.len()) % 4 > 0).then(pl.lit("tail")).otherwise("coin")),
        ("word", pl.col("word").str.replace("word", "name")),
        ("age", pl.when(pl.int_range(pl.len()) % 2 > 0).then("age")),
    ],
    ids=["shifted", "wider", "no zero", "shorter tail", "biased", "unseen", "missing"],
)
def test_drift_made_on_purpose_is_found(rows: int, column: str, change: pl.Expr, profile: Profile) -> None:
    """The feature that was changed is beyond its limits, and no other is."""
    batch = drawn(rows, seed=1).with_columns(change.alias(column))
    verdict = judged(profile, batch, NONE_TOLERATED)
    assert verdict.drifted
    assert [feature.name for feature in verdict.features if feature.drifted] == [column]
    assert verdict.features[0].name == column
    assert f"1 of 7 features beyond their limits ({column})" in verdict.summary


def test_scores_of_another_distribution_are_drift(profile: Profile) -> None:
    """A model that suddenly scores otherwise is reported although no feature has changed."""
    batch = drawn(2000, seed=1)
    verdict = judged(profile, batch, score=batch["score"].to_numpy() ** 2)
    assert verdict.drifted
    assert verdict.metrics.score_kolmogorov_smirnov > 0.3
    assert verdict.summary.startswith(
        "The batch of 2,000 rows has drifted: Kolmogorov-Smirnov statistic of the scores at most 0.15, found 0."
    )


def test_some_features_are_tolerated_and_broken_ones_are_not(profile: Profile) -> None:
    """One moved feature of seven is within the fifth that is tolerated; one that is all missing is an alarm."""
    moved = judged(profile, drawn(2000, seed=1).with_columns(pl.col("normal") + 1))
    assert not moved.drifted
    assert moved.summary == (
        "The batch of 2,000 rows has not drifted: 1 of 7 features is beyond its limits (normal), "
        "and that many are tolerated."
    )
    broken = judged(profile, drawn(2000, seed=1).with_columns(normal=pl.lit(None, pl.Float64)))
    assert broken.drifted
    assert "rise of missing values at most 0.1 in every feature, found 1" in broken.summary
    assert [rule.passed for rule in broken.rules] == [True, True, False, True]


def test_missing_features_are_counted_by_their_own_limits(profile: Profile) -> None:
    """In few rows the largest rise is beyond the limit that was set, by chance, and no feature counts as missing."""
    few = drawn(20, seed=1).with_columns(pl.when(pl.int_range(pl.len()) > 4).then("age").alias("age"))
    by_chance = judged(profile, few).metrics
    assert by_chance.missing_share > DriftLimits().missing_share
    assert by_chance.missing_features == 0
    gone = few.with_columns(age=pl.lit(None, pl.Float64), rain=pl.lit(None, pl.Float64))
    assert judged(profile, gone).metrics.missing_features == 2


def test_the_limits_of_a_category_are_of_one_size() -> None:
    """By default neither makes the other moot: a shift far below the limit of PSI is not beyond that of the distance."""
    limits = DriftLimits()
    near = np.sqrt(limits.psi / (8 * np.log(2)))
    assert limits.jensen_shannon == pytest.approx(near, abs=0.015)
    training = np.array([5000.0, 5000, 0, 0])
    for heads, beyond in ((6270, False), (7350, True), (7550, True)):
        batch = np.array([heads, 10_000 - heads, 0.0, 0])
        found = feature_drift(
            limits, Comparison("coin", "category", ("head", "tail", "unseen", "missing"), training, batch)
        )
        assert found.jensen_shannon is not None
        assert found.jensen_shannon.value == pytest.approx(
            np.sqrt(found.psi.value / (8 * np.log(2))), rel=0.03
        )
        assert found.moved is beyond, found


def test_a_rule_tells_when_chance_raised_its_limit(profile: Profile) -> None:
    """In a batch of few rows the limit that was used is shown, and why it is not the one that was set."""
    rule = judged(profile, drawn(20, seed=1)).rules[-1]
    assert rule.limit is not None
    assert rule.limit > 0.4
    assert rule.note == "the limit is what so few rows reach by chance"


def test_what_chance_reaches() -> None:
    """The quantiles are those of the distributions that the sources give, and fall as rows grow."""
    assert null_quantile_of_population_stability_index(11, 1000, 1000) == pytest.approx(
        chi2.isf(1e-4, 10) / 500, rel=1e-9
    )
    assert null_quantile_of_population_stability_index(1, 1000, 1000) == 0
    assert null_quantile_of_kolmogorov_smirnov(100, 300) == pytest.approx(kstwobign.isf(1e-4) / np.sqrt(75))
    assert null_quantile_of_kolmogorov_smirnov(1, 1) == 1
    assert null_quantile_of_rise(50, 1000, 1000) == pytest.approx(0.03, abs=0.01)
    assert null_quantile_of_rise(0, 10**6, 10**6) < 1e-4
    for by_chance in (null_quantile_of_population_stability_index, null_quantile_of_jensen_shannon):
        assert by_chance(11, 10**6, 10**6) < by_chance(11, 1000, 10**6)


@given(st.integers(0, 1000), st.integers(1, 10**6))
def test_a_rise_by_chance_is_the_binomial_quantile(missing: int, rows: int) -> None:
    """Of a batch of any size, down to one row: never a count more or less than scipy's inverse survival function."""
    count = binom.isf(1e-4, rows, (missing + 0.5) / 1001)
    assert null_quantile_of_rise(missing, rows, 1000) == pytest.approx(
        max(0, count / rows - missing / 1000), abs=1e-12
    )


def test_the_file_stays_small(profile: Profile) -> None:
    """A state machine reads it whole, so of thousands of features only those that drifted most are in it."""
    verdict = judged(profile, drawn(100, seed=1))
    many = verdict.model_copy(update={"features": verdict.features * 500})
    drift = drift_of(many)
    text = drift.model_dump_json()
    assert MOST_BYTES / 2 < len(text) < MOST_BYTES
    assert Drift.model_validate_json(text) == drift
