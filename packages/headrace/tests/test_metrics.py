"""Metrics: worked by hand on four rows."""

import math

import numpy as np
import pytest

from headrace.errors import DataError
from headrace.metrics import metrics_of

LABEL = np.array([0, 1, 0, 1], dtype=np.int8)
SCORE = np.array([0.1, 0.4, 0.6, 0.8])


def test_figures_worked_by_hand() -> None:
    """Three of four pairs are in order; precision is 1, then 2/3; losses are means over the rows."""
    found = metrics_of(LABEL, SCORE)
    assert found.rows == 4
    assert found.positive_share == 0.5
    assert found.mean_score == pytest.approx(0.475)
    assert found.roc_auc == pytest.approx(3 / 4)
    assert found.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert found.log_loss == pytest.approx(-np.log([0.9, 0.4, 0.4, 0.8]).mean())
    assert found.brier == pytest.approx((0.01 + 0.36 + 0.36 + 0.04) / 4)


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -0.1, 1.1])
def test_a_score_that_is_no_probability_is_told(odd: float) -> None:
    """A model that gives one is named as the cause, with the count and the value."""
    score = SCORE.copy()
    score[1:3] = odd
    with pytest.raises(DataError, match=f"2 of 4 rows {odd}, which is no probability; correct its"):
        metrics_of(LABEL, score)


def test_no_rows_have_no_metrics() -> None:
    with pytest.raises(DataError, match="there is no row to measure"):
        metrics_of(LABEL[:0], SCORE[:0])


def test_one_class_has_no_ranking() -> None:
    """Without both classes there is no curve; the losses stay."""
    found = metrics_of(np.ones(3, dtype=np.int8), np.full(3, 0.5))
    assert found.roc_auc is None
    assert found.average_precision is None
    assert found.log_loss == pytest.approx(math.log(2))
    assert found.brier == pytest.approx(0.25)
