"""The gate: the rules that a model must pass before it is registered, and a verdict that names each figure."""

from collections.abc import Iterator, Mapping

from headrace.evaluation import LOWER_IS_BETTER, RANKING, Gain, Metrics, Rule, Slice, Verdict
from headrace.settings import Gate, Metric


def verdict_of(  # noqa: PLR0913 - what a verdict is made of
    gate: Gate,
    metrics: Metrics,
    gain: Gain,
    champion: Metrics | None,
    slices: tuple[Slice, ...],
    *,
    incomparable: str = "",
) -> Verdict:
    """Return the verdict of all rules; a figure that could not be computed fails its rule.

    `incomparable` says why an approved model could not be compared. That must not stop all further training, and
    no model must slip past the comparison either: one that passes all other rules is left to a person.
    """
    rules = (
        _better_than_constant(gate, gain),
        *_floors(gate, metrics),
        *_champion_rules(gate, metrics, champion),
        *_slice_rules(gate, slices),
    )
    failed = [rule for rule in rules if not rule.passed]
    if failed:
        summary = "The model is refused: " + "; ".join(
            f"{rule.name}, found {found_in(rule)}" for rule in failed
        )
    else:
        summary = f"The model passes all {len(rules)} rules of the gate."
        if incomparable:
            summary += (
                f" It could not be compared with the approved model, so a person decides: {incomparable}."
            )
    return Verdict(
        passed=not failed,
        decision="refuse" if failed else "pass",
        summary=summary,
        compared=not incomparable,
        rules=rules,
    )


def _better_than_constant(gate: Gate, gain: Gain) -> Rule:
    """Return the rule that what a model gains is more than chance gives: one of pure noise gains a little half of the time."""
    limit = gate.gain_over_constant
    note = gain.note if gain.high is None else f"mean {gain.mean:.4f}, upper end {gain.high:.4f}"
    return Rule(
        name=f"log_loss below that of a constant by more than {limit:g}, beyond chance",
        value=gain.low,
        limit=limit,
        passed=gain.low is not None and gain.low > limit,
        note=note,
    )


def _floors(gate: Gate, metrics: Metrics) -> Iterator[Rule]:
    for metric, floor in gate.floor.items():
        yield _rule(f"{metric} {_bound(metric)} {floor:g}", metric, _value(metrics, metric), floor)


def _champion_rules(gate: Gate, metrics: Metrics, champion: Metrics | None) -> Iterator[Rule]:
    if champion is not None:
        yield from tolerance_rules(gate.champion_tolerance, metrics, champion, "the champion's")


def tolerance_rules(
    tolerance: Mapping[Metric, float], metrics: Metrics, reference: Metrics, whose: str
) -> Iterator[Rule]:
    """Yield a rule per metric: not worse than that of a reference, named by `whose`, by more than tolerated."""
    for metric, tolerated in tolerance.items():
        name = f"{metric} not worse than {whose} by more than {tolerated:g}"
        best = _value(reference, metric)
        limit = None if best is None else best + tolerated if metric in LOWER_IS_BETTER else best - tolerated
        yield _rule(name, metric, _value(metrics, metric), limit)


def _slice_rules(gate: Gate, slices: tuple[Slice, ...]) -> Iterator[Rule]:
    """Yield one rule per metric, with the worst slice that has rows enough to be judged by it."""
    for metric, floor in gate.slice_floor.items():
        judged = [
            (value, part)
            for part in slices
            if part.metrics.rows >= gate.slice_minimum_rows
            and (value := _value(part.metrics, metric)) is not None
            and not (metric in RANKING and part.note)
        ]
        name = f"{metric} {_bound(metric)} {floor:g} in every slice"
        if not judged:
            note = f"no slice has both classes, {gate.slice_minimum_rows:,} rows, and a sure figure"
            yield Rule(name=name, value=None, limit=floor, passed=True, note=note)
            continue
        pick = max if metric in LOWER_IS_BETTER else min
        value, worst = pick(judged, key=lambda pair: pair[0])
        yield _rule(
            name,
            metric,
            value,
            floor,
            note=f"worst of {len(judged)} slices: {worst.column} {worst.value}, {worst.metrics.rows:,} rows",
        )


def _rule(name: str, metric: Metric, value: float | None, limit: float | None, note: str = "") -> Rule:
    if value is None or limit is None:
        return Rule(
            name=name, value=value, limit=limit, passed=False, note="no figure: the rows have one class only"
        )
    passed = value <= limit if metric in LOWER_IS_BETTER else value >= limit
    return Rule(name=name, value=value, limit=limit, passed=passed, note=note)


def _value(metrics: Metrics, metric: Metric) -> float | None:
    value: float | None = getattr(metrics, metric)
    return value


def _bound(metric: Metric) -> str:
    return "at most" if metric in LOWER_IS_BETTER else "at least"


def found_in(rule: Rule) -> str:
    """Return the figure of a rule in words, with its note."""
    figure = "no figure" if rule.value is None else f"{rule.value:.4f}"
    return f"{figure} ({rule.note})" if rule.note else figure
