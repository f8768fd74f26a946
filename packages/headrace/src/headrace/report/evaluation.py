"""The report of an evaluation: its content put into its template."""

from collections.abc import Mapping

from headrace.arrays import Labels, Scores
from headrace.evaluation import Evaluation
from headrace.profile import Profile
from headrace.report import data_charts, score_charts
from headrace.report.curves import operating_points, reliability
from headrace.report.drawing import Chart
from headrace.report.metric_rows import metric_rows
from headrace.report.slices import SliceRow, slices_worst_first
from headrace.report.templates import rendered

SECTIONS = (
    ("gate", "Gate"),
    ("metrics", "Metrics"),
    ("ranking", "Ranking"),
    ("calibration", "Calibration"),
    ("thresholds", "Thresholds"),
    ("slices", "Slices"),
    ("features", "Features"),
    ("data", "Data"),
)


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
    return rendered(
        "evaluation",
        title=title,
        sections=SECTIONS,
        evaluation=evaluation,
        profile=profile,
        metrics=metric_rows(
            {
                "model": evaluation.metrics,
                "champion": evaluation.champion,
                "constant": evaluation.constant,
            }
        ),
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
