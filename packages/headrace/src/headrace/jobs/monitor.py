"""Job `monitor`: a predicted batch against the model's own baseline -> drift.json, report.html and one table.

Inputs `model` (model.tar.gz), `examples` and `batch` (of the batch job) and `predictions` (of the predict job);
outputs `drift`, `report`, and `predictions`: the whole batch as one file that says what it holds, so that publishing
it is one copy.
"""

import argparse
import sys

import polars as pl

from headrace import container
from headrace.artefact import load_artefact, unpacked
from headrace.drift.comparison import comparisons_of
from headrace.drift.record import drift_of
from headrace.drift.verdict import verdict_of
from headrace.errors import DataError
from headrace.inference.batches import Batch, read_batch
from headrace.inference.predictions import features_in, keys_in, scores_in, table_of
from headrace.inference.published import UNKNOWN, Facts, write_published
from headrace.report.drift import drift_report
from headrace.settings import DriftLimits, settings_of
from headrace.timestamps import date_of


def monitor(limits: DriftLimits, run_date: str = UNKNOWN, model_package_arn: str = UNKNOWN) -> None:
    """Measure the drift of a batch, judge it, and write verdict, report and the table of predictions.

    Date and model package are written into the table, for the quality job.
    """
    if run_date != UNKNOWN:
        date_of(run_date, "--date")
    model = load_artefact(unpacked(container.processing_input("model")))
    facts = read_batch(container.processing_input("batch"))
    table = _table(facts)
    score = table["score"].to_numpy()
    # Only now, when the keys are no longer in memory.
    comparisons = comparisons_of(model.profile, features_in(container.processing_input("examples")))
    verdict = verdict_of(limits, model.profile, comparisons, score)
    report = drift_report(verdict, comparisons, facts, model.facts, model.profile, score)
    print(verdict.summary)  # noqa: T201 - the job's log
    path = write_published(
        table,
        container.processing_output("predictions"),
        Facts(run_date, str(len(table)), model_package_arn, facts.data_fingerprint),
    )
    (container.processing_output("report") / "report.html").write_text(report, encoding="utf-8")
    drift = drift_of(verdict, facts, table, path)
    (container.processing_output("drift") / "drift.json").write_text(
        drift.model_dump_json(), encoding="utf-8"
    )


def _table(facts: Batch) -> pl.DataFrame:
    """Return the predictions as they are published, held against the batch."""
    keys = keys_in(container.processing_input("examples"))
    if len(keys) != facts.rows:
        raise DataError(
            f"the examples have {len(keys):,} rows, and batch.json says {facts.rows:,}; run the batch job again"
        )
    return table_of(scores_in(container.processing_input("predictions")), keys)


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m headrace.jobs.monitor", description=__doc__)
    parser.add_argument("--limits", default="{}", help="how far a batch may lie from the training, as JSON")
    parser.add_argument("--model-package", default=UNKNOWN, help="ARN of the model, to be written down")
    parser.add_argument("--date", default=UNKNOWN, help="the run's date, YYYY-MM-DD, to be written down")
    given = parser.parse_args(arguments)
    return container.run(
        lambda: monitor(settings_of(DriftLimits, given.limits, "--limits"), given.date, given.model_package),
        "message",
    )


if __name__ == "__main__":
    sys.exit(main())
