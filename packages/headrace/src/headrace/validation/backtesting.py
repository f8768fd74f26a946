"""Backtesting: how good the model is over time, how fast it ages, and what it costs to retrain it less often.

Every comparison is paired: an older model is held against the one just trained, on the same rows. How easy or
hard a season is to predict is then in both, and their difference is age.

A model here learns from all rows whose label is known at its cut-off. The training pipeline keeps the newest of
them, the share `split.test`, to evaluate the model on, and registers that model, which never learns from them. It is
therefore as old at its registration as these rows reach back, and what is said here of a model just trained is said
of one that it does not make.
"""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import polars as pl
from pydantic import Field

from headrace.evaluation import Metrics, worse_by
from headrace.metrics import metrics_of
from headrace.settings import Metric, Record
from headrace.validation.cutoffs import Window, iso
from headrace.validation.intervals import Estimate, estimate_of
from headrace.validation.retraining import Costs, Retraining, retraining_of

DAY = timedelta(days=1)

Predictions = Mapping[int, pl.DataFrame]
Cells = Mapping[tuple[int, int], Metrics]


class CutoffResult(Record):
    """The horizon of one cut-off, scored by the model trained there and by the first one, kept as it was."""

    number: int
    cutoff: str
    until: str = Field(description="End of the horizon.")
    retrained: Metrics
    frozen: Metrics
    constant: Metrics = Field(description="Always saying the positive share of the rows before the cut-off.")


class AgeResult(Record):
    """Models of one age, each against the one just trained, over the windows where both are."""

    steps: int = Field(description="How many cut-offs have gone by since the model's own.")
    days: float
    value: float = Field(description="The metric, averaged over windows.")
    retrained: float = Field(description="The same of the models just trained.")
    cost: Estimate = Field(description="How much worse the older models are.")


class Backtest(Record):
    """What a backtest found."""

    metric: Metric
    step_days: float = Field(description="From one cut-off to the next, on average.")
    cutoffs: tuple[CutoffResult, ...]
    ages: tuple[AgeResult, ...]
    retraining: Retraining


def backtest_of(
    windows: tuple[Window, ...],
    predictions: Predictions,
    shares: Mapping[int, float],
    metric: Metric,
    tolerated_cost: float,
) -> Backtest:
    """Return what predictions say of the model's life.

    Predictions go by their cut-off's place in `windows`; those of a trial that failed are not there. They have
    `time`, `label` and `score`, in order of time, from the cut-off to the end of the last horizon, and the rows
    of a window are the same for every model. `shares` are the positive shares before each cut-off,
    `tolerated_cost` the share of the gain over a constant that retraining less often may cost.
    """
    cells = {
        (model, window): _metrics(rows, windows[window])
        for model, rows in predictions.items()
        for window in predictions
        if window >= model
    }
    values = {cell: float(getattr(metrics, metric)) for cell, metrics in cells.items()}
    costs = _costs(values, metric, len(windows))
    gains = [
        worse_by(
            metric, getattr(_constant(cells[window, window], shares[window]), metric), values[window, window]
        )
        for window in predictions
    ]
    step_days = _step_days(windows)
    return Backtest(
        metric=metric,
        step_days=step_days,
        cutoffs=tuple(_cutoff_results(windows, predictions, shares)),
        ages=tuple(_age_results(values, costs, step_days)),
        retraining=retraining_of(
            costs,
            metric=metric,
            gain=float(np.mean(gains)),
            tolerated_cost=tolerated_cost,
            step_days=step_days,
        ),
    )


def _costs(values: Mapping[tuple[int, int], float], metric: Metric, count: int) -> Costs:
    """Return how much worse a model is than the one just trained, by window and age, NaN where one is missing."""
    costs = np.full((count, count), np.nan)
    for (model, window), value in values.items():
        costs[window, window - model] = worse_by(metric, value, values[window, window])
    return costs


def _age_results(values: Mapping[tuple[int, int], float], costs: Costs, step_days: float) -> list[AgeResult]:
    found = []
    for age in range(len(costs)):
        windows = [window for window in range(len(costs)) if not np.isnan(costs[window, age])]
        if windows:
            found.append(
                AgeResult(
                    steps=age,
                    days=round(age * step_days, 3),
                    value=float(np.mean([values[window - age, window] for window in windows])),
                    retrained=float(np.mean([values[window, window] for window in windows])),
                    cost=estimate_of(costs[windows, age].tolist()),
                )
            )
    return found


def _cutoff_results(
    windows: tuple[Window, ...], predictions: Predictions, shares: Mapping[int, float]
) -> list[CutoffResult]:
    first = predictions[min(predictions)]
    found = []
    for number, rows in predictions.items():
        window = windows[number]
        whole = Window(window.cutoff, window.judged_until, window.judged_until)
        retrained = _metrics(rows, whole)
        found.append(
            CutoffResult(
                number=number + 1,
                cutoff=iso(window.cutoff),
                until=iso(window.judged_until),
                retrained=retrained,
                frozen=_metrics(first, whole),
                constant=_constant(retrained, shares[number]),
            )
        )
    return found


def _metrics(predictions: pl.DataFrame, window: Window) -> Metrics:
    times = predictions["time"]
    start, end = (
        int(times.search_sorted(timestamp, side="left")) for timestamp in (window.cutoff, window.serves_until)
    )
    rows = predictions[start:end]
    return metrics_of(rows["label"].cast(pl.Int8).to_numpy(), rows["score"].to_numpy())


def _constant(metrics: Metrics, share: float) -> Metrics:
    """Return the metrics of always saying `share`, on rows of which the metrics are known."""
    positive = round(metrics.rows * metrics.positive_share)
    label = np.repeat(np.array([1, 0], dtype=np.int8), [positive, metrics.rows - positive])
    return metrics_of(label, np.full(metrics.rows, share))


def _step_days(windows: tuple[Window, ...]) -> float:
    """Return the mean time between cut-offs; of a single one, its horizon."""
    first, last = windows[0], windows[-1]
    if len(windows) == 1:
        return (first.judged_until - first.cutoff) / DAY
    return (last.cutoff - first.cutoff) / DAY / (len(windows) - 1)
