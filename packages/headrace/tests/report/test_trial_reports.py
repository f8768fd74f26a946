"""The reports of cross-validation and backtesting say what there is, however much or little that is."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from reports import Document

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


def backtested(cutoffs: int, *, knows: float = 0.0, delay: float = 0.0) -> Document:
    """Return the report of models that know that much, from nothing to how likely each label is."""
    random = np.random.default_rng(0)
    timestamps = tuple(START + timedelta(days=20 + 10 * index) for index in range(cutoffs))
    time = [timestamps[0] + timedelta(hours=hour) for hour in range(240 * cutoffs)]
    score = random.uniform(0.1, 0.9, len(time))
    likely = knows * score + (1 - knows) * 0.5
    rows = pl.DataFrame(
        {"time": time, "label": (random.random(len(time)) < likely).astype(np.int8), "score": score}
    )
    predictions = {
        index: rows.filter(pl.col("time") >= timestamp) for index, timestamp in enumerate(timestamps)
    }
    settings = Cutoffs(step_days=10, horizon_days=10, label_delay_days=delay)
    found = backtest_of(
        windows_of(timestamps, 10),
        predictions,
        dict.fromkeys(range(cutoffs), 0.5),
        "log_loss",
        settings.tolerated_cost,
    )
    parts = tuple(part(index, cutoff=True) for index in range(cutoffs))
    given = trials(parts, 1, TrialSettings(cutoffs=settings))
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
        "log loss by cut-off, retrained and kept",
        "The cut-offs over time",
    ]


def test_a_model_that_does_not_age_need_not_be_retrained_often() -> None:
    """Six cut-offs of one and the same model: the answer comes first, and what could not be judged is said."""
    document = backtested(6, knows=1)
    assert "Every 40 days Retrain every 40 days: against every 10 days it costs 0.0000" in document.text
    assert f"every 50 days +0.0000 {MISSING} 0.0% 2 " in document.text
    assert "not judged: 2 windows" in document.text
    assert len(drawings(document)) == 4


def test_a_model_that_gains_nothing_has_no_interval() -> None:
    """Worse than a constant it has nothing to lose: undecided, no limit is drawn, and each line says so."""
    document = backtested(6)
    assert (
        "Undecided No retraining interval can be recommended: on average over 6 windows the model is"
        in document.text
    )
    assert "not judged: no gain to lose" in document.text
    assert "here it gains nothing, and no time is judged" in document.text
    assert "The dotted line is no cost." in document.text


def test_a_backtest_says_what_is_tolerated_and_how_its_models_differ() -> None:
    """The share of the gain, and that the training pipeline registers a model that has not seen its newest rows."""
    document = backtested(6, knows=1)
    assert (
        "is at most 10.0% of what the model, always retrained, gains over a constant: of 0." in document.text
    )
    assert "it keeps the newest share of the rows, split.test , to evaluate the model on" in document.text
    assert "A model here has learned from all rows up to its cut-off." in document.text
    late = backtested(2, delay=3)
    assert "A model here has learned from all rows whose label was known at its cut-off." in late.text


UNKNOWN = "label not known yet"


def test_late_labels_leave_a_gap_that_is_drawn_and_reported() -> None:
    """The gap ends at the cut-off or the first test row, and is as long as the delay; without one there is none."""
    by_cutoff = backtested(2, delay=3)
    gap = f"cutoff-1 {UNKNOWN} 2026-01-18 to 2026-01-21; cutoff-1 horizon 2026-01-21 to"
    assert gap in drawings(by_cutoff)[-1]
    assert (
        "A label is known 3 days after its row: rows whose label was not known at the cut-off"
        in by_cutoff.text
    )
    by_time = cross_validated(1, Folds(folds=3, label_delay_days=1))
    assert f"fold-1 {UNKNOWN} 2026-01-20 to 2026-01-21; fold-1 test" in drawings(by_time)[-1]
    assert (
        "A label is known 1 day after its row: rows whose label was not known at the first row"
        in by_time.text
    )
    for document in (backtested(2), cross_validated(1, Folds(folds=3))):
        assert UNKNOWN not in document.html
        assert "A label is known" not in document.text


@pytest.mark.parametrize(
    ("holdout", "words"), [(None, "The newest 20.0% of the rows"), (0.3, "The newest 30.0%")]
)
def test_the_holdout_is_reported_as_it_was(holdout: float | None, words: str) -> None:
    """A job that was given none held out as much as it says."""
    assert words in cross_validated(1, Folds(folds=3, holdout=holdout)).text
