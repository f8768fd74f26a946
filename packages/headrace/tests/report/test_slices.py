"""Slices are ordered by what is wrong with them, and small ones are known to be unsure."""

import pytest

from headrace.evaluation import Metrics, Slice
from headrace.report.slices import slices_worst_first


def part(value: str, rows: int, roc_auc: float | None) -> Slice:
    """Return a slice with a quarter of positive rows."""
    metrics = Metrics(
        rows=rows,
        positive_share=0.25,
        mean_score=0.25,
        roc_auc=roc_auc,
        average_precision=roc_auc,
        log_loss=0.5,
        brier=0.2,
    )
    return Slice(column="carrier", value=value, metrics=metrics)


def test_worst_first_and_without_a_figure_last() -> None:
    parts = [part("good", 900, 0.8), part("none", 900, None), part("bad", 900, 0.5)]
    assert [each.value for each in slices_worst_first(parts)] == ["bad", "good", "none"]


@pytest.mark.parametrize(
    ("rows", "roc_auc", "drawable"), [(8, 0.25, False), (500, 0.25, True), (500, None, False)]
)
def test_what_is_drawable(rows: int, roc_auc: float | None, *, drawable: bool) -> None:
    """A slice of eight rows, or of one class, does not stretch the chart of the others."""
    assert slices_worst_first([part("any", rows, roc_auc)])[0].drawable is drawable
