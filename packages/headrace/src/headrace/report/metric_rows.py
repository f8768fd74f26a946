"""The table of metrics: each with its meaning, and the figures of all that are compared."""

from collections.abc import Mapping
from dataclasses import dataclass

from headrace.evaluation import LOWER_IS_BETTER, Metrics
from headrace.report import numbers
from headrace.settings import Metric

MEANINGS: Mapping[Metric, tuple[str, str]] = {
    "roc_auc": ("ROC AUC", "Chance that a positive row is scored above a negative one; 0.5 is guessing."),
    "average_precision": (
        "Average precision",
        "Precision averaged over recall; guessing gets the positive share.",
    ),
    "log_loss": ("Log loss", "Surprise at the true label, in nats; confident mistakes cost most."),
    "brier": ("Brier score", "Mean squared distance of probability and label."),
}


@dataclass(frozen=True)
class MetricRow:
    """One metric of each contender; `best` names those that nobody beats."""

    name: str
    meaning: str
    direction: str
    values: dict[str, float | None]
    best: frozenset[str]


def metric_rows(contenders: Mapping[str, Metrics | None], *, same_rows: bool = True) -> list[MetricRow]:
    """Return the metrics of contenders, the first of them the model; None is left out.

    Only on the same rows is one the best.
    """
    compared = {name: metrics for name, metrics in contenders.items() if metrics}
    rows = []
    for metric, (name, meaning) in MEANINGS.items():
        values: dict[str, float | None] = {
            contender: getattr(metrics, metric) for contender, metrics in compared.items()
        }
        found = [value for value in values.values() if value is not None]
        lower = metric in LOWER_IS_BETTER
        target = (min(found) if lower else max(found)) if found else None
        best = frozenset(
            contender
            for contender, value in values.items()
            if same_rows and value is not None and value == target
        )
        rows.append(
            MetricRow(name, meaning, "↓ lower is better" if lower else "↑ higher is better", values, best)
        )
    means = {contender: metrics.mean_score for contender, metrics in compared.items()}
    positive_share = numbers.figure(next(iter(compared.values())).positive_share)
    meaning = f"Of a calibrated model it is near the positive share, {positive_share}."
    return [*rows, MetricRow("Mean score", meaning, "", {**means}, frozenset())]
