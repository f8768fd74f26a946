"""Job `monitor`: a predicted batch against the model's own baseline -> drift.json and report.html.

Inputs `model` (model.tar.gz), `examples` and `batch` (of the batch job) and `predictions` (of the collect job);
outputs `drift` and `report`.
"""

import sys

from headrace import container
from headrace.artefact import load_artefact, unpacked
from headrace.drift.comparison import comparisons_of
from headrace.drift.record import drift_of
from headrace.drift.verdict import verdict_of
from headrace.errors import DataError
from headrace.inference.batches import read_batch
from headrace.inference.predictions import features_in, score_in
from headrace.report.drift import drift_report
from headrace.settings import DriftLimits, settings_of


def monitor(limits: DriftLimits) -> None:
    """Measure the drift of a batch, judge it, and write verdict and report."""
    model = load_artefact(unpacked(container.processing_input("model")))
    batch = read_batch(container.processing_input("batch"))
    features = features_in(container.processing_input("examples"))
    score = score_in(container.processing_input("predictions"))
    if not len(features) == len(score) == batch.rows:
        raise DataError(
            f"batch.json says {batch.rows:,} rows, and there are {len(features):,} examples and {len(score):,} "
            f"predictions; run the jobs batch, predict and collect again, on empty folders"
        )
    comparisons = comparisons_of(model.profile, features)
    verdict = verdict_of(limits, model.profile, comparisons, score)
    report = drift_report(verdict, comparisons, batch, model.facts, model.profile, score)
    print(verdict.summary)  # noqa: T201 - the job's log
    (container.processing_output("report") / "report.html").write_text(report, encoding="utf-8")
    (container.processing_output("drift") / "drift.json").write_text(
        drift_of(verdict).model_dump_json(), encoding="utf-8"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = container.Parser("monitor", __doc__)
    parser.add_argument("--limits", default="{}", help="how far a batch may lie from the training, as JSON")
    given = parser.parse_args(arguments)
    return container.run(lambda: monitor(settings_of(DriftLimits, given.limits, "--limits")), "message")


if __name__ == "__main__":
    sys.exit(main())
