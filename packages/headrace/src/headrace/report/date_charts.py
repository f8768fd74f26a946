"""Charts of a metric over run dates."""

import altair as alt

from headrace.evaluation import LOWER_IS_BETTER
from headrace.inference.quality import Quality
from headrace.report.drawing import MODEL, MUTED, Chart, drawn, inline
from headrace.report.metric_rows import MEANINGS
from headrace.report.numbers import figure
from headrace.settings import Metric

DATES_LABELLED = 8


def metric_by_date(metric: Metric, quality: Quality) -> Chart | None:
    """Return a metric of each run date beside what it was at registration; None when no date has a figure."""
    rows = [
        {"date": each.date, "value": value, "rows": each.metrics.rows}
        for each in quality.dates
        if (value := getattr(each.metrics, metric)) is not None
    ]
    baseline: float | None = getattr(quality.baseline, metric)
    if not rows:
        return None
    name = MEANINGS[metric][0]
    dates = [row["date"] for row in rows]
    shown = dates[:: -(-len(dates) // DATES_LABELLED)]
    points = alt.Chart(inline(rows)).encode(
        x=alt.X(
            "date:O", sort=dates, axis=alt.Axis(title="Run date", values=shown, labelAngle=-45, grid=False)
        ),
        y=alt.Y("value:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=name, tickCount=5)),
    )
    chart = points.mark_line(color=MODEL, strokeWidth=1.5) + points.mark_circle(
        color=MODEL, opacity=1
    ).encode(size=alt.Size("rows:Q", scale=alt.Scale(rangeMin=30, rangeMax=160, zero=True), legend=None))
    if baseline is not None:
        at_registration = alt.Chart(inline([{"value": baseline}])).mark_rule(color=MUTED, strokeDash=[2, 3])
        chart = at_registration.encode(y="value:Q") + chart
    direction = "lower" if metric in LOWER_IS_BETTER else "higher"
    pick = max if metric in LOWER_IS_BETTER else min
    worst = pick(rows, key=lambda row: row["value"])
    return drawn(
        chart,
        title=f"{name} by run date",
        description=f"{name} by run date: worst {figure(worst['value'])} on {worst['date']}; "
        f"at registration {figure(baseline)}.",
        caption=f"At registration it was {figure(baseline)}: the dotted line; {direction} is better. "
        f"The larger a dot, the more labelled rows.",
        height=300,
    )
