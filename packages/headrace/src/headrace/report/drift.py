"""The report of a batch: whether it has drifted, and where."""

from dataclasses import dataclass

import numpy as np

from headrace.arrays import Scores
from headrace.drift.comparison import Comparison
from headrace.drift.features import FeatureDrift
from headrace.drift.verdict import DriftVerdict
from headrace.evaluation import ModelFacts
from headrace.inference.batches import Batch
from headrace.profile import Profile
from headrace.report.drift_charts import score_curves, score_distributions
from headrace.report.numbers import percent, quantity
from headrace.report.templates import rendered

SECTIONS = (("rules", "Rules"), ("scores", "Scores"), ("features", "Features"), ("rows", "Rows"))


@dataclass(frozen=True)
class FeatureRow:
    """One feature of the table."""

    drift: FeatureDrift
    comparison: Comparison
    change: str  # in words

    @property
    def missing(self) -> str:
        """The share of missing values, then and now."""
        before, now = (percent(share) for share in self.comparison.missing)
        return now if before == now else f"{before} → {now}"


def drift_report(  # noqa: PLR0913, PLR0917 - the parts of a report, each of another kind
    verdict: DriftVerdict,
    comparisons: tuple[Comparison, ...],
    batch: Batch,
    model: ModelFacts,
    profile: Profile,
    score: Scores,
) -> str:
    """Return the report as one HTML document that needs neither network nor script.

    `score` has shape (rows,), the batch in any order. Everything that comes from data is escaped.
    """
    by_name = {comparison.name: comparison for comparison in comparisons}
    quantiles = profile.known_score_quantiles
    return rendered(
        "drift",
        title=f"Drift of a batch of {model.package}",
        sections=SECTIONS,
        verdict=verdict,
        batch=batch,
        model=model,
        profile=profile,
        mean_score=float(score.mean()),
        charts=[score_distributions(quantiles, score), score_curves(quantiles, score)],
        features=[
            FeatureRow(drift, by_name[drift.name], change_of(by_name[drift.name]))
            for drift in verdict.features
        ],
    )


def change_of(comparison: Comparison) -> str:
    """Return in words what changed most: the mean of a number, or the share of one value of a category."""
    if comparison.kind == "number":
        return f"mean {quantity(comparison.training_mean)} → {quantity(comparison.batch_mean)}"
    then, now = (counts / counts.sum() for counts in (comparison.training, comparison.batch))
    most = int(np.abs(now - then).argmax())
    return f"{comparison.bins[most] or '(empty)'} {percent(float(then[most]))} → {percent(float(now[most]))}"
