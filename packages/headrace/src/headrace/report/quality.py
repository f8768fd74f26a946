"""The report of past predictions whose labels are known."""

from collections.abc import Iterable
from dataclasses import dataclass

from headrace.evaluation import Metrics, ModelFacts
from headrace.inference.published import Published
from headrace.inference.quality import Labelled, Quality
from headrace.report.curves import reliability
from headrace.report.date_charts import metric_by_date
from headrace.report.metric_rows import metric_rows
from headrace.report.score_charts import calibration_chart, score_chart
from headrace.report.templates import rendered

SECTIONS = (
    ("rules", "Rules"),
    ("metrics", "Metrics"),
    ("dates", "Run dates"),
    ("calibration", "Calibration"),
    ("rows", "Rows"),
)


@dataclass(frozen=True)
class DateRow:
    """One run date of the table; `metrics` is None where no label is known."""

    date: str
    rows: int
    model_package: str
    data_fingerprint: str
    metrics: Metrics | None


@dataclass(frozen=True)
class PackageRow:
    """What one model package predicted."""

    model_package_arn: str
    first: str  # run date
    last: str
    dates: int
    rows: int


def package_rows(published: Iterable[Published]) -> list[PackageRow]:
    """Return a row for each model package, that of the newest prediction first; predictions are oldest first."""
    by_package: dict[str, list[Published]] = {}
    for each in published:
        by_package.setdefault(each.facts.model_package_arn, []).append(each)
    rows = [
        PackageRow(arn, group[0].date, group[-1].date, len(group), sum(len(each.frame) for each in group))
        for arn, group in by_package.items()
    ]
    return sorted(rows, key=lambda row: row.last, reverse=True)


def quality_report(
    quality: Quality, labelled: Labelled, model: ModelFacts, published: list[Published]
) -> str:
    """Return the report as one HTML document that needs neither network nor script.

    Everything that comes from data is escaped.
    """
    bins = reliability(labelled.label, labelled.score) if quality.rows_judged else ()
    by_date = {each.date: each.metrics for each in quality.dates}
    charts = [metric_by_date(metric, quality) for metric in ("roc_auc", "log_loss")]
    return rendered(
        "quality",
        title=f"Quality of predictions of {model.package}",
        sections=SECTIONS,
        quality=quality,
        model=model,
        metrics=metric_rows({"now": quality.metrics, "at registration": quality.baseline}, same_rows=False),
        first=str(labelled.judged["time"].min()),
        last=str(labelled.judged["time"].max()),
        charts=[chart for chart in charts if chart],
        dates=[
            DateRow(
                date=each.date,
                rows=len(each.frame),
                model_package=_short(each.facts.model_package_arn),
                data_fingerprint=each.facts.data_fingerprint,
                metrics=by_date.get(each.date),
            )
            for each in reversed(published)
        ],
        packages=package_rows(published),
        calibration=([calibration_chart(bins), score_chart(labelled.label, labelled.score)] if bins else []),
        reliability=bins,
    )


def _short(model_package_arn: str) -> str:
    """Return the group and version of a model package, which are the end of its ARN."""
    return model_package_arn.rpartition("model-package/")[2]
