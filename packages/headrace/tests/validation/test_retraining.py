"""Retraining: what waiting costs follows from the costs of age, and only what is sure is recommended."""

import numpy as np
import pytest

from headrace.validation.retraining import Costs, Retraining, retraining_of


def costs(by_age: list[float], noise: float = 0.0, seed: int = 0) -> Costs:
    """Return the costs of so many cut-offs, when a model loses `by_age` in every window, more or less."""
    random = np.random.default_rng(seed)
    found = np.full((len(by_age), len(by_age)), np.nan)
    for window in range(len(by_age)):
        for age in range(1, window + 1):
            found[window, age] = by_age[age] + random.normal(0, noise)
        found[window, 0] = 0
    return found


def said_of(given: Costs, gain: float = 0.05) -> Retraining:
    """Return what is said of a model that may lose a tenth of its gain in log loss, retrained every 30 days."""
    return retraining_of(given, metric="log_loss", gain=gain, tolerated_cost=0.1, step_days=30)


def found(by_age: list[float], noise: float = 0.0, gain: float = 0.05) -> Retraining:
    """Return the same by what models of each age lose."""
    return said_of(costs(by_age, noise), gain)


def test_waiting_costs_the_mean_of_the_ages_that_it_makes() -> None:
    """Who retrains at every third step uses ages 0, 1 and 2 equally often; only windows that have them all count."""
    waiting = found([0, 0.002, 0.004, 0.008, 0.01, 0.012]).waiting
    assert [each.steps for each in waiting] == [2, 3, 4, 5, 6]
    assert waiting[1].cost.mean == pytest.approx((0 + 0.002 + 0.004) / 3)
    assert waiting[1].cost.count == 4
    assert waiting[1].of_gain == pytest.approx(0.04)
    assert waiting[1].days == 90


def test_the_longest_tolerable_time_is_recommended() -> None:
    """With a limit of 0.005, ages that cost 0, 2, 4, 8 and 20 thousandths allow four steps and not five."""
    said = found([0, 0.002, 0.004, 0.008, 0.02, 0.03, 0.04, 0.05])
    assert said.limit == pytest.approx(0.005)
    assert said.recommended_days == 120
    assert said.sentence == (
        "Retrain every 120 days: against every 30 days it costs 0.0035 of log loss on average (7.0% of the gain over a "
        "constant; 95 % interval +0.0035 to +0.0035), within the tolerated 10% of it (0.0050). Every 150 days costs "
        "0.0068 of log loss on average (13.6% of the gain over a constant; 95 % interval +0.0068 to +0.0068)."
    )


def test_a_model_that_does_not_age_may_wait_as_long_as_was_measured() -> None:
    """What is longer could not be judged, and the sentence says so."""
    said = found([0] * 8, noise=0.0005)
    assert said.recommended_days == 180
    assert "Longer times could not be judged" in said.sentence
    assert [each.verdict for each in said.waiting[-2:]] == ["not judged: 2 windows", "not judged: 1 window"]


def test_a_model_that_ages_fast_is_retrained_at_every_step() -> None:
    """The first step of waiting surely costs something, and more than tolerated."""
    said = found([0] + [0.05] * 7, noise=0.002)
    assert said.recommended_days == 30
    assert said.sentence.startswith("Retrain every 30 days: every 60 days costs 0.02")
    assert said.waiting[0].verdict == "costs more than tolerated"
    assert said.sentence.endswith(
        "), more than the tolerated 10% of it (0.0050). Shorter times were not measured."
    )


def test_a_cost_that_is_sure_and_may_be_too_much_is_not_waited_for() -> None:
    """Between 0.003 and 0.006, where 0.005 is tolerated: the sentence says both."""
    unsure = costs([0.0] * 7)
    unsure[1:, 1] = [0.006, 0.012, 0.007, 0.011, 0.008, 0.010]
    said = said_of(unsure)
    assert said.recommended_days == 30
    assert "surely something, and perhaps more than the tolerated 10% of it" in said.sentence


def test_noise_recommends_nothing() -> None:
    """That a cost cannot be told from zero is no proof that it is small."""
    said = found([0] * 8, noise=0.05)
    assert said.recommended_days is None
    assert "7 windows cannot tell which is more" in said.sentence
    assert said.waiting[0].verdict == "may cost more than tolerated"


def test_a_small_mean_alone_is_no_proof() -> None:
    """Windows that cost 0.04 and gain 0.04 in turn cost nothing on average, and may cost more than tolerated."""
    swinging = costs([0.0] * 7)
    swinging[1:, 1] = [0.04, -0.04] * 3
    said = said_of(swinging)
    assert said.waiting[0].cost.mean == pytest.approx(0)
    assert (said.waiting[0].tolerable, said.recommended_days) == (False, None)


def test_what_is_tolerated_is_a_share_of_the_gain() -> None:
    """A model that gains 0.003 over a constant is not left to lose 0.0012 of it, however large its log loss is."""
    lost = [0] + [0.0024] * 7
    assert found(lost, gain=0.05).recommended_days == 180
    said = found(lost, gain=0.003)
    assert said.limit == pytest.approx(0.0003)
    assert said.recommended_days == 30
    assert said.sentence.startswith(
        "Retrain every 30 days: every 60 days costs 0.0012 of log loss on average (40.0% of the gain over a constant;"
    )


@pytest.mark.parametrize(("gain", "words"), [(0.0, "as good as"), (-0.02, "0.0200 of log loss worse than")])
def test_a_model_without_gain_has_nothing_to_lose(gain: float, words: str) -> None:
    """No time is recommended or called tolerable where a constant would do as well, and the sentence says why."""
    said = found([0] * 8, gain=gain)
    assert (said.recommended_days, said.limit) == (None, None)
    assert said.sentence == (
        f"No retraining interval can be recommended: on average over 8 windows the model is {words} a constant, "
        f"so there is no gain that waiting could lose."
    )
    assert {(each.verdict, each.of_gain, each.tolerable) for each in said.waiting[:5]} == {
        ("not judged: no gain to lose", None, False)
    }


@pytest.mark.parametrize("cutoffs", [1, 2, 3])
def test_few_cutoffs_recommend_nothing(cutoffs: int) -> None:
    """Three windows of models of both ages take four cut-offs."""
    said = found([0] * cutoffs)
    assert said.recommended_days is None
    assert said.sentence.endswith(f"to compare models of different age, and there are {cutoffs}.")
