"""How well scores fit labels."""

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from headrace.arrays import Labels, Scores
from headrace.errors import DataError
from headrace.evaluation import Metrics


def metrics_of(label: Labels, score: Scores) -> Metrics:
    """Return the metrics of scores (probabilities of class 1) against labels (0 or 1), both of shape (rows,).

    The formulas are scikit-learn's: `roc_auc_score`, `average_precision_score` (step-wise, without
    interpolation), `log_loss` and `brier_score_loss`. Raises `DataError` without rows, and for a score that is no
    probability.
    """
    if not label.size:
        raise DataError("there is no row to measure; give rows whose label is known")
    odd = np.flatnonzero(~((score >= 0) & (score <= 1)))
    if odd.size:
        raise DataError(
            f"the model scores {odd.size:,} of {score.size:,} rows {score[odd[0]]}, which is no probability; correct its `predict`, "
            f"or the feature that it cannot take"
        )
    both_classes = 0 < label.sum() < label.size
    return Metrics(
        rows=label.size,
        positive_share=float(label.mean()),
        mean_score=float(score.mean()),
        roc_auc=float(roc_auc_score(label, score)) if both_classes else None,
        average_precision=float(average_precision_score(label, score)) if both_classes else None,
        log_loss=float(log_loss(label, score, labels=[0, 1])),
        brier=float(brier_score_loss(label, score, labels=[0, 1], pos_label=1)),
    )
