"""Job `aggregate`: what became of each trial -> one summary and one report.

Inputs `trials` (trials.json) and `results`, one folder a trial: evaluation.json in a cross-validation, the predict
job's part-0.parquet in a backtest, failure.json of a trial that failed; outputs `summary` (summary.json) and
`report` (report.html).
"""

import sys
from pathlib import Path
from typing import Literal, get_args

from headrace import container, strict_json
from headrace.arguments import number
from headrace.errors import ConfigurationError
from headrace.report.backtesting import backtesting_report
from headrace.report.cross_validation import cross_validation_report
from headrace.settings import Cutoffs, Metric, settings_of
from headrace.timestamps import parse_timestamp
from headrace.validation.backtesting import CutoffResult, backtest_of
from headrace.validation.cross_validation import cross_validation_of, summary_of
from headrace.validation.cutoffs import windows_of
from headrace.validation.results import check_same_rows, evaluation_in, predictions_in
from headrace.validation.trials import Failure, Trials, check_tolerated, read_trials, results_of

Pipeline = Literal["cross-validation", "backtesting"]
RESULTS: dict[Pipeline, str] = {"cross-validation": "evaluation.json", "backtesting": "part-0.parquet"}
# Of anything: the state machine reads the summary whole. The report has all.
MOST_LISTED = 50


def aggregate(pipeline: Pipeline, metric: Metric, tolerated: float, cutoffs: Cutoffs | None) -> None:
    """Write what the trials found; raise `DataError` when too many of them failed."""
    trials = read_trials(container.processing_input("trials"))
    if (trials.settings.cutoffs is not None) != (pipeline == "backtesting"):
        raise ConfigurationError(
            f"the trials are not of the pipeline {pipeline}; name the one that they are of"
        )
    if cutoffs and cutoffs != trials.settings.cutoffs:
        raise ConfigurationError("--cutoffs are not those that the job `split` was told; give both the same")
    results = container.processing_input("results")
    summary, report, failures = (
        _cross_validated(trials, results, tolerated, metric)
        if pipeline == "cross-validation"
        else _backtested(trials, results, tolerated, metric)
    )
    summary |= {
        "data_fingerprint": trials.data_fingerprint,
        "failed": [failure.model_dump() for failure in failures[:MOST_LISTED]],
    }
    print(summary["summary"])  # noqa: T201 - the job's log
    (container.processing_output("report") / "report.html").write_text(report, encoding="utf-8")
    path = container.processing_output("summary") / "summary.json"
    path.write_text(strict_json.dumps(summary, indent=2), encoding="utf-8")


def _cross_validated(
    trials: Trials, results: Path, tolerated: float, metric: Metric
) -> tuple[dict[str, object], str, tuple[Failure, ...]]:
    """Return summary and report of a cross-validation, and its failures."""
    evaluations, failures = results_of(results, trials, RESULTS["cross-validation"], evaluation_in)
    check_tolerated(failures, trials, tolerated)
    found = cross_validation_of(trials, evaluations, metric)
    chosen, best = found.result(found.chosen), found.result(found.best)
    spread = chosen.estimate.model_dump(include={"standard_deviation", "standard_error", "low", "high"})
    metrics = {metric: chosen.estimate.mean} | {
        f"{metric}_{name}": value for name, value in spread.items() if value is not None
    }
    summary: dict[str, object] = {
        "summary": summary_of(found),
        "metrics": metrics
        | {"folds": chosen.estimate.count, "candidates": len(trials.candidates), "failed": len(failures)},
        "best": {
            "candidate": found.chosen,
            "hyperparameters": chosen.hyperparameters,
            "one_standard_error": {
                "best_mean": found.best,
                "best_mean_hyperparameters": best.hyperparameters,
                "behind": chosen.behind.mean if chosen.behind else 0.0,
                "standard_error": chosen.behind.standard_error if chosen.behind else None,
            },
        },
        "candidates": [each.model_dump() for each in found.candidates[:MOST_LISTED]],
    }
    return summary, cross_validation_report(found, trials, failures), failures


def _backtested(
    trials: Trials, results: Path, tolerated: float, metric: Metric
) -> tuple[dict[str, object], str, tuple[Failure, ...]]:
    """Return summary and report of a backtest, and its failures."""
    scored, failures = results_of(results, trials, RESULTS["backtesting"], predictions_in)
    check_tolerated(failures, trials, tolerated)
    cutoffs = trials.settings.cutoffs or Cutoffs()
    windows = windows_of(
        tuple(parse_timestamp(part.cutoff or "", "cut-off") for part in trials.parts), cutoffs.horizon_days
    )
    predictions = {
        number: scored[part.part] for number, part in enumerate(trials.parts) if part.part in scored
    }
    check_same_rows(predictions)
    shares = {number: part.share_before_test for number, part in enumerate(trials.parts)}
    found = backtest_of(windows, predictions, shares, metric, cutoffs.tolerated_cost)
    retraining = found.retraining
    frozen = [getattr(each.frozen, metric) for each in found.cutoffs]
    retrained = [getattr(each.retrained, metric) for each in found.cutoffs]
    metrics: dict[str, float] = {
        metric: sum(retrained) / len(retrained),
        f"frozen_{metric}": sum(frozen) / len(frozen),
        "cutoffs": len(found.cutoffs),
        "failed": len(failures),
    }
    if retraining.recommended_days is not None:
        metrics["recommended_interval_days"] = retraining.recommended_days
    summary: dict[str, object] = {
        "summary": retraining.sentence,
        "metrics": metrics,
        "recommended_interval_days": retraining.recommended_days,
        "cutoffs": [_cutoff(each, metric) for each in found.cutoffs[-MOST_LISTED:]],
        "ages": [each.model_dump() for each in found.ages[:MOST_LISTED]],
        "waiting": [each.model_dump() for each in retraining.waiting[:MOST_LISTED]],
    }
    return summary, backtesting_report(found, trials, failures), failures


def _cutoff(found: CutoffResult, metric: Metric) -> dict[str, object]:
    """Return what the summary has of a cut-off: its horizon and the metric of each contender there."""
    return {
        "number": found.number,
        "cutoff": found.cutoff,
        "until": found.until,
        "rows": found.retrained.rows,
        "positive_share": found.retrained.positive_share,
        **{name: getattr(getattr(found, name), metric) for name in ("retrained", "frozen", "constant")},
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = container.Parser("aggregate", __doc__)
    parser.add_argument("--pipeline", required=True, choices=list(RESULTS), help="what the trials are of")
    parser.add_argument("--metric", default="log_loss", choices=get_args(Metric), help="what is compared")
    parser.add_argument(
        "--tolerated",
        type=number("a share of the trials, from 0 to 1", most=1),
        default=0.2,
        help="share of trials that may fail",
    )
    parser.add_argument("--cutoffs", help="the cut-offs of a backtest, as JSON")
    given = parser.parse_args(arguments)

    def job() -> None:
        cutoffs = settings_of(Cutoffs, given.cutoffs, "--cutoffs") if given.cutoffs else None
        aggregate(given.pipeline, given.metric, given.tolerated, cutoffs)

    return container.run(job, "message")


if __name__ == "__main__":
    sys.exit(main())
