"""Drift at its edge: figures are finite, what has not drifted raises no alarm, and what has still does."""

import warnings
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from headrace.drift.comparison import comparison_of
from headrace.drift.features import FeatureDrift, feature_drift
from headrace.features import Feature, category, number
from headrace.profile import feature_profiles
from headrace.settings import DriftLimits

Draw = Callable[[np.random.Generator, int], list[object]]
RUNS = 60
TRAINING_ROWS = 4000


def drift_of(feature: Feature, training: list[object], batch: list[object]) -> FeatureDrift:
    """Return the drift of one column of a batch."""
    dtype = pl.Float64 if feature.kind == "number" else pl.String
    before, now = (pl.Series(feature.name, values, dtype) for values in (training, batch))
    profile = feature_profiles(before.to_frame(), (feature,))[feature.name]
    return feature_drift(DriftLimits(), comparison_of(feature.name, profile, len(training), now))


EDGES: dict[str, tuple[Feature, list[object], list[object], bool]] = {
    "number: constant, as before": (number("x"), [7.0] * 500, [7.0] * 500, False),
    "number: constant, at another value": (number("x"), [7.0] * 500, [8.0] * 500, True),
    "number: all null, as before": (number("x"), [None] * 500, [None] * 500, False),
    "number: all null, and values now": (number("x"), [None] * 500, [1.0] * 500, True),
    "number: values, and all null now": (number("x"), list(range(500)), [None] * 500, True),
    "number: one row, within": (number("x"), list(range(500)), [250.0], False),
    "number: one row, far beyond": (number("x"), list(range(500)), [1e300], False),
    "number: training of one row": (number("x"), [1.0], [1.0] * 500, False),
    "number: two values": (number("x"), [0.0, 1.0] * 250, [0.0, 1.0] * 100, False),
    "number: two values, one of them now": (number("x"), [0.0, 1.0] * 250, [1.0] * 500, True),
    "category: one value, as before": (category("x"), ["a"] * 500, ["a"] * 10, False),
    "category: one value, another now": (category("x"), ["a"] * 500, ["b"] * 100, True),
    "category: all null, as before": (category("x"), [None] * 500, [None] * 500, False),
    "category: all null, and values now": (category("x"), [None] * 500, ["a"] * 500, True),
    "category: every row its own value": (
        category("x"),
        [f"{row}" for row in range(500)],
        [f"{row}" for row in range(500, 1000)],
        False,
    ),
    "category: a half moves to another value": (
        category("x"),
        ["a", "b"] * 500,
        ["a", "c"] * 500,
        True,
    ),
    "category: rare values, each as rare": (
        category("x"),
        ["a"] * 900 + [f"{row % 50}" for row in range(100)],
        ["a"] * 90 + [f"{row}" for row in range(40, 50)],
        False,
    ),
    "category: one rare value becomes frequent": (
        category("x"),
        ["a"] * 900 + [f"{row % 50}" for row in range(100)],
        ["a"] * 50 + ["7"] * 50,
        True,
    ),
}


@pytest.mark.parametrize(("feature", "training", "batch", "drifted"), EDGES.values(), ids=EDGES.keys())
def test_figures_at_the_edge(
    feature: Feature, training: list[object], batch: list[object], *, drifted: bool
) -> None:
    """Each figure and each limit is a finite number, and the verdict is the one that a person would give."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = drift_of(feature, training, batch)
    for figure in found.measured.values():
        assert np.isfinite([figure.value, figure.limit]).all()
    assert found.drifted is drifted, found


def zipf(values: int) -> Draw:
    """Return how to draw a category whose n-th value is n times as rare as its first."""
    shares = 1 / np.arange(1, values + 1)
    return lambda random, rows: random.choice(values, rows, p=shares / shares.sum()).astype(str).tolist()


def even(values: int) -> Draw:
    """Return how to draw a category whose values are equally frequent."""
    return lambda random, rows: random.integers(0, values, rows).astype(str).tolist()


SAME: dict[str, tuple[Draw, int]] = {
    f"{name}, {rows} rows": (draw, rows)
    for name, draw in {
        "10 values, rarer and rarer": zipf(10),
        "300 values, rarer and rarer": zipf(300),
        "5000 values, rarer and rarer": zipf(5000),
        "2000 values, all rare": even(2000),
    }.items()
    for rows in (10, 100, 2000)
}


@pytest.mark.parametrize(("draw", "rows"), SAME.values(), ids=SAME.keys())
def test_rare_categories_raise_no_alarm(draw: Draw, rows: int) -> None:
    """Of 60 batches drawn as the training was, none or one drifts: a limit is passed by chance in one of ten thousand."""
    random = np.random.default_rng(3)
    alarms = sum(
        drift_of(category("x"), draw(random, TRAINING_ROWS), draw(random, rows)).drifted for _ in range(RUNS)
    )
    assert alarms <= 1
