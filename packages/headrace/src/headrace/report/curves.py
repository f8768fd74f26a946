"""What the charts and tables show, computed from labels and scores of shape (rows,)."""

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from headrace.arrays import Labels, Scores
from headrace.evaluation import NORMAL_95

CURVE_POINTS = 300
RELIABILITY_BINS = 10
SCORE_BINS = 40
NOISY_ROWS = 100  # precision over fewer flagged rows than this jumps about and says little
INVISIBLE = 1e-6  # of a curve's unit square, far below a pixel

Points = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class ReliabilityBin:
    """Rows with neighbouring scores: what was predicted for them, and what happened."""

    predicted: float  # mean score
    observed: float  # share of positive rows
    low: float  # 95 % interval of `observed`
    high: float
    rows: int


@dataclass(frozen=True)
class OperatingPoint:
    """What follows from flagging every row whose score is at least `threshold`."""

    threshold: float
    flagged: int
    flagged_share: float
    precision: float
    recall: float | None  # None without a positive row
    lift: float | None  # precision over the share of positive rows


def roc_points(label: Labels, score: Scores) -> Points:
    """Return false and true positive rates, ascending, thinned; needs both classes."""
    false_positive_rate, true_positive_rate, _ = roc_curve(label, score)
    return thinned(false_positive_rate, true_positive_rate)


def precision_recall_points(label: Labels, score: Scores) -> Points:
    """Return recall, ascending, and precision, thinned; needs both classes.

    The curve begins where `least_flagged` rows are flagged.
    """
    precision, recall, thresholds = precision_recall_curve(label, score)
    flagged = score.size - np.searchsorted(np.sort(score), thresholds)
    enough = flagged >= least_flagged(score.size)
    return thinned(recall[:-1][enough][::-1], precision[:-1][enough][::-1])


def least_flagged(rows: int) -> int:
    """Return with how many flagged rows a precision-recall curve begins: 100, or 1 % when that is fewer."""
    return max(1, min(NOISY_ROWS, rows // 100))


def thinned(x: NDArray[np.float64], y: NDArray[np.float64], points: int = CURVE_POINTS) -> Points:
    """Return at most `points` of a curve's points, those that hold its shape.

    Douglas and Peucker (1973), greedy: each step keeps the point that is farthest from the lines between the
    points kept so far, until there are enough or nothing is lost.
    """
    kept = {0, x.size - 1}
    splits: list[tuple[float, int, int, int]] = []

    def offer(start: int, end: int) -> None:
        if end - start < 2:  # noqa: PLR2004 - two neighbours have nothing between them
            return
        across, up = x[end] - x[start], y[end] - y[start]
        inner = slice(start + 1, end)
        distances = np.abs(across * (y[inner] - y[start]) - up * (x[inner] - x[start]))
        farthest = int(distances.argmax())
        distance = float(distances[farthest] / max(np.hypot(across, up), 1e-12))
        if distance > INVISIBLE:
            heappush(splits, (-distance, start, start + 1 + farthest, end))

    offer(0, x.size - 1)
    while splits and len(kept) < points:
        _, start, split, end = heappop(splits)
        kept.add(split)
        offer(start, split)
        offer(split, end)
    indices = np.array(sorted(kept))
    return x[indices], y[indices]


def reliability(label: Labels, score: Scores) -> tuple[ReliabilityBin, ...]:
    """Return bins of about equally many rows, by ascending score; equal scores share a bin."""
    inner_edges = np.unique(np.quantile(score, np.linspace(0, 1, RELIABILITY_BINS + 1)[1:-1]))
    bins = np.searchsorted(inner_edges, score, side="right")
    return tuple(_reliability_bin(label[bins == index], score[bins == index]) for index in np.unique(bins))


def _reliability_bin(label: Labels, score: Scores) -> ReliabilityBin:
    observed = float(label.mean())
    low, high = _wilson_interval(observed, label.size)
    return ReliabilityBin(
        predicted=float(score.mean()), observed=observed, low=low, high=high, rows=label.size
    )


def _wilson_interval(share: float, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a share found in `rows` rows (Wilson, 1927)."""
    scale = 1 + NORMAL_95**2 / rows
    centre = (share + NORMAL_95**2 / (2 * rows)) / scale
    half = NORMAL_95 * np.sqrt(share * (1 - share) / rows + NORMAL_95**2 / (4 * rows**2)) / scale
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def expected_calibration_error(bins: tuple[ReliabilityBin, ...]) -> float:
    """Return the distance of predicted and observed share, averaged over rows."""
    rows = sum(each.rows for each in bins)
    return sum(each.rows * abs(each.predicted - each.observed) for each in bins) / rows


def score_shares(label: Labels, score: Scores) -> tuple[NDArray[np.float64], dict[int, NDArray[np.float64]]]:
    """Return the edges of equal bins over all scores, and for each class present its share of rows a bin."""
    edges = score_edges(score)
    return edges, {
        value: np.histogram(score[label == value], edges)[0] / (label == value).sum()
        for value in (0, 1)
        if (label == value).any()
    }


def score_edges(*scores: Scores) -> NDArray[np.float64]:
    """Return the edges of equal bins over all scores."""
    low, high = min(float(score.min()) for score in scores), max(float(score.max()) for score in scores)
    if low == high:  # numpy would widen the range to one, beyond what a probability can be
        low, high = max(0.0, low - 0.05), min(1.0, high + 0.05)
    return np.linspace(low, high, SCORE_BINS + 1)


def operating_points(label: Labels, score: Scores) -> tuple[OperatingPoint, ...]:
    """Return one point for each decile of the score, fewest flagged rows first; equal scores share a point."""
    thresholds = np.unique(np.quantile(score, np.linspace(0.1, 0.9, 9), method="higher"))[::-1]
    return tuple(_operating_point(label, score, float(threshold)) for threshold in thresholds)


def _operating_point(label: Labels, score: Scores, threshold: float) -> OperatingPoint:
    flagged = score >= threshold
    positive = int(label.sum())
    hits = int(label[flagged].sum())
    precision = hits / int(flagged.sum())
    return OperatingPoint(
        threshold=threshold,
        flagged=int(flagged.sum()),
        flagged_share=float(flagged.mean()),
        precision=precision,
        recall=hits / positive if positive else None,
        lift=precision / (positive / label.size) if positive else None,
    )
