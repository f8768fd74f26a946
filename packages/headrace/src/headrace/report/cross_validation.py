"""The report of a cross-validation."""

import altair as alt

from headrace.evaluation import LOWER_IS_BETTER, METRIC_WORDS
from headrace.report.drawing import MODEL, MUTED, OTHER, Chart
from headrace.report.metric_rows import MEANINGS
from headrace.report.templates import rendered
from headrace.report.trial_charts import (
    Line,
    Span,
    Whisker,
    layout_chart,
    learning_spans,
    line_chart,
    whisker_chart,
)
from headrace.settings import Folds
from headrace.validation.cross_validation import CandidateResult, CrossValidation, summary_of, words_of
from headrace.validation.trials import Failure, Trials

MOST_DRAWN = 20
METHODS = {
    "time": "A fold tests on a block of rows and trains on all rows before it: an expanding window, as in "
    "production, where the future is not known.",
    "stratified": "Rows are dealt to folds at random, each with the same share of positive rows. Such folds know "
    "rows that are newer than those they are tested on.",
    "grouped": "All rows of a group are in one fold, so that no fold is tested on a group that it has trained on.",
}


def cross_validation_report(found: CrossValidation, trials: Trials, failures: tuple[Failure, ...]) -> str:
    """Return the report as one HTML document that needs no network, no script and no other file."""
    folds = trials.settings.folds or Folds()
    sections = [
        ("candidates", "Candidates"),
        ("folds", "Folds"),
        ("layout", "Layout"),
        ("measured", "How it was measured"),
        *([("failures", "Failures")] if failures else []),
    ]
    return rendered(
        "cross_validation",
        title=f"Cross-validation of {trials.package}",
        sections=sections,
        found=found,
        summary=summary_of(found),
        chosen=found.result(found.chosen),
        trials=trials,
        failures=failures,
        folds=folds,
        method=METHODS[folds.method],
        metric=METRIC_WORDS[found.metric],
        meaning=MEANINGS[found.metric][1],
        lower=found.metric in LOWER_IS_BETTER,
        words=words_of,
        candidate_charts=_candidate_charts(found),
        fold_chart=_fold_chart(found, trials),
        layout=_layout(trials) if folds.method == "time" else None,
    )


def _candidate_charts(found: CrossValidation) -> list[Chart]:
    """Return each candidate's mean, and how far it is behind the best; one candidate has nothing to compare."""
    compared = [each for each in found.candidates if each.compared]
    if len(compared) < 2:  # noqa: PLR2004 - what it takes to compare
        return []
    drawn = compared[:MOST_DRAWN]
    metric = METRIC_WORDS[found.metric]
    selection = f"The best {len(drawn)} of {len(compared)} are drawn. " if len(drawn) < len(compared) else ""
    means = whisker_chart(
        [
            Whisker(
                _name(each),
                each.estimate.mean,
                each.estimate.low,
                each.estimate.high,
                _is_chosen(each, found),
            )
            for each in drawn
        ],
        title=f"{metric[0].upper()}{metric[1:]} over folds",
        axis=f"{metric}, mean over folds",
        caption=f"{selection}Bars are 95 % intervals of the mean; blue is chosen. They say how well the model is "
        "known, not which candidate is better: all were tested on the same folds.",
    )
    behind = whisker_chart(
        [
            Whisker(
                _name(each),
                each.behind.mean if each.behind else 0.0,
                each.behind.mean - (each.behind.standard_error or 0) if each.behind else None,
                each.behind.mean + (each.behind.standard_error or 0) if each.behind else None,
                _is_chosen(each, found),
            )
            for each in drawn
        ],
        title="Behind the best",
        axis=f"{metric} worse than the best's, on the same folds",
        caption="Bars are one standard error of the paired difference. Where a bar reaches the dotted line the "
        "candidate is as good as the best, as far as one can tell; the simplest of these is chosen.",
        lines=[0.0],
    )
    return [means, behind]


def _fold_chart(found: CrossValidation, trials: Trials) -> Chart:
    order = [part.part for part in trials.parts]
    highlighted = list(dict.fromkeys([found.chosen, found.best]))

    def line(each: CandidateResult, name: str, colour: str, dash: tuple[int, int] = (1, 0)) -> Line:
        return Line(name, [(fold, each.folds[fold]) for fold in order if fold in each.folds], colour, dash)

    others = [
        line(each, "", MUTED)
        for each in found.candidates
        if each.compared and each.candidate not in highlighted
    ]
    lines = [
        line(
            found.result(found.chosen),
            f"{found.chosen}, chosen" if len(found.candidates) > 1 else "model",
            MODEL,
        )
    ]
    if found.best != found.chosen:
        lines.append(line(found.result(found.best), f"{found.best}, best mean", OTHER, (6, 3)))
    constant = [(fold, found.constant[fold]) for fold in order if fold in found.constant]
    lines.append(Line("constant", constant, MUTED, (2, 3)))
    metric = METRIC_WORDS[found.metric]
    text = ", ".join(f"{fold} {value:.4f}" for fold, value in found.result(found.chosen).folds.items())
    rest = " Grey lines are the other candidates." if others else ""
    return line_chart(
        [*others, *lines],
        x=alt.X("x:N", sort=order, axis=alt.Axis(title=None, labelAngle=0)),
        y_title=metric,
        title=f"{metric[0].upper()}{metric[1:]} by fold",
        description=f"{metric} of {found.chosen} by fold: {text}.",
        caption=f"The constant always says the positive share of the rows before the test.{rest}",
    )


def _layout(trials: Trials) -> Chart:
    delay = (trials.settings.folds or Folds()).label_delay_days
    spans = [
        span
        for part in trials.parts
        for span in (
            *learning_spans(part, part.test_first, delay),
            Span(part.part, "test", part.test_first, part.test_last),
        )
    ]
    return layout_chart(
        spans,
        title="The folds over time",
        caption="Each fold's model learns from the blue rows and is judged on the orange ones, which come after.",
    )


def _name(each: CandidateResult) -> str:
    number = each.candidate.removeprefix("candidate-")
    return f"{number}: {words_of(each)}"


def _is_chosen(each: CandidateResult, found: CrossValidation) -> bool:
    return each.candidate == found.chosen
