"""The verdict on a batch: what was measured, against the limits, and the features that lie beyond them."""

from collections.abc import Iterable

from pydantic import Field

from headrace.arrays import Scores
from headrace.drift.comparison import Comparison
from headrace.drift.features import FeatureDrift, Measured, feature_drift, measured
from headrace.drift.measures import kolmogorov_smirnov_statistic
from headrace.drift.null_distribution import null_quantile_of_kolmogorov_smirnov
from headrace.drift.rules import named, rules_of
from headrace.evaluation import Rule
from headrace.profile import Profile
from headrace.settings import DriftLimits, Record


class DriftMetrics(Record):
    """The figures of a batch, for metrics and alarms: of each measure the worst of all features."""

    rows: int
    drifted_features: int
    maximum_psi: float
    maximum_jensen_shannon: float = Field(description="Of categories; 0 without one.")
    score_kolmogorov_smirnov: float
    unseen_share: float = Field(description="Largest share of rows whose value training never saw.")
    missing_share: float = Field(description="Largest rise of the share of rows without a value; 0 or more.")
    missing_features: int = Field(
        description="Features whose rise is beyond its limit, which in a batch of few rows is that of chance."
    )


class DriftVerdict(Record):
    """Whether a batch has drifted, and every rule that was asked."""

    summary: str = Field(description="One sentence for a notification.")
    drifted: bool
    metrics: DriftMetrics
    rules: tuple[Rule, ...]
    features: tuple[FeatureDrift, ...] = Field(description="Farthest beyond their limits first.")


def verdict_of(
    limits: DriftLimits, profile: Profile, comparisons: Iterable[Comparison], score: Scores
) -> DriftVerdict:
    """Return the verdict on the features and scores of a batch, against those of the model's training."""
    features = sorted(
        (feature_drift(limits, comparison) for comparison in comparisons),
        key=lambda feature: (-feature.severity, feature.name),
    )
    scores = measured(
        kolmogorov_smirnov_statistic(profile.known_score_quantiles, score),
        limits.kolmogorov_smirnov,
        null_quantile_of_kolmogorov_smirnov(score.size, profile.splits["validation"].rows),
    )
    rules = rules_of(limits, features, scores)
    beyond = [feature.name for feature in features if feature.drifted]
    return DriftVerdict(
        summary=_summary(score.size, len(features), beyond, rules),
        drifted=not all(rule.passed for rule in rules),
        metrics=DriftMetrics(
            rows=score.size,
            drifted_features=len(beyond),
            maximum_psi=_largest(feature.psi for feature in features),
            maximum_jensen_shannon=_largest(feature.jensen_shannon for feature in features),
            score_kolmogorov_smirnov=scores.value,
            unseen_share=_largest(feature.unseen for feature in features),
            missing_share=_largest(feature.missing for feature in features),
            missing_features=sum(feature.missing.beyond for feature in features),
        ),
        rules=rules,
        features=tuple(features),
    )


def _largest(found: Iterable[Measured | None]) -> float:
    return max([0.0, *(each.value for each in found if each)])


def _summary(rows: int, features: int, beyond: list[str], rules: tuple[Rule, ...]) -> str:
    batch = f"The batch of {rows:,} rows"
    failed = [rule for rule in rules if not rule.passed]
    if failed:
        drifted = (
            f", with {len(beyond)} of {features} features beyond their limits ({named(beyond)})"
            if beyond
            else ""
        )
        found = "; ".join(f"{rule.name}, found {rule.value:.3g}" for rule in failed)
        return f"{batch} has drifted{drifted}: {found}."
    if beyond:
        are = "is beyond its limits" if len(beyond) == 1 else "are beyond their limits"
        return (
            f"{batch} has not drifted: {len(beyond)} of {features} features {are} ({named(beyond)}), "
            f"and that many are tolerated."
        )
    return f"{batch} has not drifted: the scores and all {features} features are within their limits."
