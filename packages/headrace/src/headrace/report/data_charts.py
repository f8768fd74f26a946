"""Charts of slices, features and the parts of the data."""

from dataclasses import asdict

import altair as alt

from headrace.profile import SplitProfile
from headrace.report.drawing import MODEL, MUTED, Chart, drawn, inline, share_axis
from headrace.report.numbers import count, figure, percent
from headrace.report.slices import SliceRow

SLICES_DRAWN = 20
FEATURES_DRAWN = 25
ROW_HEIGHT = 22


def slice_chart(column: str, slices: list[SliceRow], overall: float | None) -> Chart | None:
    """Return the ROC AUC of the worst slices of a column, given worst first; None when none can be drawn."""
    drawable = [each for each in slices if each.drawable]
    if not drawable:
        return None
    shown = drawable[:SLICES_DRAWN]
    base = alt.Chart(inline([asdict(each) for each in shown])).encode(
        y=alt.Y("value:N", sort=None, axis=_names(limit=150, grid=True))
    )
    roc_auc = alt.X("roc_auc:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title="ROC AUC", tickCount=6))
    chart = base.mark_rule(color=MODEL, opacity=0.45, strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    chart += base.mark_circle(color=MODEL, opacity=1).encode(
        x=roc_auc, size=alt.Size("rows:Q", scale=alt.Scale(range=[30, 260]), legend=None)
    )
    if overall is not None:
        whole = alt.Chart(inline([{"roc_auc": overall}])).mark_rule(color=MUTED, strokeDash=[2, 3])
        chart = whole.encode(x=roc_auc) + chart
    worst, best = (f"{each.value} ({figure(each.roc_auc)})" for each in (drawable[0], drawable[-1]))
    return drawn(
        chart,
        title=f"By {column}",
        description=f"ROC AUC by {column}: lowest for {worst}, highest for {best}.",
        caption=f"{_selection(len(shown), len(drawable), len(slices))}"
        "The larger a dot, the more rows; bars are 95 % intervals; the dotted line is all rows.",
        height=60 + ROW_HEIGHT * len(shown),
    )


def _selection(shown: int, drawable: int, slices: int) -> str:
    """Return in words which slices a chart leaves out; nothing when it has them all."""
    worst = f"The worst {shown} of {drawable} are drawn. " if shown < drawable else ""
    unsure = slices - drawable
    too_small = f"{unsure} with too few rows to tell {'is' if unsure == 1 else 'are'} in the table only. "
    return worst + (too_small if unsure else "")


def _names(*, limit: int, grid: bool = False) -> alt.Axis:
    return alt.Axis(title=None, labelLimit=limit, ticks=False, domain=False, grid=grid)


def importance_chart(shares: dict[str, float]) -> Chart:
    """Return the importance of the most important features; `shares` are ordered, largest first."""
    shown = list(shares)[:FEATURES_DRAWN]
    rows = [{"feature": name, "share": shares[name]} for name in shown]
    rest = sum(list(shares.values())[FEATURES_DRAWN:])
    left_out = f" The other {len(shares) - len(shown)} features share {percent(rest)}." if rest else ""
    return drawn(
        alt.Chart(inline(rows))
        .mark_bar(color=MODEL, height=alt.RelativeBandSize(0.62))
        .encode(
            x=alt.X("share:Q", axis=share_axis("Share of the importance of all features")),
            y=alt.Y("feature:N", sort=None, axis=_names(limit=170)),
        ),
        title="Feature importance",
        description=f"Feature importance: {', '.join(f'{name} {percent(shares[name])}' for name in shown[:5])}.",
        caption=f"As the model package measures it; it says what the model uses, not what causes the label.{left_out}",
        height=60 + ROW_HEIGHT * len(shown),
    )


def splits_chart(splits: dict[str, SplitProfile]) -> Chart | None:
    """Return when each part of the data begins and ends; None when no part has rows."""
    rows = [
        {
            "split": name,
            "first": split.first,
            "last": split.last,
            "text": f"{count(split.rows)} rows, {percent(split.positive_share)} positive",
        }
        for name, split in splits.items()
        if split.rows
    ]
    if not rows:
        return None
    base = alt.Chart(inline(rows)).encode(y=alt.Y("split:N", sort=None, axis=_names(limit=170)))
    return drawn(
        base.mark_bar(color=MODEL, height=8, cornerRadius=2).encode(
            x=alt.X("first:T", scale=alt.Scale(type="utc"), axis=alt.Axis(title=None, tickCount=6)),
            x2="last:T",
        ),
        title="The parts of the data over time",
        description="; ".join(
            f"{row['split']}: {row['first']} to {row['last']}, {row['text']}" for row in rows
        ),
        caption="The model learns from the oldest rows and is judged on the newest.",
        height=50 + 34 * len(rows),
    )
