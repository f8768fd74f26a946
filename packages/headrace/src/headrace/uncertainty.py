"""How far figures may be from what endlessly many rows would show."""

import numpy as np

from headrace.arrays import Labels, Scores
from headrace.evaluation import Gain

RESAMPLES = 1999
MOST_BLOCKS = 1000
FEWEST_ROWS = 10
FINITE = float(
    np.finfo(np.float64).eps
)  # a probability of 0 or 1 has an infinite loss: cut as by scikit-learn


def losses_of(label: Labels, score: Scores) -> Scores:
    """Return the log loss of each row, in nats, shape (rows,); its mean is scikit-learn's `log_loss`."""
    probability = np.clip(score, FINITE, 1 - FINITE)
    return -np.where(label == 1, np.log(probability), np.log1p(-probability))


def gain_of(label: Labels, score: Scores, reference: Scores) -> Gain:
    """Return by how much the log loss of scores lies below that of a reference on the same rows, all of shape (rows,).

    The interval is that of the mean of the rows' paired differences: BCa bootstrap (Efron, 1987, "Better Bootstrap
    Confidence Intervals", JASA 82) by scipy, with a fixed seed, over at most 1,000 blocks of neighbouring rows. Rows are in
    order of time, and those of one day have much in common: rows resampled one by one would look surer than they are.
    """
    difference = losses_of(label, reference) - losses_of(label, score)
    mean = float(difference.mean())
    if difference.size < FEWEST_ROWS:
        return Gain(mean=mean, note=f"no interval: fewer than {FEWEST_ROWS} rows")
    blocks = np.array_split(difference, min(MOST_BLOCKS, difference.size))
    means = np.array([block.mean() for block in blocks])
    if np.ptp(means) <= np.finfo(float).eps:
        return Gain(mean=mean, note="no interval: the difference is the same in every row")
    from scipy.stats import bootstrap  # noqa: PLC0415 - takes long to import, and one job of many needs it

    interval = bootstrap(
        (means,), np.mean, n_resamples=RESAMPLES, batch=200, rng=np.random.default_rng(0)
    ).confidence_interval
    if not np.isfinite([interval.low, interval.high]).all():
        return Gain(mean=mean, note="no interval: too few rows differ")
    return Gain(mean=mean, low=float(interval.low), high=float(interval.high))
