"""Backtesting: age is told from season, on predictions whose ageing is known."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from headrace.metrics import metrics_of
from headrace.settings import Metric
from headrace.validation.backtesting import Backtest, backtest_of
from headrace.validation.cutoffs import Window, windows_of

START = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = 6
ROWS = 400  # a window
SEASON = np.array([0.0, 1.5, -1.0, 0.5, -1.5, 1.0])  # of each window, in odds


def timestamps() -> tuple[datetime, ...]:
    """Return six cut-offs, ten days apart."""
    return tuple(START + timedelta(days=10 * step) for step in range(STEPS))


def windows() -> tuple[Window, ...]:
    """Return their windows, ten days each."""
    return windows_of(timestamps(), 10)


def predictions(ageing: float) -> dict[int, pl.DataFrame]:
    """Return what models say whose odds, by each step of age, are further from the truth by `ageing`."""
    random = np.random.default_rng(0)
    rows = STEPS * ROWS
    window = np.arange(rows) // ROWS
    odds = random.normal(-1, 1, rows) + SEASON[window]
    label = (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int8)
    time = [START + timedelta(days=10 * row / ROWS) for row in range(rows)]
    frames = {}
    for model in range(STEPS):
        said = odds + ageing * (window - model)
        frame = pl.DataFrame({"time": time, "label": label, "score": 1 / (1 + np.exp(-said))})
        frames[model] = frame[model * ROWS :]
    return frames


def found(ageing: float, metric: Metric = "log_loss", without: tuple[int, ...] = ()) -> Backtest:
    """Return the backtest of such models, some of which failed."""
    kept = {model: frame for model, frame in predictions(ageing).items() if model not in without}
    return backtest_of(windows(), kept, dict.fromkeys(range(STEPS), 0.3), metric, 0.1)


def test_models_that_do_not_age_cost_nothing_whatever_the_season() -> None:
    """The metric moves with the seasons; kept and retrained are one, and every age costs exactly nothing."""
    backtest = found(0)
    values = [each.retrained.log_loss for each in backtest.cutoffs]
    assert max(values) - min(values) > 0.1
    assert [each.frozen for each in backtest.cutoffs] == [each.retrained for each in backtest.cutoffs]
    assert [(each.steps, each.cost.mean) for each in backtest.ages] == [(age, 0.0) for age in range(STEPS)]
    assert backtest.retraining.recommended_days == 40


def test_older_models_cost_more() -> None:
    """Costs grow with age, on 5, 4, 3, 2 windows and one, and each figure is that of scikit-learn on its rows."""
    backtest, frames = found(0.4), predictions(0.4)
    means = [each.cost.mean for each in backtest.ages]
    assert means == sorted(means)
    assert [each.cost.count for each in backtest.ages] == [6, 5, 4, 3, 2, 1]
    assert [each.days for each in backtest.ages] == [0, 10, 20, 30, 40, 50]
    oldest, newest = frames[0].tail(ROWS), frames[5].tail(ROWS)
    expected = [
        metrics_of(frame["label"].to_numpy(), frame["score"].to_numpy()).log_loss
        for frame in (oldest, newest)
    ]
    assert backtest.ages[5].value == pytest.approx(expected[0])
    assert backtest.ages[5].cost.mean == pytest.approx(expected[0] - expected[1])
    assert backtest.cutoffs[5].frozen.log_loss == pytest.approx(expected[0])


def test_a_constant_is_that_of_the_rows_before() -> None:
    """Its log loss on a horizon is the cross entropy of the horizon's share and its own."""
    first = found(0).cutoffs[0]
    share = first.retrained.positive_share
    assert first.constant.log_loss == pytest.approx(-share * np.log(0.3) - (1 - share) * np.log(0.7))


def test_what_waiting_may_cost_follows_from_the_gain() -> None:
    """The limit is a tenth of how much better the models are than the constant, averaged over the windows."""
    backtest = found(0)
    gains = [each.constant.log_loss - each.retrained.log_loss for each in backtest.cutoffs]
    assert backtest.retraining.gain == pytest.approx(np.mean(gains))
    assert backtest.retraining.limit == pytest.approx(0.1 * np.mean(gains))


def test_a_metric_of_which_more_is_better_costs_what_it_loses() -> None:
    """ROC AUC is blind to a shift of all odds: such a model does not age by it."""
    assert [each.cost.mean for each in found(0.4, "roc_auc").ages] == pytest.approx([0] * STEPS)
    frames = predictions(0)
    random = np.random.default_rng(1)
    aged = {
        model: frame.with_columns(
            score=(
                frame["score"].to_numpy() * 0.999 + 0.0005 * random.random(len(frame))
                if model == 5
                else pl.Series(random.random(len(frame)))
            )
        )
        for model, frame in frames.items()
    }
    backtest = backtest_of(windows(), aged, dict.fromkeys(range(STEPS), 0.3), "roc_auc", 0.1)
    assert backtest.ages[5].cost.mean > 0.1


def test_failed_cutoffs_leave_the_ages_of_the_others_right() -> None:
    """Without the second and the fourth model there are ages 0, 2, 3 and 5, and one window less for each."""
    backtest = found(0.4, without=(1, 3))
    assert [each.number for each in backtest.cutoffs] == [1, 3, 5, 6]
    assert [(each.steps, each.cost.count) for each in backtest.ages] == [
        (0, 4),
        (1, 1),
        (2, 2),
        (3, 1),
        (4, 1),
        (5, 1),
    ]
    assert backtest.retraining.recommended_days is None
