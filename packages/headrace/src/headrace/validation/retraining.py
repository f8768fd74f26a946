"""Retraining: what waiting costs, and how often to retrain."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headrace.evaluation import METRIC_WORDS
from headrace.settings import Metric, Record
from headrace.validation.intervals import Estimate, estimate_of

FEWEST_WINDOWS = 3  # fewer say nothing of how much windows differ

# How much worse a model is than the one just trained, shape (cut-offs, ages), NaN where one of them is missing.
Costs = NDArray[np.float64]


class Waiting(Record):
    """Retraining at every so many steps instead of at every one."""

    steps: int
    days: float
    cost: Estimate = Field(description="In the metric, averaged over windows.")
    of_gain: float | None = Field(
        description="The cost as a share of what the model gains over a constant; None when it gains nothing."
    )
    verdict: str = Field(description="In words, whether the cost is tolerable.")
    tolerable: bool


class Retraining(Record):
    """How often to retrain, as far as the windows can tell."""

    gain: float = Field(
        description="How much better than a constant the model is when always retrained, averaged over windows."
    )
    limit: float | None = Field(
        description="What waiting may cost, in the metric; None when the model gains nothing."
    )
    waiting: tuple[Waiting, ...]
    recommended_days: float | None = Field(description="None when nothing can be said.")
    sentence: str


def retraining_of(
    costs: Costs, *, metric: Metric, gain: float, tolerated_cost: float, step_days: float
) -> Retraining:
    """Return what waiting costs, and the longest time between trainings that surely costs no more than tolerated.

    Who retrains at every k-th step uses, on average over when he began, models of each age from 0 to k - 1 steps
    equally often. A window's cost of waiting is therefore the mean of the costs of these ages in that window, and
    only windows that have models of all these ages count.

    `gain` is how much better the model, always retrained, is than a constant, and `tolerated_cost` the share of it
    that waiting may cost. A share of the metric itself would say nothing: how large a log loss is depends on how
    rare the positives are, before any model. A time is tolerable when the upper end of its cost's 95 % interval is
    within the limit: that a cost cannot be told from zero is no proof that it is small.
    """
    limit = tolerated_cost * gain if gain > 0 else None
    waiting = tuple(
        _waiting(steps, of_windows, limit, gain, step_days)
        for steps in range(2, len(costs) + 1)
        if len(of_windows := _of_windows(costs, steps))
    )
    tolerable: list[Waiting] = []
    for each in waiting:
        if not each.tolerable:
            break
        tolerable.append(each)
    judged = [each for each in waiting if each.cost.count >= FEWEST_WINDOWS]
    days: float | None
    if not judged:
        days, sentence = None, (
            f"No retraining interval can be recommended: it takes {FEWEST_WINDOWS + 1} cut-offs that have results "
            f"to compare models of different age, and there are {_results(costs)}."
        )
    elif limit is None:
        than = f"{-gain:.4f} of {METRIC_WORDS[metric]} worse than" if gain < 0 else "as good as"
        days, sentence = None, (
            f"No retraining interval can be recommended: on average over {_results(costs)} windows the model is "
            f"{than} a constant, so there is no gain that waiting could lose."
        )
    elif tolerable:
        days = tolerable[-1].days
        sentence = _enough(tolerable[-1], judged, metric, _tolerated(tolerated_cost, limit), step_days)
    elif judged[0].cost.low is not None and judged[0].cost.low > 0:
        days = round(step_days, 1)
        sure = "" if judged[0].cost.low > limit else "surely something, and perhaps "
        sentence = (
            f"Retrain every {_days(step_days)}: every {_days(judged[0].days)} {_cost_words(judged[0], metric)}, "
            f"{sure}more than the {_tolerated(tolerated_cost, limit)}. Shorter times were not measured."
        )
    else:
        days, sentence = None, (
            f"No retraining interval can be recommended yet. Retraining every {_days(judged[0].days)} instead of "
            f"every {_days(step_days)} {_cost_words(judged[0], metric)}, against the "
            f"{_tolerated(tolerated_cost, limit)}: {judged[0].cost.count} windows cannot tell which is more. More "
            f"cut-offs would."
        )
    return Retraining(gain=gain, limit=limit, waiting=waiting, recommended_days=days, sentence=sentence)


def _of_windows(costs: Costs, steps: int) -> list[float]:
    """Return the cost of waiting in each window that has models of all ages up to it."""
    ages = costs[:, :steps]
    means: list[float] = ages[~np.isnan(ages).any(axis=1)].mean(axis=1).tolist()
    return means


def _results(costs: Costs) -> int:
    return int((~np.isnan(costs[:, 0])).sum())


def _waiting(
    steps: int, of_windows: list[float], limit: float | None, gain: float, step_days: float
) -> Waiting:
    cost = estimate_of(of_windows)
    tolerable = False
    if cost.count < FEWEST_WINDOWS or cost.low is None or cost.high is None:
        verdict = f"not judged: {cost.count} window{'s' if cost.count > 1 else ''}"
    elif limit is None:
        verdict = "not judged: no gain to lose"
    elif cost.high <= limit:
        tolerable, verdict = True, "tolerable"
    elif cost.low > limit:
        verdict = "costs more than tolerated"
    else:
        verdict = "may cost more than tolerated"
    return Waiting(
        steps=steps,
        days=round(steps * step_days, 1),
        cost=cost,
        of_gain=None if limit is None else cost.mean / gain,
        verdict=verdict,
        tolerable=tolerable,
    )


def _enough(chosen: Waiting, judged: list[Waiting], metric: Metric, tolerated: str, step_days: float) -> str:
    longer = next((each for each in judged if each.days > chosen.days), None)
    rest = (
        f"Every {_days(longer.days)} {_cost_words(longer, metric)}."
        if longer
        else "Longer times could not be judged: too few windows have models that old."
    )
    return (
        f"Retrain every {_days(chosen.days)}: against every {_days(step_days)} it {_cost_words(chosen, metric)}, within "
        f"the {tolerated}. {rest}"
    )


def _tolerated(share: float, limit: float) -> str:
    return f"tolerated {100 * share:.3g}% of it ({limit:.4f})"


def _cost_words(waiting: Waiting, metric: Metric) -> str:
    """Return a cost in words, with its interval."""
    verb = "costs" if waiting.cost.mean >= 0 else "gains"
    share = f"{abs(waiting.of_gain or 0):.1%} of the gain over a constant"
    words = f"{verb} {abs(waiting.cost.mean):.4f} of {METRIC_WORDS[metric]} on average ({share}"
    if waiting.cost.low is None or waiting.cost.high is None:
        return f"{words})"
    return f"{words}; 95 % interval {_signed(waiting.cost.low)} to {_signed(waiting.cost.high)})"


def _signed(value: float) -> str:
    return f"{value:+.4f}".replace("-", "\N{MINUS SIGN}")


def _days(days: float) -> str:
    return f"{days:.4g} day{'' if days == 1 else 's'}"
