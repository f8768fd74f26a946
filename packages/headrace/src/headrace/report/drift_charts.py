"""Charts of a batch beside the training."""

import altair as alt
import numpy as np

from headrace.arrays import Scores
from headrace.report.curves import score_edges
from headrace.report.drawing import MODEL, MUTED, OTHER, Chart, drawn, inline, share_axis
from headrace.report.numbers import factor, figure, percent
from headrace.report.score_charts import step_areas

THEN = "in validation"
NOW = "in the batch"
COLOURS = {THEN: MODEL, NOW: OTHER}
STEPS = 200  # of a drawn curve


def score_distributions(quantiles: Scores, score: Scores) -> Chart:
    """Return the scores of a batch and those of the model's validation, of which there are quantiles."""
    edges = score_edges(quantiles, score)
    shares = {name: np.histogram(values, edges)[0] / values.size for name, values in _both(quantiles, score)}
    means = " and ".join(f"{figure(float(values.mean()))} {name}" for name, values in _both(quantiles, score))
    return drawn(
        step_areas(edges, shares, COLOURS, axis="Share of rows"),
        title="Scores, now and then",
        description=f"Distribution of the scores. Mean score: {means}.",
        caption=f"Mean score: {means}. Both are scores of this very model; where it was fitted again with its validation rows, it is somewhat surer of those.",
    )


def score_curves(quantiles: Scores, score: Scores) -> Chart:
    """Return the share of rows at or below each score, of both, with the largest gap between the two."""
    levels = np.sort(np.concatenate([quantiles, np.quantile(score, np.linspace(0, 1, 1001))]))
    shares = {name: share_below(values, levels) for name, values in _both(quantiles, score)}
    at = int(np.abs(shares[THEN] - shares[NOW]).argmax())
    gap = abs(float(shares[THEN][at] - shares[NOW][at]))
    drawn_at = np.unique(np.linspace(0, levels.size - 1, STEPS).astype(int))
    rows = [
        {"name": name, "order": index, "x": float(levels[index]), "y": float(column[index])}
        for name, column in shares.items()
        for index in drawn_at.tolist()
    ]
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    lines = alt.Chart(inline(rows)).mark_line(strokeWidth=2)
    widest = alt.Chart(
        inline([{"x": float(levels[at]), "low": float(shares[THEN][at]), "high": float(shares[NOW][at])}])
    ).mark_rule(color=MUTED, strokeWidth=1.5, strokeDash=[2, 3])
    return drawn(
        lines.encode(
            order="order:Q",
            x=alt.X(
                "x:Q", scale=alt.Scale(nice=False, zero=False), axis=alt.Axis(title="Score", tickCount=6)
            ),
            y=alt.Y("y:Q", axis=share_axis("Rows with at most this score")),
            color=alt.Color("name:N", scale=scale),
        )
        + widest.encode(x="x:Q", y="low:Q", y2="high:Q"),
        title="Kolmogorov-Smirnov statistic of the scores",
        description=f"Cumulative shares of the scores; the largest gap is {factor(gap)}.",
        caption=f"The largest gap between the curves is {percent(gap)} of rows, at a score of "
        f"{figure(float(levels[at]))}: the dotted line.",
    )


def share_below(values: Scores, levels: Scores) -> Scores:
    """Return the share of values at or below each level."""
    return np.searchsorted(np.sort(values), levels, side="right") / values.size


def _both(quantiles: Scores, score: Scores) -> list[tuple[str, Scores]]:
    return [(THEN, quantiles), (NOW, score)]
