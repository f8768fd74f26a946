"""Figures at their edge are finite and agree with scikit-learn and scipy, or are None with a reason."""

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import bootstrap, norm
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from headrace.evaluation import Slice, roc_auc_interval
from headrace.metrics import metrics_of
from headrace.report.curves import expected_calibration_error, operating_points, reliability, score_edges
from headrace.report.slices import slices_worst_first
from headrace.uncertainty import gain_of, losses_of

RANDOM = np.random.default_rng(0)


def labels(*values: int) -> NDArray[np.int8]:
    return np.array(values, dtype=np.int8)


def drawn(rows: int) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return labels and the probabilities that they were drawn by."""
    score = RANDOM.uniform(0.05, 0.6, rows)
    return (RANDOM.uniform(size=rows) < score).astype(np.int8), score


# Labels, scores, and whether there is a ranking, an interval of the gain, and a slice that can be judged.
EDGES: dict[str, tuple[NDArray[np.int8], NDArray[np.float64], bool, bool, bool]] = {
    "one row": (labels(1), np.array([0.7]), False, False, False),
    "two rows in order": (labels(0, 1), np.array([0.2, 0.7]), True, False, False),
    "two rows out of order": (labels(1, 0), np.array([0.2, 0.7]), True, False, False),
    "ten rows": (labels(0, 1, 0, 0, 1, 0, 1, 0, 0, 0), np.linspace(0.1, 0.8, 10), True, True, False),
    "nine rows": (labels(0, 1, 0, 0, 1, 0, 1, 0, 0), np.linspace(0.1, 0.8, 9), True, False, False),
    "only negative rows": (np.zeros(500, np.int8), np.full(500, 0.3), False, False, False),
    "only positive rows": (np.ones(500, np.int8), np.linspace(0.1, 0.9, 500), False, True, False),
    "one positive row of many": (labels(1, *[0] * 999), np.linspace(0, 1, 1000), True, True, False),
    "constant scores": (labels(*[0, 0, 0, 1] * 100), np.full(400, 0.25), True, False, True),
    "ties": (labels(*[0, 0, 1, 1] * 100), np.tile([0.2, 0.8, 0.2, 0.8], 100), True, True, True),
    "all pairs in order": (labels(*[0] * 200, *[1] * 200), np.linspace(0.1, 0.9, 400), True, True, True),
    "no pair in order": (labels(*[1] * 200, *[0] * 200), np.linspace(0.1, 0.9, 400), True, True, True),
    "probabilities 0 and 1, all right": (
        labels(*[0, 1] * 100),
        np.tile([0.0, 1.0], 100),
        True,
        True,
        True,
    ),
    "probabilities 0 and 1, all wrong": (
        labels(*[1, 0] * 100),
        np.tile([0.0, 1.0], 100),
        True,
        True,
        True,
    ),
    "many rows": (*drawn(5000), True, True, True),
}


@pytest.mark.parametrize(("label", "score", "ranked", "sure", "judged"), EDGES.values(), ids=EDGES.keys())
def test_figures_at_the_edge(
    label: NDArray[np.int8], score: NDArray[np.float64], *, ranked: bool, sure: bool, judged: bool
) -> None:
    """Each figure is scikit-learn's; what cannot be computed is None, and says why; nothing warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metrics = metrics_of(label, score)
        gain = gain_of(label, score, np.full(label.size, 0.25))
        bins = reliability(label, score)
        points = operating_points(label, score)
        slice_of = Slice(column="any", value="any", metrics=metrics)
    assert metrics.log_loss == pytest.approx(log_loss(label, score, labels=[0, 1]))
    assert losses_of(label, score).mean() == pytest.approx(metrics.log_loss)
    assert metrics.brier == pytest.approx(brier_score_loss(label, score, labels=[0, 1], pos_label=1))
    assert metrics.roc_auc == (pytest.approx(roc_auc_score(label, score)) if ranked else None)
    assert gain.mean == pytest.approx(
        log_loss(label, np.full(label.size, 0.25), labels=[0, 1]) - metrics.log_loss
    )
    if sure:
        assert gain.low is not None
        assert gain.high is not None
        assert np.isfinite([gain.low, gain.high]).all()
        assert gain.low <= gain.mean <= gain.high
    else:
        assert (gain.low, gain.high) == (None, None)
        assert gain.note.startswith("no interval: ")
    assert bool(slice_of.note) is not judged
    if ranked:
        assert slice_of.roc_auc_interval is not None
        low, high = slice_of.roc_auc_interval
        assert low <= metrics.roc_auc <= high  # type: ignore[operator]
        assert high - low > 0.001
    assert np.isfinite([expected_calibration_error(bins), *score_edges(score)]).all()
    assert all(0 <= point.precision <= 1 for point in points)


def test_the_interval_of_a_gain_is_scipys() -> None:
    """For as many rows as blocks it is the BCa interval of the paired differences."""
    label, score = drawn(300)
    reference = np.full(300, 0.3)
    difference = losses_of(label, reference) - losses_of(label, score)
    expected = bootstrap(
        (difference,), np.mean, n_resamples=1999, batch=200, rng=np.random.default_rng(0)
    ).confidence_interval
    found = gain_of(label, score, reference)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_neighbours_that_are_alike_make_a_gain_less_sure() -> None:
    """Fifty rows that are copies of one say no more than that one."""
    label, score = drawn(1000)
    one = gain_of(label, score, np.full(1000, 0.3))
    copies = gain_of(np.repeat(label, 50), np.repeat(score, 50), np.full(50_000, 0.3))
    assert (copies.low, copies.high) == pytest.approx((one.low, one.high))


@pytest.mark.parametrize("area", [0.5, 0.65, 0.9])
@pytest.mark.parametrize(("positive", "negative"), [(5, 5), (10, 90), (50, 50), (20, 480)])
def test_the_interval_of_a_roc_auc_covers_as_often_as_it_says(
    area: float, positive: int, negative: int
) -> None:
    """Of 400 samples with a known area the 95 % interval holds it in about 95 %, down to five rows of a class."""
    random = np.random.default_rng(1)
    shift = float(np.sqrt(2) * norm.ppf(area))
    held = 0
    for _ in range(400):
        above = random.normal(size=(positive, 1)) + shift > random.normal(size=negative)
        low, high = roc_auc_interval(
            float(above.mean()), positive + negative, positive / (positive + negative)
        )
        held += low <= area <= high
    assert 0.92 <= held / 400 <= 0.995


def test_small_slices_never_rank_as_the_worst() -> None:
    """Two rows out of order, one row, and few rows come after every slice that can be judged, with their reason."""
    label, score = drawn(600)
    large = metrics_of(label, score)
    parts = [
        Slice(column="carrier", value="two", metrics=metrics_of(labels(1, 0), np.array([0.2, 0.7]))),
        Slice(column="carrier", value="one", metrics=metrics_of(labels(1), np.array([0.2]))),
        Slice(column="carrier", value="few", metrics=metrics_of(label[:30], 1 - score[:30])),
        Slice(column="carrier", value="large", metrics=large),
    ]
    rows = slices_worst_first(parts)
    assert [row.value for row in rows] == ["large", "two", "few", "one"]
    assert [row.note for row in rows] == ["", "too few rows", "too few rows", "one class only"]
    assert [row.drawable for row in rows] == [True, False, False, False]
