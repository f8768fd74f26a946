"""The reports of cross-validation and backtesting say what there is, however much or little that is."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from headrace.metrics import metrics_of
from headrace.report.backtesting import backtesting_report
from headrace.report.cross_validation import cross_validation_report
from headrace.report.numbers import MISSING
from headrace.settings import Cutoffs, Folds
from headrace.validation.backtesting import backtest_of
from headrace.validation.candidates import Candidate
from headrace.validation.cross_validation import TrialResult, cross_validation_of
from headrace.validation.cutoffs import iso, windows_of
from headrace.validation.parts import PartFacts
from headrace.validation.trials import Failure, Trials, TrialSettings, trials_of
from tests.headrace.report.reports import Document

START = datetime(2026, 1, 1, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"' onload='x' {{ 7*7 }} & "


def part(number: int, *, cutoff: bool = False) -> PartFacts:
    """Return what the n-th part holds, ten days each."""
    days = [iso(START + timedelta(days=10 * (number + step))) for step in range(4)]
    return PartFacts(
        part=f"{'cutoff' if cutoff else 'fold'}-{number + 1}",
        cutoff=days[2] if cutoff else None,
        train_first=days[0],
        train_last=days[1],
        validation_first=days[1],
        validation_last=days[2],
        test_first=days[2],
        test_last=iso(START + timedelta(days=100)) if cutoff else days[3],
        rows={"train": 100, "validation": 20, "test": 50},
        positives={"train": 30, "validation": 5, "test": 20},
    )


def trials(parts: tuple[PartFacts, ...], candidates: int, settings: TrialSettings, word: str = "") -> Trials:
    """Return the trials of candidates that differ by one hyperparameter."""
    tried = tuple(
        Candidate(
            candidate=f"candidate-{index + 1}",
            hyperparameters={f"{word}depth": f"{word}{index}"} if candidates > 1 else {},
            complexity=(index,),
        )
        for index in range(candidates)
    )
    return Trials(
        package=f"{word}package",
        trials=trials_of([each.part for each in parts], tried, searched=candidates > 1),
        parts=parts,
        candidates=tried,
        settings=settings,
        data_fingerprint="da7a" * 16,
    )


def cross_validated(
    candidates: int, folds: Folds, word: str = "", failures: tuple[Failure, ...] = ()
) -> Document:
    """Return the report of made results."""
    random = np.random.default_rng(0)
    label = random.integers(0, 2, 50).astype(np.int8)
    given = trials(tuple(map(part, range(folds.folds))), candidates, TrialSettings(folds=folds), word)
    constant = metrics_of(label, np.full(50, 0.4))
    results = {
        trial.trial: TrialResult(
            metrics=constant.model_copy(update={"log_loss": random.uniform(0.4, 0.6)}), constant=constant
        )
        for trial in given.trials
    }
    found = cross_validation_of(given, results, "log_loss")
    return Document(cross_validation_report(found, given, failures))


def backtested(cutoffs: int) -> Document:
    """Return the report of models that know nothing."""
    random = np.random.default_rng(0)
    moments = tuple(START + timedelta(days=20 + 10 * index) for index in range(cutoffs))
    time = [moments[0] + timedelta(hours=hour) for hour in range(240 * cutoffs)]
    rows = pl.DataFrame(
        {
            "time": time,
            "label": random.integers(0, 2, len(time)),
            "score": random.uniform(0.1, 0.9, len(time)),
        }
    )
    predictions = {index: rows.filter(pl.col("time") >= moment) for index, moment in enumerate(moments)}
    found = backtest_of(
        windows_of(moments, 10), predictions, dict.fromkeys(range(cutoffs), 0.5), "average_precision"
    )
    parts = tuple(part(index, cutoff=True) for index in range(cutoffs))
    given = trials(parts, 1, TrialSettings(cutoffs=Cutoffs(step_days=10, horizon_days=10)))
    return Document(backtesting_report(found, given, ()))


def drawings(document: Document) -> list[str]:
    """Return what each drawing shows, in words."""
    return [str(each["aria-label"]) for each in document.elements("svg")]


def test_many_candidates_are_all_listed_and_the_best_drawn() -> None:
    """Of sixty candidates the best twenty are drawn, and the report stays small."""
    document = cross_validated(60, Folds(folds=5))
    assert "The best 20 of 60 are drawn." in document.text
    assert all(f"candidate-{index} depth = {index - 1}" in document.text for index in range(1, 61))
    assert len(document.html.encode()) < 400_000
    assert len(drawings(document)) == 4


def test_one_candidate_has_nothing_to_compare() -> None:
    """The two charts that compare are left out, and no candidate is called chosen for its simplicity."""
    document = cross_validated(1, Folds(folds=3))
    assert "The model reaches log loss" in document.text
    assert "best mean" not in document.text
    assert "candidate-1, chosen" not in document.text
    assert len(drawings(document)) == 2


@pytest.mark.parametrize("folds", [Folds(method="stratified"), Folds(method="grouped", group="shop")])
def test_random_folds_have_no_layout_over_time(folds: Folds) -> None:
    """Their rows lie all over the time; the table of parts remains."""
    document = cross_validated(2, folds)
    assert not [text for text in drawings(document) if "over time" in text]
    assert "Nadeau and Bengio, 2003" in document.text


def test_hostile_words_stay_text() -> None:
    """Markup in a package, a hyperparameter or a failure is shown, and adds no element."""
    failure = Failure(trial="fold-1", reason=f"{HOSTILE}out of memory")
    document = cross_validated(3, Folds(folds=3), HOSTILE, (failure,))
    assert not {"script", "img"} & {tag for tag, _ in document.tags}
    for word in ("package", "depth", "out of memory"):
        assert " ".join((HOSTILE + word).split()) in document.text


def test_one_cutoff_is_enough_for_a_report() -> None:
    """There is no age to compare, and the answer says how many cut-offs it takes."""
    document = backtested(1)
    assert "Undecided No retraining interval can be recommended: it takes 4 cut-offs" in document.text
    assert [text.split(":")[0] for text in drawings(document)] == [
        "average precision by cut-off, retrained and kept",
        "The cut-offs over time",
    ]


def test_a_model_that_does_not_age_need_not_be_retrained_often() -> None:
    """Six cut-offs of one and the same model: the answer comes first, and what could not be judged is said."""
    document = backtested(6)
    assert "Every 40 days Retrain every 40 days: against every 10 days it costs 0.0000" in document.text
    assert f"every 50 days +0.0000 {MISSING} 0.0% " in document.text
    assert "not judged: 2 windows" in document.text
    assert len(drawings(document)) == 4
