"""Quantiles of each measure of drift under the null hypothesis that batch and training have the same distribution.

Each function returns the value that one batch in ten thousand exceeds although nothing has drifted. `rows` are
those of the batch, `training_rows` those of the model's training (of its validation, for scores).
"""

import numpy as np
from scipy.stats import binom, chi2, kstwobign, norm

TAIL_PROBABILITY = 1e-4


def null_quantile_of_population_stability_index(bins: int, rows: int, training_rows: int) -> float:
    """Return what a PSI over that many bins reaches by chance.

    Without drift it is distributed as (1 / rows + 1 / training_rows) times chi-square with bins - 1 degrees of
    freedom (Yurdakul and Naranjo, 2020, "Statistical Properties of the Population Stability Index", Journal of Risk
    Model Validation 14).
    """
    if bins < 2:  # noqa: PLR2004 - one bin has nothing to differ in
        return 0.0
    return float(chi2.isf(TAIL_PROBABILITY, bins - 1)) * (1 / rows + 1 / training_rows)


def null_quantile_of_jensen_shannon(bins: int, rows: int, training_rows: int) -> float:
    """Return what a Jensen-Shannon distance, base 2, over that many bins reaches by chance.

    Between neighbouring distributions the divergence in nats is an eighth of the PSI: both are f-divergences, and to
    the second order these differ by a factor only (Csiszar and Shields, 2004, "Information Theory and Statistics").
    """
    psi = null_quantile_of_population_stability_index(bins, rows, training_rows)
    return min(1.0, float(np.sqrt(psi / 8 / np.log(2))))


def null_quantile_of_kolmogorov_smirnov(rows: int, training_rows: int) -> float:
    """Return what a Kolmogorov-Smirnov statistic of two samples reaches by chance (Smirnov, 1948)."""
    return min(1.0, float(kstwobign.isf(TAIL_PROBABILITY)) * float(np.sqrt(1 / rows + 1 / training_rows)))


def null_quantile_of_unseen(singletons: int, rows: int, training_rows: int) -> float:
    """Return which share of a batch has, by chance, a value that training never saw.

    Of the next row it is about singletons / training_rows: the values that training saw once (Good, 1953, "The Population
    Frequencies of Species and the Estimation of Population Parameters", Biometrika 40). The count of them varies as
    Poisson's does, and the batch's rows are binomial.
    """
    most = singletons + float(norm.isf(TAIL_PROBABILITY)) * float(np.sqrt(singletons))
    share = min(1.0, (most + 0.5) / (training_rows + 1))
    return float(binom.isf(TAIL_PROBABILITY, rows, share)) / rows


def null_quantile_of_rise(training_count: float, rows: int, training_rows: int) -> float:
    """Return by how much a share that was training_count / training_rows exceeds that by chance (binomial)."""
    share = (training_count + 0.5) / (training_rows + 1)
    return max(0.0, float(binom.isf(TAIL_PROBABILITY, rows, share)) / rows - training_count / training_rows)
