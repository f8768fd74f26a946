"""Intervals of means, against figures known from elsewhere."""

import numpy as np
import pytest

from headrace.validation.intervals import estimate_of


def test_an_interval_is_students() -> None:
    """For 1 to 5: mean 3, deviation 1.5811, and t with 4 degrees of freedom is 2.7764."""
    found = estimate_of([1, 2, 3, 4, 5])
    assert found.standard_error == pytest.approx(1.5811 / 5**0.5, abs=1e-4)
    assert (found.low, found.high) == pytest.approx((3 - 2.7764 * 0.7071, 3 + 2.7764 * 0.7071), abs=1e-3)


def test_one_figure_has_no_spread() -> None:
    """A mean of one is the figure, and nothing is said of how sure it is."""
    found = estimate_of([0.5])
    assert (found.mean, found.standard_error, found.low, found.high) == (0.5, None, None, None)


def test_an_overlap_widens_the_interval() -> None:
    """Of five folds each tests a fourth of what it trains on: the variance of the mean is 2.25 times the naive one."""
    naive, corrected = estimate_of([1, 2, 3, 4, 5]), estimate_of([1, 2, 3, 4, 5], overlap=0.25)
    assert naive.standard_error is not None
    assert corrected.standard_error == pytest.approx(naive.standard_error * 1.5)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of 2,000 means of six normal figures, 95 % have the true mean in their interval."""
    random = np.random.default_rng(0)
    found = [estimate_of(random.normal(1, 2, 6).tolist()) for _ in range(2000)]
    covered = sum(
        each.low <= 1 <= each.high for each in found if each.low is not None and each.high is not None
    )
    assert 0.935 < covered / 2000 < 0.965
