"""How a chart becomes inline SVG.

Charts are static on purpose: Vega's script would add 0.9 MB to each report and 1.3 s to each evaluation,
would not run where a viewer blocks scripts (mail, object stores, a content security policy), and would
print no better. The figures that a tooltip would show stand in tables below the charts.

Colours are the style sheet's custom properties (`style.css`), so a chart follows the page into dark mode.
"""

from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup

WIDTH = 460  # of every chart, axes included: text is then of one size in all of them

MODEL = "var(--model)"
OTHER = "var(--other)"
MUTED = "var(--muted)"
GRID = "var(--grid)"
INK = "var(--ink)"

VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


@dataclass(frozen=True)
class Chart:
    """One drawing and the words below it."""

    title: str
    svg: Markup
    caption: str


def drawn(
    chart: alt.Chart | alt.LayerChart, *, title: str, description: str, caption: str, height: int = 340
) -> Chart:
    """Return the chart as SVG of `height` pixels; `description` says what it shows to whom cannot see it."""
    sized = chart.properties(
        width=WIDTH,
        height=height,
        background="transparent",
        autosize=alt.AutoSizeParams(type="fit", contains="padding"),
        config=_config(),
    )
    svg = vl_convert.vegalite_to_svg(sized.to_dict(), vl_version=VEGA_LITE)
    # The opening tag up to the size is Vega's own; inline SVG needs no namespace, and the description is ours.
    body = svg[svg.index(" width=") :]
    opening = Markup('<svg role="img" aria-label="{}"').format(description)
    return Chart(title, opening + Markup(body), caption)  # noqa: S704 - Vega escapes all text in its SVG


def inline(rows: list[dict[str, Any]]) -> alt.InlineData:
    """Return rows as a chart's data."""
    return alt.InlineData(values=rows)


def share_axis(title: str) -> alt.Axis:
    """Return an axis in whole percent."""
    return alt.Axis(title=title, format=".0%", tickCount=5)


def _config() -> alt.Config:
    return alt.Config(
        aria=False,  # the drawing has one description; Vega's would name every mark
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            domainColor=GRID,
            gridColor=GRID,
            tickColor=GRID,
            labelColor=MUTED,
            titleColor=MUTED,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=8,
            labelPadding=4,
            labelFlush=False,
        ),
        legend=alt.LegendConfig(
            orient="top",
            title=None,
            labelColor=INK,
            labelFontSize=12,
            symbolStrokeWidth=2,
            symbolSize=160,
            columnPadding=16,
        ),
    )
