"""How far two distributions lie apart. Zero is equal; each measure is the same from either side."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import distance
from scipy.stats import ks_2samp

from headrace.arrays import Counts, Scores

EMPTY_BIN_ROWS = 0.5


def population_stability_index(first: Counts, second: Counts) -> float:
    """Return the PSI of two counts over the same bins: the sum of (p - q) ln(p / q), in nats; 0 or more.

    It is Kullback and Leibler's symmetric divergence (1951, "On Information and Sufficiency", Annals of
    Mathematical Statistics 22). In credit scoring, where the name is from, below 0.1 is called stable and above
    0.25 a major shift (Siddiqi, 2006, "Credit Risk Scorecards").

    A bin that is empty on one side would make it infinite, so half a row is added to every bin (the prior of
    Jeffreys, as of Krichevsky and Trofimov, 1981); a bin that is empty on both sides says nothing and is left out.
    """
    used = (first > 0) | (second > 0)
    p, q = (_smoothed(counts[used]) for counts in (first, second))
    return float(np.sum((p - q) * np.log(p / q)))


def jensen_shannon_distance(first: Counts, second: Counts) -> float:
    """Return the Jensen-Shannon distance of two counts over the same bins, base 2: 0 is equal, 1 has no bin in common.

    The square root of the divergence (Endres and Schindelin, 2003, "A New Metric for Probability Distributions",
    IEEE Transactions on Information Theory 49), by scipy. A side without rows is as far as can be from one with rows.
    """
    if not first.sum() or not second.sum():
        return float(bool(first.sum()) != bool(second.sum()))
    with np.errstate(invalid="ignore"):  # of nearly equal counts the divergence may round to less than zero
        found = distance.jensenshannon(first, second, base=2)
    return min(1.0, float(np.nan_to_num(found)))


def kolmogorov_smirnov_statistic(quantiles: Scores, score: Scores) -> float:
    """Return the largest gap between the cumulative shares of two sets of scores, 0 to 1, by scipy.

    `quantiles` stand for the scores that they are of: with 1,001 of them the gap is exact to 0.001.
    """
    return float(ks_2samp(quantiles, score, method="asymp").statistic)


def _smoothed(counts: Counts) -> NDArray[np.float64]:
    filled = counts + EMPTY_BIN_ROWS
    return filled / float(filled.sum())
