"""The report of a backtest, for who decides how often to retrain."""

import altair as alt
import numpy as np

from headrace.evaluation import LOWER_IS_BETTER, METRIC_WORDS, Metrics
from headrace.report.drawing import MODEL, MUTED, OTHER, Chart, drawn, inline
from headrace.report.metric_rows import MEANINGS
from headrace.report.templates import rendered
from headrace.report.trial_charts import (
    Line,
    Span,
    Whisker,
    day_axis,
    layout_chart,
    learning_spans,
    line_chart,
    whisker_chart,
    zero_line,
)
from headrace.settings import Cutoffs, Metric
from headrace.validation.backtesting import AgeResult, Backtest
from headrace.validation.retraining import FEWEST_WINDOWS
from headrace.validation.trials import Failure, Trials


def backtesting_report(found: Backtest, trials: Trials, failures: tuple[Failure, ...]) -> str:
    """Return the report as one HTML document that needs no network, no script and no other file."""
    days = found.retraining.recommended_days
    sections = [
        ("waiting", "Cost of waiting"),
        ("time", "Over time"),
        ("ageing", "Ageing"),
        ("layout", "Layout"),
        ("measured", "How it was measured"),
        *([("failures", "Failures")] if failures else []),
    ]
    metric = METRIC_WORDS[found.metric]
    return rendered(
        "backtesting",
        title=f"Backtest of {trials.package}",
        sections=sections,
        found=found,
        answer_word="Undecided" if days is None else f"Every {days:g} day{'' if days == 1 else 's'}",
        trials=trials,
        failures=failures,
        cutoffs=trials.settings.cutoffs or Cutoffs(),
        metric=metric,
        figure_name=found.metric,
        meaning=MEANINGS[found.metric][1],
        lower=found.metric in LOWER_IS_BETTER,
        averages=_averages(found),
        fewest=FEWEST_WINDOWS,
        waiting_chart=_waiting_chart(found, metric),
        time_chart=_time_chart(found, metric),
        age_chart=_age_chart(found, metric),
        layout=_layout(trials, found),
    )


def _averages(found: Backtest) -> dict[str, float]:
    """Return the metric over all horizons: always retrained, kept since the first cut-off, constant."""

    def mean(of: list[Metrics]) -> float:
        return float(np.mean([_value(each, found.metric) for each in of]))

    return {
        f"Retrained every {found.step_days:.4g} days": mean([each.retrained for each in found.cutoffs]),
        f"Kept since {found.cutoffs[0].cutoff[:10]}": mean([each.frozen for each in found.cutoffs]),
        "Constant": mean([each.constant for each in found.cutoffs]),
    }


def _waiting_chart(found: Backtest, metric: str) -> Chart | None:
    judged = [each for each in found.retraining.waiting if each.cost.count >= FEWEST_WINDOWS]
    if not judged:
        return None
    limit = found.retraining.limit
    return whisker_chart(
        [
            Whisker(
                f"every {each.days:g} days",
                each.cost.mean,
                each.cost.low,
                each.cost.high,
                marked=each.days == found.retraining.recommended_days,
            )
            for each in judged
        ],
        title=f"Against retraining every {found.step_days:.4g} days",
        axis=f"{metric} worse, on average",
        caption="Bars are 95 % intervals. "
        + (
            "The dotted line is no cost."
            if limit is None
            else f"The dotted lines are no cost and the tolerated cost, {limit:.4f}; a time whose bar ends before the "
            "second is tolerable."
        ),
        lines=[0.0] if limit is None else [0.0, limit],
    )


def _time_chart(found: Backtest, metric: str) -> Chart:
    retrained = [(each.cutoff, _value(each.retrained, found.metric)) for each in found.cutoffs]
    frozen = [(each.cutoff, _value(each.frozen, found.metric)) for each in found.cutoffs]
    text = "; ".join(
        f"{day[:10]} {new:.4f} and {old:.4f}" for (day, new), (_, old) in zip(retrained, frozen, strict=True)
    )
    return line_chart(
        [
            Line("retrained", retrained, MODEL),
            Line(f"kept since {found.cutoffs[0].cutoff[:10]}", frozen, OTHER, (6, 3)),
        ],
        x=alt.X("x:T", scale=alt.Scale(type="utc"), axis=day_axis("Cut-off")),
        y_title=metric,
        title="Retrained against kept",
        description=f"{metric} by cut-off, retrained and kept: {text}.",
        caption="Each point is the horizon that follows a cut-off. What both lines share is the season; the distance "
        "between them is what retraining is worth.",
    )


def _age_chart(found: Backtest, metric: str) -> Chart | None:
    """Return the cost by age, with a band where enough windows say how sure it is."""
    if len(found.ages) < 2:  # noqa: PLR2004 - what it takes for a line
        return None
    rows = [
        {
            "days": each.days,
            "cost": each.cost.mean,
            "low": each.cost.low if _is_sure(each) else None,
            "high": each.cost.high if _is_sure(each) else None,
            "sure": "sure" if _is_sure(each) else "unsure",
        }
        for each in found.ages
    ]
    x = alt.X("days:Q", axis=alt.Axis(title="Age of the model in days", tickCount=6))
    y = alt.Y("cost:Q", axis=alt.Axis(title=f"{metric} worse than retrained", tickCount=6))
    base = alt.Chart(inline(rows))
    band = (
        alt.Chart(inline([row for row in rows if row["low"] is not None]))
        .mark_area(color=MODEL, opacity=0.15)
        .encode(x=x, y="low:Q", y2="high:Q")
    )
    points = base.mark_circle(size=60, opacity=1).encode(
        x=x,
        y=y,
        color=alt.Color(
            "sure:N", scale=alt.Scale(domain=["sure", "unsure"], range=[MODEL, MUTED]), legend=None
        ),
    )
    chart = zero_line() + band + base.mark_line(color=MODEL, strokeWidth=2).encode(x=x, y=y) + points
    text = "; ".join(f"{each.days:g} days {each.cost.mean:+.4f}" for each in found.ages)
    return drawn(
        chart,
        title="How a model ages",
        description=f"{metric} worse than a model just trained, by age: {text}.",
        caption=f"Each point averages all models of that age, each against the model just trained on the same rows. "
        f"The band is the 95 % interval; grey points rest on fewer than {FEWEST_WINDOWS} windows.",
        height=300,
    )


def _layout(trials: Trials, found: Backtest) -> Chart:
    horizons = {each.cutoff: each.until for each in found.cutoffs}
    delay = (trials.settings.cutoffs or Cutoffs()).label_delay_days
    spans = []
    for part in trials.parts:
        cutoff = part.cutoff or ""
        spans += learning_spans(part, cutoff, delay)
        if cutoff in horizons:
            until = min(horizons[cutoff], part.test_last)
            spans.append(Span(part.part, "horizon", cutoff, until))
            if until < part.test_last:
                spans.append(Span(part.part, "later, for ageing", until, part.test_last))
    return layout_chart(
        spans,
        title="The cut-offs over time",
        caption="Each model learns from the blue rows, before its cut-off, and is judged on the orange ones after it. "
        "It also scores all later rows, which tells how it ages.",
    )


def _is_sure(age: AgeResult) -> bool:
    return age.cost.count >= FEWEST_WINDOWS


def _value(metrics: Metrics, metric: Metric) -> float:
    return float(getattr(metrics, metric))
