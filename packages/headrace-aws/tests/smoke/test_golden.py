"""Golden rows compared: with the training, and between two environments."""

import pytest

from headrace.golden import GoldenScores
from headrace.settings import record_of
from headrace_aws.smoke.check import lines
from headrace_aws.smoke.golden import skew_check, training_checks

SCORED = GoldenScores(
    artefact="a" * 64,
    trained_by="c0ffee",
    image="mill@sha256:1",
    rows=[{"age": age} for age in range(8)],
    trained=[age / 10 for age in range(8)],
    scores=[age / 10 for age in range(8)],
    disagreement="",
    versions={"numpy": "2.4.6", "python": "3.11.7"},
    machine="Linux-x86_64",
)


def shifted(by: float, rows: int = 8) -> list[float]:
    """Return the scores with the first rows shifted."""
    return [score + by if row < rows else score for row, score in enumerate(SCORED.scores)]


def test_the_same_scores_pass() -> None:
    """Of a model that scores as at its training it is said that it scores, and that this code predicts with it."""
    checks = training_checks(SCORED, "mill")
    assert [(check.subject, check.result) for check in checks] == [
        ("golden rows of mill", "passed"),
        ("inference", "passed"),
    ]
    assert skew_check(SCORED, SCORED, "dev").result == "passed"


@pytest.mark.parametrize(("by", "result"), [(1e-7, "passed"), (1e-4, "failed")])
def test_a_training_may_have_been_on_another_processor(by: float, result: str) -> None:
    """The last bits of a 32-bit score may differ from those of the training, and no more."""
    check = training_checks(SCORED.model_copy(update={"scores": shifted(by)}), "mill")[0]
    assert check.result == result


@pytest.mark.parametrize(("by", "result"), [(1e-10, "passed"), (1e-8, "failed")])
def test_two_environments_score_alike(by: float, result: str) -> None:
    """One image on one model: less may differ than from a training."""
    assert skew_check(SCORED, SCORED.model_copy(update={"scores": shifted(by)}), "dev").result == result


def test_a_difference_names_row_scores_and_both_sides() -> None:
    """A failed check has the rows with both scores, image and libraries of each side, and a remedy."""
    here = SCORED.model_copy(
        update={
            "scores": shifted(0.25, rows=2),
            "image": "mill@sha256:2",
            "versions": {"numpy": "2.5.0", "python": "3.11.7"},
        }
    )
    assert lines(skew_check(SCORED, here, "dev")) == [
        "FAILED  skew against dev                  the same model scores otherwise, by up to 0.25",
        "        row 0: 0.0 in dev, 0.25 here",
        "        row 1: 0.1 in dev, 0.35 here",
        "        dev: image mill@sha256:1, numpy 2.4.6, python 3.11.7, Linux-x86_64",
        "        here: image mill@sha256:2, numpy 2.5.0, python 3.11.7, Linux-x86_64",
        f"        remedy: {skew_check(SCORED, here, 'dev').remedy}",
    ]


def test_a_score_that_is_none_survives_its_file() -> None:
    """It is null, which JSON has and NaN is not, so that it is reported and no error of another kind."""
    golden = SCORED.model_copy(update={"scores": [None, *SCORED.scores[1:]]})
    read = record_of(GoldenScores, golden.model_dump_json(), "golden.json")
    assert read.scores[0] is None
    assert read.scores[1:] == golden.scores[1:]


def test_a_score_that_is_none_is_a_difference_wherever_it_stands() -> None:
    """One null among equal scores fails: it is neither larger nor smaller than a tolerance."""
    scores = [*SCORED.scores[:-1], None]
    here = SCORED.model_copy(update={"scores": scores})
    assert "row 7: 0.7 in dev, no number here" in skew_check(SCORED, here, "dev").details
    assert training_checks(here, "mill")[0].result == "failed"


def test_many_rows_are_counted() -> None:
    """The first rows stand for all, whose number is reported."""
    check = skew_check(SCORED, SCORED.model_copy(update={"scores": shifted(0.25)}), "dev")
    assert check.details.count("row ") == 5
    assert "and 3 rows more" in check.details


def test_another_model_proves_nothing() -> None:
    """Equal scores of two models are no proof."""
    check = skew_check(SCORED, SCORED.model_copy(update={"artefact": "b" * 64}), "dev")
    assert check.result == "failed"
    assert "two models were scored, not one" in check.details


def test_a_model_of_other_features_waits_for_a_training() -> None:
    """A release may change the features: then the old model cannot predict, which is reported and is no fault of it."""
    golden = SCORED.model_copy(update={"disagreement": "feature 'age' has changed; train"})
    check = training_checks(golden, "mill")[1]
    assert (check.result, check.details) == ("noted", "not yet: feature 'age' has changed; train")
