"""Charts that cross-validation and backtesting share: which rows do what, and a figure with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import altair as alt

from headrace.report.drawing import GRID, MODEL, MUTED, OTHER, Chart, drawn, inline
from headrace.timestamps import parse_timestamp
from headrace.validation.parts import PartFacts

ROW_HEIGHT = 26
LEGEND_PADDING = 32  # Vega measures names in another font than the page has
UNKNOWN = "label not known yet"
# What trains, stops, is left out, judges, and is scored beside: the two colours of the reports, pale where less
# depends on it. Legends are in this order.
PURPOSE_COLOURS = {
    "train": f"color-mix(in srgb, {MODEL} 40%, transparent)",
    "stop the training": MODEL,
    UNKNOWN: f"color-mix(in srgb, {MUTED} 25%, transparent)",
    "test": OTHER,
    "horizon": OTHER,
    "later, for ageing": f"color-mix(in srgb, {OTHER} 35%, transparent)",
}


@dataclass(frozen=True)
class Span:
    """Rows of one part, from the first to the last moment, ISO 8601, and what they are for: a purpose with a colour."""

    part: str
    purpose: str
    first: str
    last: str


@dataclass(frozen=True)
class Whisker:
    """A figure by name, with its interval where there is one."""

    name: str
    value: float
    low: float | None
    high: float | None
    marked: bool = False  # the one that the text speaks of


def learning_spans(part: PartFacts, cut: str, label_delay_days: float) -> list[Span]:
    """Return what lies before the moment `cut`, ISO 8601, from which a part tests, and the gap that it leaves."""
    spans = [
        Span(part.part, "train", part.train_first, part.train_last),
        Span(part.part, "stop the training", part.validation_first, part.validation_last),
    ]
    if label_delay_days:
        known_until = parse_timestamp(cut, "cut-off") - timedelta(days=label_delay_days)
        spans.append(Span(part.part, UNKNOWN, known_until.isoformat(), cut))
    return spans


def layout_chart(spans: Sequence[Span], *, title: str, caption: str) -> Chart:
    """Return which rows train, stop and judge over time, a line a part."""
    shown = {span.purpose for span in spans}
    purposes = [purpose for purpose in PURPOSE_COLOURS if purpose in shown]
    parts = list(dict.fromkeys(span.part for span in spans))
    rows = [
        {"part": each.part, "purpose": each.purpose, "first": each.first, "last": each.last} for each in spans
    ]
    chart = (
        alt.Chart(inline(rows))
        .mark_bar(height=11)
        .encode(
            x=alt.X("first:T", scale=alt.Scale(type="utc"), axis=day_axis()),
            x2="last:T",
            y=alt.Y("part:N", sort=parts, axis=_names()),
            color=alt.Color(
                "purpose:N",
                scale=alt.Scale(domain=purposes, range=[PURPOSE_COLOURS[each] for each in purposes]),
                legend=alt.Legend(columnPadding=LEGEND_PADDING),
            ),
        )
    )
    text = "; ".join(f"{each.part} {each.purpose} {each.first[:10]} to {each.last[:10]}" for each in spans)
    return drawn(
        chart,
        title=title,
        description=f"{title}: {text}.",
        caption=caption,
        height=80 + ROW_HEIGHT * len(parts),
    )


def whisker_chart(
    whiskers: Sequence[Whisker], *, title: str, axis: str, caption: str, lines: Sequence[float] = ()
) -> Chart:
    """Return figures with their intervals, one below the other; dotted `lines` are values to hold them against."""
    rows = [
        {
            "name": each.name,
            "value": each.value,
            "low": each.value if each.low is None else each.low,
            "high": each.value if each.high is None else each.high,
            "kind": "marked" if each.marked else "other",
        }
        for each in whiskers
    ]
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("name:N", sort=[each.name for each in whiskers], axis=_names(grid=True)),
        color=alt.Color(
            "kind:N", scale=alt.Scale(domain=["marked", "other"], range=[MODEL, MUTED]), legend=None
        ),
    )
    scale = alt.Scale(zero=False)
    value = alt.X("value:Q", scale=scale, axis=alt.Axis(title=axis, tickCount=4, grid=False))
    chart = base.mark_rule(strokeWidth=1.5).encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    chart += base.mark_circle(size=70, opacity=1).encode(x=value)
    if lines:
        held = alt.Chart(inline([{"value": line} for line in lines]))
        chart = held.mark_rule(color=MUTED, strokeDash=[2, 3]).encode(x=value) + chart
    text = "; ".join(
        f"{each.name} {each.value:.4f}"
        + (f" ({each.low:.4f} to {each.high:.4f})" if each.low is not None and each.high is not None else "")
        for each in whiskers
    )
    return drawn(
        chart,
        title=title,
        description=f"{title}: {text}.",
        caption=caption,
        height=60 + ROW_HEIGHT * len(rows),
    )


@dataclass(frozen=True)
class Line:
    """A figure over something, and how its line looks."""

    name: str
    points: Sequence[tuple[str | float, float]]
    colour: str
    dash: tuple[int, int] = (1, 0)


def line_chart(  # noqa: PLR0913 - what a chart says
    lines: Sequence[Line], *, x: alt.X, y_title: str, title: str, description: str, caption: str
) -> Chart:
    """Return lines with a point at each figure; `x` encodes the field `x`. Lines of the name "" are thin and grey."""
    named = [line for line in lines if line.name]
    y = alt.Y("y:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=y_title, tickCount=6))
    chart = alt.LayerChart()
    unnamed = [
        {"x": place, "y": figure, "line": index}
        for index, line in enumerate(lines)
        if not line.name
        for place, figure in line.points
    ]
    if unnamed:
        chart += (
            alt.Chart(inline(unnamed))
            .mark_line(color=MUTED, strokeWidth=1, opacity=0.4)
            .encode(x=x, y=y, detail="line:N")
        )
    domain = [line.name for line in named]
    legend = alt.Legend(symbolType="stroke", columnPadding=LEGEND_PADDING)
    base = alt.Chart(
        inline(
            [{"x": place, "y": figure, "line": line.name} for line in named for place, figure in line.points]
        )
    ).encode(
        x=x,
        y=y,
        color=alt.Color(
            "line:N", scale=alt.Scale(domain=domain, range=[line.colour for line in named]), legend=legend
        ),
    )
    dashes = alt.StrokeDash(
        "line:N", scale=alt.Scale(domain=domain, range=[list(line.dash) for line in named]), legend=legend
    )
    chart += base.mark_line(strokeWidth=2).encode(strokeDash=dashes) + base.mark_circle(size=50, opacity=1)
    return drawn(chart, title=title, description=description, caption=caption, height=300)


def zero_line() -> alt.Chart:
    """Return a dotted line across a chart where y is zero."""
    rule: alt.Chart = alt.Chart(inline([{"y": 0}])).mark_rule(color=MUTED, strokeDash=[2, 3]).encode(y="y:Q")
    return rule


def day_axis(title: str | None = None) -> alt.Axis:
    """Return an axis of days."""
    return alt.Axis(title=title, tickCount=5, format="%Y-%m-%d")


def _names(*, grid: bool = False) -> alt.Axis:
    return alt.Axis(title=None, labelLimit=190, ticks=False, domain=False, grid=grid, gridColor=GRID)
