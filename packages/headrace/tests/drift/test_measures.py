"""The measures of drift: zero is equal, either side may come first, and each agrees with its formula."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import distance
from scipy.special import rel_entr
from scipy.stats import ks_2samp

from headrace.arrays import Counts
from headrace.drift.measures import (
    jensen_shannon_distance,
    kolmogorov_smirnov_statistic,
    population_stability_index,
)

rows = st.integers(0, 10_000)
pairs = st.lists(st.tuples(rows, rows), min_size=1, max_size=30).filter(
    lambda bins: all(sum(side) for side in zip(*bins, strict=True))
)


def counts(bins: list[tuple[int, int]]) -> tuple[Counts, Counts]:
    """Return both sides of bins."""
    first, second = np.array(bins, dtype=np.float64).T
    return first, second


@given(pairs)
def test_equal_is_zero(bins: list[tuple[int, int]]) -> None:
    """What is compared with itself has not drifted, however many bins are empty."""
    first, _ = counts(bins)
    assert population_stability_index(first, first) == 0
    assert jensen_shannon_distance(first, first) == 0


@given(pairs)
def test_either_side_may_come_first(bins: list[tuple[int, int]]) -> None:
    """Training against batch is batch against training."""
    first, second = counts(bins)
    assert population_stability_index(first, second) == pytest.approx(
        population_stability_index(second, first), abs=1e-12
    )
    assert jensen_shannon_distance(first, second) == pytest.approx(
        jensen_shannon_distance(second, first), abs=1e-7
    )


@given(pairs)
def test_bounds(bins: list[tuple[int, int]]) -> None:
    """PSI is finite and never negative, and the distance is between 0 and 1, whatever bins are empty."""
    first, second = counts(bins)
    psi = population_stability_index(first, second)
    assert np.isfinite(psi)
    assert psi >= 0
    assert 0 <= jensen_shannon_distance(first, second) <= 1


@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_bins_does_not_matter(bins: list[tuple[int, int]], random: np.random.Generator) -> None:
    """Bins are counted, not ranked."""
    shuffled = list(bins)
    random.shuffle(shuffled)  # type: ignore[arg-type] - hypothesis gives a random.Random
    assert population_stability_index(*counts(shuffled)) == pytest.approx(
        population_stability_index(*counts(bins)), abs=1e-9
    )


@given(st.lists(st.tuples(st.integers(1000, 9000), st.integers(1000, 9000)), min_size=2, max_size=30))
def test_psi_of_full_bins_is_the_symmetric_divergence(bins: list[tuple[int, int]]) -> None:
    """Where no bin is empty, half a row a bin changes next to nothing: scipy's divergences, both ways, sum to it."""
    first, second = counts(bins)
    p, q = first / first.sum(), second / second.sum()
    wanted = float(rel_entr(p, q).sum() + rel_entr(q, p).sum())
    assert population_stability_index(first, second) == pytest.approx(wanted, abs=0.003)


@given(pairs)
def test_distance_is_scipys(bins: list[tuple[int, int]]) -> None:
    """The distance of any two counts is scipy's; close to zero a root magnifies what rounding leaves."""
    first, second = counts(bins)
    with np.errstate(invalid="ignore"):  # scipy takes the root of less than zero
        wanted = np.nan_to_num(distance.jensenshannon(first, second, base=2))
    assert jensen_shannon_distance(first, second) == pytest.approx(wanted, abs=1e-7)


def test_nothing_in_common_is_one() -> None:
    """The distance of distributions without a common bin is 1, also where one has no rows at all."""
    assert jensen_shannon_distance(np.array([5.0, 0]), np.array([0.0, 7])) == 1
    assert jensen_shannon_distance(np.array([5.0, 0]), np.zeros(2)) == 1
    assert jensen_shannon_distance(np.zeros(2), np.zeros(2)) == 0


@settings(deadline=None)
@given(st.integers(2, 3000), st.integers(2, 3000), st.floats(-1, 1), st.integers(0, 9), st.booleans())
def test_quantiles_give_the_statistic_to_a_thousandth(
    first_rows: int, second_rows: int, shift: float, seed: int, rounded: bool  # noqa: FBT001 - drawn
) -> None:
    """1,001 quantiles of scores stand for all of them, few or many, with ties and without."""
    random = np.random.default_rng(seed)
    first, second = random.normal(size=first_rows), random.normal(shift, size=second_rows)
    if rounded:
        first, second = first.round(1), second.round(1)
    quantiles = np.quantile(first, np.linspace(0, 1, 1001), method="inverted_cdf")
    exact = ks_2samp(first, second, method="asymp").statistic
    assert kolmogorov_smirnov_statistic(quantiles, second) == pytest.approx(exact, abs=0.001)
