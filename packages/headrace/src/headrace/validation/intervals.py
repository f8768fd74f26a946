"""How sure a mean over few figures is."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field
from scipy.special import stdtrit

from headrace.settings import Record

CONFIDENCE = 0.95


class Estimate(Record):
    """A mean, and how far it may be from the mean that endlessly many such figures would have.

    One figure has a mean and nothing else: its spread is None.
    """

    count: int
    mean: float
    standard_deviation: float | None = Field(description="Of the figures.")
    standard_error: float | None = Field(description="Of the mean.")
    low: float | None = Field(description="Lower end of the mean's 95 % interval.")
    high: float | None


def estimate_of(figures: Sequence[float], overlap: float = 0.0) -> Estimate:
    """Return the mean of one or more figures with its 95 % interval, by Student's t.

    The interval takes the figures for independent. Those of folds drawn at random are not, since any two folds
    share most of the rows that they train on; `overlap`, rows tested over rows trained on, widens the interval
    for it: the variance of the mean is s² (1/n + overlap) (Nadeau and Bengio, 2003, "Inference for the
    Generalization Error", Machine Learning 52, equation 9).
    """
    count, mean = len(figures), float(np.mean(figures))
    if count == 1:
        return Estimate(count=1, mean=mean, standard_deviation=None, standard_error=None, low=None, high=None)
    deviation = float(np.std(figures, ddof=1))
    error = deviation * float(np.sqrt(1 / count + overlap))
    half = error * float(stdtrit(count - 1, (1 + CONFIDENCE) / 2))
    return Estimate(
        count=count,
        mean=mean,
        standard_deviation=deviation,
        standard_error=error,
        low=mean - half,
        high=mean + half,
    )
