"""The figures behind the charts are right, and thinning keeps the shape of a curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import Examples
from sklearn.metrics import precision_score, recall_score, roc_auc_score, roc_curve

from headrace.report.curves import (
    ReliabilityBin,
    expected_calibration_error,
    operating_points,
    precision_recall_points,
    reliability,
    roc_points,
    score_shares,
    thinned,
)


def test_thinned_roc_has_the_area_of_the_whole(many: Examples) -> None:
    """300 points of 65,000 give the same area, and leave no point of the curve farther than 0.001."""
    x, y = roc_points(many.label, many.score)
    assert x.size <= 300
    assert np.trapezoid(y, x) == pytest.approx(roc_auc_score(many.label, many.score), abs=2e-4)
    whole_x, whole_y, _ = roc_curve(many.label, many.score)
    # Along x + y the curve never stands still, so that steep parts are compared as well as flat ones.
    assert np.abs(np.interp(whole_x + whole_y, x + y, y) - whole_y).max() < 1e-3


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(2, 20))
def test_thinned_is_a_part_with_both_ends(values: list[float], points: int) -> None:
    """Any curve keeps its ends and its order, gains no point, and has no more points than asked."""
    x, y = np.arange(len(values), dtype=float), np.array(values)
    thin_x, thin_y = thinned(x, y, points)
    assert thin_x.size <= max(points, 1)
    assert (thin_x[0], thin_x[-1]) == (x[0], x[-1])
    assert (y[thin_x.astype(int)] == thin_y).all()


def test_thinned_keeps_corners() -> None:
    """Of a line with one corner, three points are enough."""
    x = np.linspace(0, 1, 101)
    thin_x, thin_y = thinned(x, np.abs(x - 0.5))
    assert thin_x.tolist() == [0, 0.5, 1]
    assert thin_y.tolist() == [0.5, 0, 0.5]


def test_precision_recall_begins_at_a_hundred_rows(many: Examples) -> None:
    """The curve leaves out the first rows, where precision is noise, and ends with all rows flagged."""
    recall, precision = precision_recall_points(many.label, many.score)
    first = np.sort(many.score)[::-1][:100].min()
    assert precision[0] == pytest.approx(many.label[many.score >= first].mean())
    assert (recall[-1], precision[-1]) == (1, pytest.approx(many.label.mean()))


def test_reliability_of_calibrated_scores(many: Examples) -> None:
    """Bins hold all rows in equal parts; labels drawn from the scores lie in nearly all intervals."""
    bins = reliability(many.label, many.score)
    assert [each.rows for each in bins] == [6500] * 10
    assert sum(each.low <= each.predicted <= each.high for each in bins) >= 8
    assert expected_calibration_error(bins) < 0.01


def test_reliability_intervals_are_wilsons() -> None:
    """5 of 10 gives 0.2366 to 0.7634; 0 of 10 begins at 0."""
    score = np.full(10, 0.5)
    half = reliability(np.array([0, 1] * 5, dtype=np.int8), score)[0]
    assert (half.low, half.high) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    none = reliability(np.zeros(10, dtype=np.int8), score)[0]
    assert (none.low, none.high) == pytest.approx((0, 0.2775), abs=1e-4)


def test_expected_calibration_error_weighs_by_rows() -> None:
    """A bin that is off by 0.2 with a quarter of the rows, and one that is right, give 0.05."""
    off = ReliabilityBin(predicted=0.7, observed=0.5, low=0, high=1, rows=25)
    right = ReliabilityBin(predicted=0.1, observed=0.1, low=0, high=1, rows=75)
    assert expected_calibration_error((off, right)) == pytest.approx(0.05)


def test_operating_points_are_scikit_learns(some: Examples) -> None:
    """Precision and recall at each threshold are those of scikit-learn; the shares flagged are the deciles."""
    points = operating_points(some.label, some.score)
    assert [each.flagged_share for each in points] == pytest.approx(np.arange(0.1, 1, 0.1), abs=0.005)
    for each in points:
        flagged = some.score >= each.threshold
        assert each.precision == pytest.approx(precision_score(some.label, flagged))
        assert each.recall == pytest.approx(recall_score(some.label, flagged))
        assert each.lift == pytest.approx(each.precision / some.label.mean())


def test_score_shares_sum_to_one_for_each_class(some: Examples) -> None:
    edges, shares = score_shares(some.label, some.score)
    assert (edges[0], edges[-1]) == (some.score.min(), some.score.max())
    assert [column.sum() for column in shares.values()] == pytest.approx([1, 1])
