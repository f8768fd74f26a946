"""The gate: each rule passes and fails by its figure, and the verdict lists them all."""

import pytest

from headrace.evaluation import Gain, Metrics, Slice
from headrace.gate import verdict_of
from headrace.settings import Gate


def metrics(*, roc_auc: float | None = 0.7, log_loss: float = 0.5, rows: int = 1000) -> Metrics:
    """Return metrics that differ in what a rule looks at."""
    return Metrics(
        rows=rows,
        positive_share=0.2,
        mean_score=0.2,
        roc_auc=roc_auc,
        average_precision=0.4,
        log_loss=log_loss,
        brier=0.16,
    )


def part(value: str, roc_auc: float | None, rows: int) -> Slice:
    """Return a slice of a column."""
    return Slice(column="colour", value=value, metrics=metrics(roc_auc=roc_auc, rows=rows))


GAIN = Gain(mean=0.05, low=0.03, high=0.07)
GATE = Gate(
    floor={"roc_auc": 0.65, "log_loss": 0.54},
    champion_tolerance={"roc_auc": 0.01, "log_loss": 0.01},
    slice_floor={"roc_auc": 0.6},
    slice_minimum_rows=100,
)
GOOD_SLICES = (part("red", 0.7, 500), part("blue", 0.66, 500))

CASES = {
    "good, no champion": (metrics(), None, GOOD_SLICES, []),
    "good, as the champion": (metrics(), metrics(), GOOD_SLICES, []),
    "worse within the tolerance": (metrics(roc_auc=0.695, log_loss=0.505), metrics(), GOOD_SLICES, []),
    "below the floor": (metrics(roc_auc=0.64), None, GOOD_SLICES, ["roc_auc at least 0.65"]),
    "above the floor of a loss": (metrics(log_loss=0.545), None, GOOD_SLICES, ["log_loss at most 0.54"]),
    "worse than the champion": (
        metrics(roc_auc=0.68, log_loss=0.52),
        metrics(),
        GOOD_SLICES,
        [
            "roc_auc not worse than the champion's by more than 0.01",
            "log_loss not worse than the champion's by more than 0.01",
        ],
    ),
    "a slice collapsed": (
        metrics(),
        None,
        (*GOOD_SLICES, part("green", 0.5, 500)),
        ["roc_auc at least 0.6 in every slice"],
    ),
    "a small slice is not judged": (metrics(), None, (*GOOD_SLICES, part("green", 0.5, 99)), []),
    "a slice of one class is not judged": (metrics(), None, (*GOOD_SLICES, part("green", None, 500)), []),
    "no figure": (metrics(roc_auc=None), None, GOOD_SLICES, ["roc_auc at least 0.65"]),
}


@pytest.mark.parametrize(("found", "champion", "slices", "failed"), CASES.values(), ids=CASES.keys())
def test_rules(
    found: Metrics, champion: Metrics | None, slices: tuple[Slice, ...], failed: list[str]
) -> None:
    """The rules that fail are those that the figures break, and no other."""
    verdict = verdict_of(GATE, found, GAIN, champion, slices)
    assert [rule.name for rule in verdict.rules if not rule.passed] == failed
    assert verdict.passed is not bool(failed)
    assert verdict.decision == ("refuse" if failed else "pass")
    assert all(name in verdict.summary for name in failed)


@pytest.mark.parametrize(
    ("gain", "margin", "passed"),
    [
        (Gain(mean=0.05, low=0.03, high=0.07), 0, True),
        (Gain(mean=0.05, low=0.03, high=0.07), 0.029, True),
        (Gain(mean=0.05, low=0.03, high=0.07), 0.03, False),
        (Gain(mean=0.001, low=-0.001, high=0.003), 0, False),
        (Gain(mean=0, low=0, high=0), 0, False),
        (Gain(mean=-0.02, low=-0.03, high=-0.01), 0, False),
        (Gain(mean=0.05, note="no interval: fewer than 10 rows"), 0, False),
    ],
)
def test_a_gain_over_a_constant_is_beyond_chance(gain: Gain, margin: float, *, passed: bool) -> None:
    """What counts is the lower end of the interval; without one the rule fails, and says why."""
    verdict = verdict_of(Gate(gain_over_constant=margin), metrics(), gain, None, ())
    (rule,) = verdict.rules
    assert (rule.passed, verdict.passed, rule.value) == (passed, passed, gain.low)
    assert gain.note in rule.note
    assert f"log_loss below that of a constant by more than {margin:g}, beyond chance" in rule.name


def test_the_verdict_names_the_worst_slice() -> None:
    """The slice rule shows its lowest figure, and whose it is."""
    rule = verdict_of(GATE, metrics(), GAIN, None, GOOD_SLICES).rules[-1]
    assert rule.value == 0.66
    assert rule.note == "worst of 2 slices: colour blue, 500 rows"


def test_a_model_that_cannot_be_compared_is_left_to_a_person() -> None:
    """An approved model that is not comparable stops nothing and is not forgotten: the verdict says so, and why."""
    verdict = verdict_of(GATE, metrics(), GAIN, None, GOOD_SLICES, incomparable="its features are others")
    assert verdict.passed
    assert not verdict.compared
    assert "a person decides: its features are others" in verdict.summary
    assert verdict_of(GATE, metrics(), GAIN, None, GOOD_SLICES).compared
