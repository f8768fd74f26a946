"""How often each rule is wrong: an alarm where nothing is the matter, and silence where something is.

    python benchmarks/false_alarms.py

Rows are drawn from known distributions, so that it is known what each rule should say. Limits are the defaults, and
those of the example's project.toml where the default is none.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logit

from headrace.drift.comparison import comparison_of
from headrace.drift.features import FeatureDrift, Measured, feature_drift, measured
from headrace.drift.measures import kolmogorov_smirnov_statistic
from headrace.drift.null_distribution import null_quantile_of_kolmogorov_smirnov
from headrace.drift.rules import rules_of
from headrace.evaluation import Metrics, Slice
from headrace.features import Feature, category, number
from headrace.gate import tolerance_rules, verdict_of
from headrace.metrics import metrics_of
from headrace.profile import FeatureProfile, feature_profiles
from headrace.settings import DriftLimits, Gate, QualityLimits
from headrace.uncertainty import gain_of

RUNS = 100
SHARE = 0.25  # of positive rows
TRAINING_ROWS = 10_000
LIMITS = DriftLimits()
RANDOM = np.random.default_rng(0)

Array = NDArray[np.float64]
Rule = Callable[[], bool]  # draws rows, and tells whether the rule raises its alarm


def labelled(rows: int, spread: float, noise: float = 0.0) -> tuple[NDArray[np.int8], Array]:
    """Return labels, and scores whose logits spread so much; `noise` in the logits is what the scores get wrong."""
    odds = logit(SHARE) + RANDOM.normal(0, spread, rows)
    label = (RANDOM.random(rows) < expit(odds)).astype(np.int8)
    return label, expit(odds + RANDOM.normal(0, noise, rows))


def gate_refuses(rows: int, spread: float, noise: float) -> bool:
    """Judge scores by an empty gate: only the gain over a constant counts."""
    label, score = labelled(rows, spread, noise)
    gain = gain_of(label, score, np.full(rows, RANDOM.binomial(4 * rows, SHARE) / (4 * rows)))
    return not verdict_of(Gate(), metrics_of(label, score), gain, None, ()).passed


def constant_passes(rows: int) -> bool:
    """Judge a constant feature's model: the share of positives of the training rows alone."""
    label, _ = labelled(rows, 0)
    train, validation = RANDOM.binomial(3 * rows, SHARE), RANDOM.binomial(rows, SHARE)
    score = np.full(rows, train / (3 * rows))
    gain = gain_of(label, score, np.full(rows, (train + validation) / (4 * rows)))
    return verdict_of(Gate(), metrics_of(label, score), gain, None, ()).passed


def floor_refuses(rows: int, spread: float) -> bool:
    """Judge by a floor of ROC AUC, that of the example."""
    label, score = labelled(rows, spread)
    gain = gain_of(label, score, np.full(rows, SHARE))
    return (
        not verdict_of(Gate(floor={"roc_auc": 0.65}), metrics_of(label, score), gain, None, ())
        .rules[1]
        .passed
    )


def champion_refuses(rows: int, noise: float) -> bool:
    """Judge against a champion, 0.005 tolerated, both with noise of their own; that of the newcomer is given."""
    odds = logit(SHARE) + RANDOM.normal(0, 0.8, rows)
    label = (RANDOM.random(rows) < expit(odds)).astype(np.int8)
    newcomer, champion = (
        metrics_of(label, expit(odds + RANDOM.normal(0, each, rows))) for each in (noise, 0.3)
    )
    tolerance = {"roc_auc": 0.005, "log_loss": 0.005}
    return not all(rule.passed for rule in tolerance_rules(tolerance, newcomer, champion, "the champion's"))


def slices_refuse(spreads: list[float]) -> bool:
    """Judge slices of 500 rows by a floor of ROC AUC of 0.55."""
    slices = tuple(
        Slice(column="any", value=str(index), metrics=metrics_of(*labelled(500, spread)))
        for index, spread in enumerate(spreads)
    )
    gain = gain_of(*labelled(500, 1), np.full(500, SHARE))
    gate = Gate(slice_floor={"roc_auc": 0.55})
    return not verdict_of(gate, slices[0].metrics, gain, None, slices).rules[-1].passed


def quality_alarms(baseline: Metrics, rows: int, spread: float) -> bool:
    """Judge past predictions by the default limits of quality."""
    now = metrics_of(*labelled(rows, spread))
    rules = tolerance_rules(QualityLimits().tolerance, now, baseline, "at the evaluation")
    return not all(rule.passed for rule in rules)


def zipf(values: int) -> Array:
    """Return the shares of a category whose n-th value is n times as rare as its first."""
    shares = 1 / np.arange(1, values + 1)
    return shares / shares.sum()


def column_of(feature: Feature, values: Array) -> pl.Series:
    """Return drawn values as a column of a feature."""
    column = pl.Series(feature.name, values)
    return column if feature.kind == "number" else column.cast(pl.Int64).cast(pl.String)


def profile_in(feature: Feature, draw: Callable[[int], Array], rows: int = TRAINING_ROWS) -> FeatureProfile:
    """Return the profile of a training."""
    return feature_profiles(column_of(feature, draw(rows)).to_frame(), (feature,))[feature.name]


def drift_in(
    feature: Feature, before: Callable[[int], Array], now: Callable[[int], Array], rows: int
) -> FeatureDrift:
    """Return the drift of a batch."""
    profile = profile_in(feature, before)
    return feature_drift(
        LIMITS, comparison_of(feature.name, profile, TRAINING_ROWS, column_of(feature, now(rows)))
    )


def batch_alarms(rows: int, shifted: int) -> bool:
    """Judge a batch of ten numbers and ten categories of 30 values, some of them shifted by a standard deviation."""
    found = [
        drift_in(number("x"), normal(0), normal(1 if index < shifted else 0), rows) for index in range(10)
    ] + [drift_in(category("x"), words(30), words(30), rows) for _ in range(10)]
    validation, score = labelled(1500, 0.8)[1], labelled(rows, 0.8)[1]
    return not all(rule.passed for rule in rules_of(LIMITS, found, scores_in(validation, score)))


def scores_in(validation: Array, score: Array) -> Measured:
    """Return the drift of scores."""
    quantiles = np.quantile(validation, np.linspace(0, 1, 1001), method="inverted_cdf")
    return measured(
        kolmogorov_smirnov_statistic(quantiles, score),
        LIMITS.kolmogorov_smirnov,
        null_quantile_of_kolmogorov_smirnov(score.size, validation.size),
    )


def scores_alarm(rows: int, shift: float) -> bool:
    """Judge scores whose logits have moved."""
    score = expit(logit(labelled(rows, 0.8)[1]) + shift)
    return scores_in(labelled(1500, 0.8)[1], score).beyond


def normal(mean: float) -> Callable[[int], Array]:
    """Return how to draw a number."""
    return lambda rows: RANDOM.normal(mean, 1, rows)


def words(values: int, first: float = 0.0) -> Callable[[int], Array]:
    """Return how to draw a category; a share of the rows has its first value beyond those that have it anyway."""
    shares = zipf(values) * (1 - first)
    shares[0] += first
    return lambda rows: RANDOM.choice(values, rows, p=shares).astype(float)


def categories(values: int, rows: int, first: float = 0.0) -> bool:
    """Judge one category."""
    return drift_in(category("x"), words(values), words(values, first), rows).drifted


def numbers(rows: int, mean: float) -> bool:
    """Judge one number."""
    return drift_in(number("x"), normal(0), normal(mean), rows).drifted


def tables() -> dict[str, list[tuple[str, Rule, str, Rule]]]:
    """Return by rule: the rows, an alarm that would be false, what is the matter, and silence that would be a miss."""
    baseline = metrics_of(*labelled(20_000, 0.8))
    return {
        "gate: gain over a constant (default 0)": [
            (
                f"{rows:,} rows, noise",
                lambda rows=rows: not gate_refuses(rows, 0, 0.1),
                "ROC AUC 0.66",
                lambda rows=rows: gate_refuses(rows, 0.6, 0),
            )
            for rows in (100, 500, 5000)
        ]
        + [
            (f"{rows:,} rows, constant feature", lambda rows=rows: constant_passes(rows), "", lambda: False)
            for rows in (100, 5000)
        ],
        "gate: floor, ROC AUC 0.65": [
            (
                f"{rows:,} rows, true 0.71",
                lambda rows=rows: floor_refuses(rows, 0.8),
                "true 0.60",
                lambda rows=rows: not floor_refuses(rows, 0.36),
            )
            for rows in (500, 5000)
        ],
        "gate: champion, 0.005 tolerated": [
            (
                f"{rows:,} rows, as good",
                lambda rows=rows: champion_refuses(rows, 0.3),
                "0.02 less ROC AUC",
                lambda rows=rows: not champion_refuses(rows, 0.6),
            )
            for rows in (500, 5000)
        ],
        "gate: 20 slices of 500 rows, ROC AUC 0.55": [
            (
                "all 0.71",
                lambda: slices_refuse([0.8] * 20),
                "one of 0.50",
                lambda: not slices_refuse([0.8] * 19 + [1e-9]),
            ),
        ],
        "drift of a number": [
            (
                f"{rows:,} rows",
                lambda rows=rows: numbers(rows, 0),
                "mean moved by 0.7 of its deviation",
                lambda rows=rows: not numbers(rows, 0.7),
            )
            for rows in (20, 200, 2000)
        ],
        "drift of a category": [
            (
                f"{rows:,} rows, {values:,} values",
                lambda rows=rows, values=values: categories(values, rows),
                "3 in 10 rows move to the first value",
                lambda rows=rows, values=values: not categories(values, rows, 0.3),
            )
            for values in (10, 300, 5000)
            for rows in (20, 200, 2000)
        ],
        "drift of scores": [
            (
                f"{rows:,} rows",
                lambda rows=rows: scores_alarm(rows, 0),
                "log odds moved by 0.5",
                lambda rows=rows: not scores_alarm(rows, 0.5),
            )
            for rows in (20, 200, 2000)
        ],
        "drift of a batch, 20 features": [
            (
                f"{rows:,} rows",
                lambda rows=rows: batch_alarms(rows, 0),
                "5 features moved by a deviation",
                lambda rows=rows: not batch_alarms(rows, 5),
            )
            for rows in (200, 2000)
        ],
        "quality, 0.05 ROC AUC and 0.1 log loss": [
            (
                f"{rows:,} rows, as before",
                lambda rows=rows: quality_alarms(baseline, rows, 0.8),
                "ROC AUC 0.71 to 0.60",
                lambda rows=rows: not quality_alarms(baseline, rows, 0.36),
            )
            for rows in (500, 5000)
        ],
    }


def rate(rule: Rule) -> str:
    """Return how often a rule is wrong, in percent."""
    return f"{sum(rule() for _ in range(RUNS)) / RUNS:.1%}"


def main() -> None:
    """Print a table of every rule."""
    print("| rule | rows | false alarms | what is the matter | misses |\n|---|---|---|---|---|")
    for rule, cases in tables().items():
        for rows, false_alarm, matter, miss in cases:
            missed = rate(miss) if matter else ""
            print(f"| {rule} | {rows} | {rate(false_alarm)} | {matter} | {missed} |", flush=True)


if __name__ == "__main__":
    main()
