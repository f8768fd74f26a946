"""The report's content put into its template."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import jinja2

from headrace.arrays import Labels, Scores
from headrace.evaluation import LOWER_IS_BETTER, Evaluation
from headrace.profile import Profile
from headrace.report import data_charts, numbers, score_charts
from headrace.report.curves import operating_points, reliability
from headrace.report.drawing import Chart
from headrace.report.sketches import sketch
from headrace.report.slices import SliceRow, slices_worst_first
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


def evaluation_report(  # noqa: PLR0913 - the parts of a report, each of another kind
    evaluation: Evaluation,
    profile: Profile,
    *,
    label: Labels,
    score: Scores,
    champion_score: Scores | None,
    importance: Mapping[str, float],
    title: str,
) -> str:
    """Return the report as one HTML document.

    `label` (0 or 1), `score` and `champion_score` (probabilities of class 1) have shape (rows,), the test
    rows in one order; `importance` is a non-negative number a feature, in any unit. The document needs
    neither network nor script. Everything that comes from data is escaped.
    """
    shares = importance_shares(importance)
    bins = reliability(label, score)
    slices = slices_worst_first(evaluation.slices)
    return _template().render(
        title=title,
        evaluation=evaluation,
        profile=profile,
        metrics=metric_rows(evaluation),
        ranking=_ranking_charts(evaluation, label, score, champion_score),
        calibration=[score_charts.calibration_chart(bins), score_charts.score_chart(label, score)],
        reliability=bins,
        operating_points=operating_points(label, score),
        slice_charts=_slice_charts(slices, evaluation.metrics.roc_auc),
        slices=slices,
        importance=shares,
        features=sorted(profile.features, key=lambda name: -shares.get(name, 0)),
        training_rows=profile.splits["train"].rows,
        importance_chart=data_charts.importance_chart(shares) if shares else None,
        splits_chart=data_charts.splits_chart(profile.splits),
    )


def metric_rows(evaluation: Evaluation) -> list[MetricRow]:
    """Return the metrics of model, champion (when there is one) and constant."""
    contenders = {
        "model": evaluation.metrics,
        "champion": evaluation.champion,
        "constant": evaluation.constant,
    }
    rows = []
    for metric, (name, meaning) in MEANINGS.items():
        values: dict[str, float | None] = {
            contender: getattr(metrics, metric) for contender, metrics in contenders.items() if metrics
        }
        found = [value for value in values.values() if value is not None]
        lower = metric in LOWER_IS_BETTER
        target = (min(found) if lower else max(found)) if found else None
        best = frozenset(
            contender for contender, value in values.items() if value is not None and value == target
        )
        rows.append(
            MetricRow(name, meaning, "↓ lower is better" if lower else "↑ higher is better", values, best)
        )
    means = {contender: metrics.mean_score for contender, metrics in contenders.items() if metrics}
    positive_share = numbers.figure(evaluation.metrics.positive_share)
    meaning = f"Of a calibrated model it is near the positive share, {positive_share}."
    return [*rows, MetricRow("Mean score", meaning, "", {**means}, frozenset())]


def importance_shares(importance: Mapping[str, float]) -> dict[str, float]:
    """Return the importance of each feature as a share of them all, largest first; empty when all are zero."""
    total = sum(importance.values())
    if total <= 0:
        return {}
    ordered = sorted(importance.items(), key=lambda item: (-item[1], item[0]))
    return {name: value / total for name, value in ordered}


def _ranking_charts(
    evaluation: Evaluation, label: Labels, score: Scores, champion_score: Scores | None
) -> list[Chart]:
    if evaluation.metrics.roc_auc is None:
        return []
    scores, contenders = {"model": score}, {"model": evaluation.metrics}
    if champion_score is not None and evaluation.champion is not None:
        scores["champion"], contenders["champion"] = champion_score, evaluation.champion
    return [
        score_charts.roc_chart(label, scores, {name: each.roc_auc for name, each in contenders.items()}),
        score_charts.precision_recall_chart(
            label, scores, {name: each.average_precision for name, each in contenders.items()}
        ),
    ]


def _slice_charts(slices: list[SliceRow], overall: float | None) -> list[Chart]:
    columns = sorted({each.column for each in slices})
    drawings = [
        data_charts.slice_chart(column, [each for each in slices if each.column == column], overall)
        for column in columns
    ]
    return [drawing for drawing in drawings if drawing]


def _template() -> jinja2.Template:
    folder = files(__package__)
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        count=numbers.count,
        figure=numbers.figure,
        percent=numbers.percent,
        quantity=numbers.quantity,
        factor=numbers.factor,
        moment=numbers.moment,
        day=numbers.day,
        sketch=sketch,
    )
    environment.globals["style"] = folder.joinpath("style.css").read_text(encoding="utf-8")
    return environment.from_string(folder.joinpath("template.html.jinja").read_text(encoding="utf-8"))
