"""The rules that a batch is judged by, each with the figure that it judged."""

from collections.abc import Callable

from headrace.drift.features import FeatureDrift, Measured
from headrace.evaluation import Rule
from headrace.settings import DriftLimits

FEATURES_NAMED = 5
RAISED = "the limit is what so few rows reach by chance"


def rules_of(limits: DriftLimits, features: list[FeatureDrift], scores: Measured) -> tuple[Rule, ...]:
    """Return every rule; `features` stand in the order of their severity."""
    return (
        _distributions(limits, features),
        _worst("share of unseen values", limits.unseen_share, features, lambda feature: feature.unseen),
        _worst("rise of missing values", limits.missing_share, features, lambda feature: feature.missing),
        Rule(
            name=f"Kolmogorov-Smirnov statistic of the scores at most {limits.kolmogorov_smirnov:g}",
            value=scores.value,
            limit=scores.limit,
            passed=not scores.beyond,
            note=RAISED if scores.limit > limits.kolmogorov_smirnov else "",
        ),
    )


def named(names: list[str]) -> str:
    """Return the first names in words, and how many more there are."""
    more = f" and {len(names) - FEATURES_NAMED} more" if len(names) > FEATURES_NAMED else ""
    return ", ".join(names[:FEATURES_NAMED]) + more


def _distributions(limits: DriftLimits, features: list[FeatureDrift]) -> Rule:
    beyond = [feature.name for feature in features if feature.moved]
    share = len(beyond) / len(features)
    return Rule(
        name=f"share of features beyond PSI {limits.psi:g} or Jensen-Shannon distance {limits.jensen_shannon:g} "
        f"at most {limits.tolerated_features:g}",
        value=share,
        limit=limits.tolerated_features,
        passed=share <= limits.tolerated_features,
        note=f"{len(beyond)} of {len(features)} features{': ' if beyond else ''}{named(beyond)}",
    )


def _worst(
    measure: str,
    limit: float,
    features: list[FeatureDrift],
    measured_of: Callable[[FeatureDrift], Measured | None],
) -> Rule:
    """Return one rule for all features that have the measure, with the worst of them."""
    judged = [(measured, feature.name) for feature in features if (measured := measured_of(feature))]
    name = f"{measure} at most {limit:g} in every feature"
    if not judged:
        return Rule(name=name, value=None, limit=limit, passed=True, note="the model has no category")
    worst, worst_name = max(judged, key=lambda pair: pair[0].severity)
    beyond = [feature for measured, feature in judged if measured.beyond]
    notes = [
        (
            f"{len(beyond)} of {len(judged)} features beyond: {named(beyond)}"
            if beyond
            else f"worst: {worst_name}"
        ),
        RAISED if worst.limit > limit else "",
    ]
    return Rule(
        name=name,
        value=worst.value,
        limit=worst.limit,
        passed=not beyond,
        note="; ".join(filter(None, notes)),
    )
