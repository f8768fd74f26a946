"""Is the example's model worth shipping? Boosted trees against logistic regression and a constant, out of time.

    python benchmarks/model.py

All settings were chosen by rolling origin inside the training window (before 19 October 2013), those of the
logistic regression too; the test rows are looked at here alone. Differences come with 95 % intervals of a paired
bootstrap over days, since flights of one day share their weather and are late together.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from flights import MODEL
from flights.example_data import example_tables
from headrace.arrays import Scores
from headrace.evaluation import Metrics
from headrace.examples import Examples
from headrace.metrics import metrics_of
from headrace.prepare import examples_of, split_by_time
from headrace.settings import Split
from headrace.tables import read_tables

DRAWS = 400
METRICS = ("roc_auc", "average_precision", "log_loss")

# The strongest of ten sets of features that were tried inside the training window: without temperature, dew
# point and month, which make a logistic regression worse there too.
CATEGORIES = ["carrier", "origin", "dest", "weekday", "hour"]
NUMBERS = [
    *("distance", "duration", "slack", "plane_age", "seats", "minute"),
    *("humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"),
]


def logistic_regression() -> Pipeline:
    """Return the reference: one-hot categories, standardised numbers, C chosen among 0.001 to 1."""
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    return make_pipeline(
        ColumnTransformer(
            [
                ("categories", OneHotEncoder(handle_unknown="ignore"), CATEGORIES),
                ("numbers", numbers, NUMBERS),
            ]
        ),
        LogisticRegression(C=0.01, max_iter=500),
    )


def reference_features(examples: Examples) -> pl.DataFrame:
    """Return the features of the reference; a missing category stays one of its own."""
    departure = pl.col("departure")
    return examples.features.with_columns(hour=departure // 60, minute=departure % 60).with_columns(
        pl.col("carrier", "origin", "dest", "weekday", "hour").cast(pl.String).fill_null("missing")
    )


def resampled_days(examples: Examples) -> Iterator[NDArray[np.int64]]:
    """Yield row numbers of bootstrap draws of whole days."""
    random = np.random.default_rng(0)
    day = examples.frame["time"].dt.date().to_numpy()
    rows = [np.flatnonzero(day == value) for value in np.unique(day)]
    for _ in range(DRAWS):
        yield np.concatenate([rows[pick] for pick in random.integers(0, len(rows), len(rows))])


def interval(examples: Examples, ours: Scores, theirs: Scores) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of our metric less theirs, by metric."""
    label = examples.label
    differences = [
        [
            _value(metrics_of(label[rows], ours[rows]), name)
            - _value(metrics_of(label[rows], theirs[rows]), name)
            for name in METRICS
        ]
        for rows in resampled_days(examples)
    ]
    low, high = np.quantile(differences, [0.025, 0.975], axis=0)
    return {name: (low[index], high[index]) for index, name in enumerate(METRICS)}


def _value(metrics: Metrics, name: str) -> float:
    return float(getattr(metrics, name))


def main() -> None:
    """Fit, score the test rows, print the table."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        example_tables(folder)
        examples = examples_of(MODEL, read_tables(folder, MODEL.tables))
        parts = split_by_time(Examples(examples.frame.drop_nulls("label")), Split())
        (folder / "checkpoints").mkdir()
        trees = MODEL.fit(
            parts["train"], parts["validation"], MODEL.hyperparameters(), folder / "checkpoints"
        ).fitted
    both = Examples(pl.concat([parts["train"].frame, parts["validation"].frame]))
    test = parts["test"]
    regression = logistic_regression().fit(reference_features(both), both.label)
    scores = {
        "boosted trees": trees.predict(test.features),
        "logistic regression": regression.predict_proba(reference_features(test))[:, 1],
        "constant": np.full(len(test.frame), both.label.mean()),
    }
    print(f"\n{len(both.frame):,} rows to fit, {len(test.frame):,} rows to test\n")
    print("| model | log loss | ROC AUC | average precision | Brier |\n|---|---|---|---|---|")
    for name, score in scores.items():
        found = metrics_of(test.label, score)
        print(
            f"| {name} | {found.log_loss:.4f} | {found.roc_auc:.4f} | {found.average_precision:.4f} | {found.brier:.4f} |"
        )
    print("\nboosted trees less logistic regression, 95 % interval over days:")
    for name, (low, high) in interval(test, scores["boosted trees"], scores["logistic regression"]).items():
        print(f"  {name}: {low:+.4f} to {high:+.4f}")


if __name__ == "__main__":
    main()
