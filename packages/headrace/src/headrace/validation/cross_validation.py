"""Cross-validation: how good each candidate is over the folds, and which one to take."""

from collections.abc import Mapping

import numpy as np
from pydantic import Field

from headrace.errors import DataError
from headrace.evaluation import METRIC_WORDS, Metrics, worse_by
from headrace.settings import Metric, Record
from headrace.validation.candidates import Candidate
from headrace.validation.intervals import Estimate, estimate_of
from headrace.validation.trials import Trials

FEWEST_FOLDS = 2  # on fewer nothing can be said of spread


class TrialResult(Record):
    """What a trial's `evaluation.json` has to say here."""

    metrics: Metrics
    constant: Metrics


class CandidateResult(Record):
    """A candidate over the folds that it has results of."""

    candidate: str
    hyperparameters: dict[str, str]
    complexity: tuple[float, ...]
    folds: dict[str, float] = Field(description="The metric by fold.")
    estimate: Estimate = Field(description="The metric over these folds.")
    behind: Estimate | None = Field(
        description="How much worse than the best, paired by fold; None of the best, and of one that misses a fold."
    )
    compared: bool = Field(description="Whether it has results of all folds that candidates are compared on.")


class CrossValidation(Record):
    """What a cross-validation found."""

    metric: Metric
    compared_folds: tuple[str, ...] = Field(
        description="Candidates are compared on these, each on all of them."
    )
    overlap: float = Field(
        description="Rows tested over rows trained on, as intervals are widened for; 0 by time."
    )
    candidates: tuple[CandidateResult, ...] = Field(description="Best mean first, those not compared last.")
    constant: dict[str, float] = Field(
        description="By fold, the metric of always saying the positive share before the test."
    )
    best: str = Field(description="The candidate with the best mean.")
    chosen: str = Field(description="By the one-standard-error rule, the candidate to take.")

    def result(self, candidate: str) -> CandidateResult:
        """Return what was found of a candidate."""
        return next(each for each in self.candidates if each.candidate == candidate)


def cross_validation_of(
    trials: Trials, results: Mapping[str, TrialResult], metric: Metric
) -> CrossValidation:
    """Return what the results, by trial, say of the candidates.

    A mean over other folds is another question: candidates are compared on the same folds only. A candidate that
    misses a fold which others have is set apart; where all of them miss some, they are compared on the folds that
    all have. Raises `DataError` when these are fewer than two.
    """
    figures = _figures(trials, results, metric)
    overlap = _overlap(trials)
    folds = _compared_folds(figures)
    compared = {name: each for name, each in figures.items() if set(folds) <= each.keys()}
    means = {name: float(np.mean([each[fold] for fold in folds])) for name, each in compared.items()}
    best = min(compared, key=lambda name: (worse_by(metric, means[name], 0), _complexity(trials, name)))
    found = [
        CandidateResult(
            candidate=candidate.candidate,
            hyperparameters=candidate.hyperparameters,
            complexity=candidate.complexity,
            folds=own,
            estimate=estimate_of(list(own.values()), overlap),
            behind=(
                _behind(metric, folds, own, compared[best], overlap)
                if candidate.candidate in compared and candidate.candidate != best
                else None
            ),
            compared=candidate.candidate in compared,
        )
        for candidate in trials.candidates
        if (own := figures.get(candidate.candidate))
    ]
    found.sort(key=lambda each: (not each.compared, worse_by(metric, each.estimate.mean, 0)))
    return CrossValidation(
        metric=metric,
        compared_folds=folds,
        overlap=overlap,
        candidates=tuple(found),
        constant={
            trial.part: getattr(results[trial.trial].constant, metric)
            for trial in trials.trials
            if trial.trial in results
        },
        best=best,
        chosen=_chosen(found, best),
    )


def _figures(
    trials: Trials, results: Mapping[str, TrialResult], metric: Metric
) -> dict[str, dict[str, float]]:
    """Return the metric by candidate and fold."""
    figures: dict[str, dict[str, float]] = {}
    for trial in trials.trials:
        if trial.trial in results:
            value = getattr(results[trial.trial].metrics, metric)
            figures.setdefault(trial.candidate, {})[trial.part] = value
    return figures


def _compared_folds(figures: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
    every = {fold: None for each in figures.values() for fold in each}
    if any(set(each) == set(every) for each in figures.values()):
        folds = tuple(every)
    else:
        folds = tuple(fold for fold in every if all(fold in each for each in figures.values()))
    if len(folds) < FEWEST_FOLDS:
        raise DataError(
            f"candidates can be compared on {len(folds)} fold(s) only, and it takes {FEWEST_FOLDS}; "
            f"run the cross-validation again once its failures are mended"
        )
    return folds


def _overlap(trials: Trials) -> float:
    """Return what `estimate_of` widens intervals by.

    For folds by time there is no such correction: they train on ever more rows, and what differs between them
    is the time as well as chance.
    """
    if trials.settings.folds is None or trials.settings.folds.method == "time":
        return 0.0
    shares = [part.rows["test"] / (part.rows["train"] + part.rows["validation"]) for part in trials.parts]
    return float(np.mean(shares))


def _behind(
    metric: Metric,
    folds: tuple[str, ...],
    own: Mapping[str, float],
    best: Mapping[str, float],
    overlap: float,
) -> Estimate:
    return estimate_of([worse_by(metric, own[fold], best[fold]) for fold in folds], overlap)


def _chosen(found: list[CandidateResult], best: str) -> str:
    """Return the simplest candidate that is less than one standard error behind the best.

    The rule is of Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees, section 3.4.3.
    The error here is that of the paired difference (as Yates, Richards and Brook, 2021, Ecology 102, propose):
    some folds are harder than others for every candidate, and that tells nothing of which one is better. A model
    that does not say how complex it is gets the best.
    """
    leader = next(each for each in found if each.candidate == best)
    if not leader.complexity:
        return best
    within = [leader] + [
        each
        for each in found
        if each.behind
        and each.behind.standard_error is not None
        and each.behind.mean <= each.behind.standard_error
    ]
    return min(within, key=lambda each: (each.complexity, each.behind.mean if each.behind else 0)).candidate


def _complexity(trials: Trials, name: str) -> tuple[float, ...]:
    return next(each.complexity for each in trials.candidates if each.candidate == name)


def summary_of(found: CrossValidation) -> str:
    """Return in a sentence or two which candidate to take, and why."""
    chosen, count = found.result(found.chosen), sum(each.compared for each in found.candidates)
    words = METRIC_WORDS[found.metric]
    figures = f"{words} {chosen.estimate.mean:.4f} on average over {chosen.estimate.count} folds"
    if chosen.estimate.low is not None and chosen.estimate.high is not None:
        figures += f" (95 % interval {chosen.estimate.low:.4f} to {chosen.estimate.high:.4f})"
    if count == 1:
        return f"The model reaches {figures}."
    choice = f"Of {count} candidates {found.chosen} ({words_of(chosen)}) is chosen: {figures}."
    if found.chosen == found.best:
        simpler = ", and no simpler one is within one standard error of it" if chosen.complexity else ""
        return f"{choice} It has the best mean{simpler}."
    behind = chosen.behind
    if behind is None or behind.standard_error is None:
        return choice
    return (
        f"{choice} {found.best} ({words_of(found.result(found.best))}) is better by {behind.mean:.4f}, which is less "
        f"than one standard error ({behind.standard_error:.4f}), and {found.chosen} is simpler."
    )


def words_of(result: CandidateResult) -> str:
    """Return a candidate's hyperparameters as one reads them."""
    return Candidate(candidate=result.candidate, hyperparameters=result.hyperparameters).words
