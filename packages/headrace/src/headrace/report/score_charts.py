"""Charts of labels and scores: ranking, calibration, distribution."""

from collections.abc import Mapping
from dataclasses import asdict

import altair as alt
import numpy as np
from numpy.typing import NDArray

from headrace.arrays import Labels, Scores
from headrace.report.curves import (
    Points,
    ReliabilityBin,
    expected_calibration_error,
    least_flagged,
    precision_recall_points,
    roc_points,
    score_shares,
)
from headrace.report.drawing import MODEL, MUTED, OTHER, Chart, drawn, inline, share_axis
from headrace.report.numbers import count, figure, percent

UNIT = alt.Scale(domain=[0, 1])


def roc_chart(label: Labels, scores: dict[str, Scores], roc_auc: dict[str, float | None]) -> Chart:
    """Return the ROC curves of the named scores; needs both classes."""
    chance = alt.Chart(inline([{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(
        color=MUTED, strokeWidth=1, strokeDash=[2, 3]
    )
    lines = _curves({name: roc_points(label, score) for name, score in scores.items()})
    figures = _figures(roc_auc)
    return drawn(
        chance.encode(x="x:Q", y="y:Q")
        + lines.encode(
            x=alt.X("x:Q", scale=UNIT, axis=share_axis("Negative rows flagged (false positive rate)")),
            y=alt.Y("y:Q", scale=UNIT, axis=share_axis("Positive rows flagged (recall)")),
        ),
        title="ROC curve",
        description=f"ROC curves. Area under the curve: {figures}.",
        caption=f"Area under the curve: {figures}. The dotted line is chance.",
    )


def precision_recall_chart(
    label: Labels, scores: dict[str, Scores], average_precision: dict[str, float | None]
) -> Chart:
    """Return the precision-recall curves of the named scores; needs both classes."""
    positive_share = float(label.mean())
    guessing = alt.Chart(inline([{"y": positive_share}])).mark_rule(
        color=MUTED, strokeWidth=1, strokeDash=[2, 3]
    )
    lines = _curves({name: precision_recall_points(label, score) for name, score in scores.items()})
    figures = _figures(average_precision)
    return drawn(
        guessing.encode(y="y:Q")
        + lines.encode(
            x=alt.X("x:Q", scale=UNIT, axis=share_axis("Positive rows flagged (recall)")),
            y=alt.Y("y:Q", scale=UNIT, axis=share_axis("Flagged rows that are positive (precision)")),
        ),
        title="Precision and recall",
        description=f"Precision-recall curves. Average precision: {figures}.",
        caption=f"Average precision: {figures}. The dotted line is flagging at random ({percent(positive_share)}). "
        f"Curves begin at {count(least_flagged(label.size))} flagged rows.",
    )


def _curves(curves: dict[str, Points]) -> alt.Chart:
    names = list(curves)
    rows = [
        {"curve": name, "order": order, "x": round(float(x), 5), "y": round(float(y), 5)}
        for name, points in curves.items()
        for order, (x, y) in enumerate(zip(*points, strict=True))
    ]
    style = {"model": (MODEL, [1, 0]), "champion": (OTHER, [6, 3])}
    lines: alt.Chart = (
        alt.Chart(inline(rows))
        .mark_line(strokeWidth=2)
        .encode(
            order="order:Q",
            color=alt.Color(
                "curve:N", scale=alt.Scale(domain=names, range=[style[name][0] for name in names])
            ),
            strokeDash=alt.StrokeDash(
                "curve:N", scale=alt.Scale(domain=names, range=[style[name][1] for name in names])
            ),
        )
    )
    return lines


def _figures(values: dict[str, float | None]) -> str:
    return ", ".join(f"{name} {figure(value)}" for name, value in values.items())


def calibration_chart(bins: tuple[ReliabilityBin, ...]) -> Chart:
    """Return predicted against observed shares, with their 95 % intervals."""
    top = max(max(each.high, each.predicted) for each in bins)
    scale = alt.Scale(domain=[0, min(1.0, top * 1.05)], nice=False)
    points = alt.Chart(inline([asdict(each) for each in bins])).encode(
        x=alt.X("predicted:Q", scale=scale, axis=share_axis("Predicted (mean score of the bin)"))
    )
    observed = alt.Y("observed:Q", scale=scale, axis=share_axis("Observed (share of positive rows)"))
    ideal = alt.Chart(inline([{"x": 0, "y": 0}, {"x": top, "y": top}])).mark_line(
        color=MUTED, strokeWidth=1, strokeDash=[2, 3]
    )
    fewest, most = min(each.rows for each in bins), max(each.rows for each in bins)
    rows = count(most) if fewest == most else f"{count(fewest)} to {count(most)}"
    error = percent(expected_calibration_error(bins)).removesuffix("%")
    return drawn(
        ideal.encode(x="x:Q", y="y:Q")
        + points.mark_rule(color=MODEL, strokeWidth=1.5, opacity=0.5).encode(y="low:Q", y2="high:Q")
        + points.mark_line(color=MODEL, strokeWidth=1.5).encode(y=observed)
        + points.mark_circle(color=MODEL, size=60, opacity=1).encode(y=observed),
        title="Predicted against observed",
        description=f"Observed share of positive rows against the predicted one, in {len(bins)} bins of rows. "
        f"Expected calibration error: {error} percentage points.",
        caption=f"Predicted and observed share differ by {error} percentage points on average (expected "
        f"calibration error). Bins of {rows} rows; bars are 95 % intervals; the dotted line is perfect.",
    )


def score_chart(label: Labels, score: Scores) -> Chart:
    """Return how the scores of each class are distributed."""
    edges, shares = score_shares(label, score)
    names = {1: "label 1", 0: "label 0"}
    present = sorted(shares, reverse=True)
    means = " and ".join(
        f"{figure(float(score[label == value].mean()))} for {names[value]}" for value in present
    )
    advice = " The less the two overlap, the better the model ranks." if len(present) > 1 else ""
    return drawn(
        step_areas(
            edges,
            {names[value]: shares[value] for value in present},
            {"label 1": MODEL, "label 0": OTHER},
            axis="Share of the class's rows",
        ),
        title="Scores by label",
        description=f"Distribution of the scores of each class. Mean score: {means}.",
        caption=f"Mean score: {means}.{advice}",
    )


def step_areas(
    edges: NDArray[np.float64],
    shares: Mapping[str, NDArray[np.float64]],
    colours: Mapping[str, str],
    *,
    axis: str,
) -> alt.Chart:
    """Return named histograms of scores over the same edges, one above the other, each in its colour."""
    rows = [
        {"name": name, "x": float(edge), "y": float(share)}
        for name, column in shares.items()
        for edge, share in zip(edges, [*column, column[-1]], strict=True)
    ]
    scale = alt.Scale(domain=list(shares), range=[colours[name] for name in shares])
    areas: alt.Chart = (
        alt.Chart(inline(rows))
        .mark_area(
            interpolate="step-after",
            fillOpacity=0.2,
            line=alt.OverlayMarkDef(strokeWidth=1.5, interpolate="step-after"),
        )
        .encode(
            x=alt.X(
                "x:Q", scale=alt.Scale(nice=False, zero=False), axis=alt.Axis(title="Score", tickCount=6)
            ),
            y=alt.Y("y:Q", stack=None, axis=share_axis(axis)),
            color=alt.Color("name:N", scale=scale),
        )
    )
    return areas
