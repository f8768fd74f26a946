"""Slices with the precision of their figures, so that nobody is alarmed by the ROC AUC of five rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from headrace.evaluation import Slice


@dataclass(frozen=True)
class SliceRow:
    """A slice, and the 95 % interval of its ROC AUC; these three are None where it has one class only."""

    column: str
    value: str
    roc_auc: float | None
    low: float | None
    high: float | None
    log_loss: float
    positive_share: float
    mean_score: float
    rows: int
    note: str  # why its ROC AUC is not sure enough to stand beside others; empty: it is

    @property
    def drawable(self) -> bool:
        """Whether the figure is sure enough to stand beside others in a chart."""
        return not self.note


def slices_worst_first(slices: Iterable[Slice]) -> list[SliceRow]:
    """Return slices by ascending ROC AUC; those whose figure is not sure, or that have none, come last."""
    rows = [_slice_row(each) for each in slices]
    return sorted(
        rows,
        key=lambda row: (bool(row.note), row.roc_auc is None, row.roc_auc or 0.0, row.column, row.value),
    )


def _slice_row(part: Slice) -> SliceRow:
    metrics = part.metrics
    low, high = part.roc_auc_interval or (None, None)
    return SliceRow(
        column=part.column,
        value=part.value,
        roc_auc=metrics.roc_auc,
        low=low,
        high=high,
        log_loss=metrics.log_loss,
        positive_share=metrics.positive_share,
        mean_score=metrics.mean_score,
        rows=metrics.rows,
        note=part.note,
    )
