"""Job `quality`: raw tables with labels by now, and published predictions -> quality.json and report.html.

Inputs `raw`, `predictions` (<run date>/predictions.parquet, as the collect job writes it) and `evaluation`
(evaluation.json of the model package that is judged); outputs `quality` and `report`.
"""

import sys

from headrace import container
from headrace.inference.published import read_published
from headrace.inference.quality import labelled_of, quality_of, read_registered
from headrace.model import load_model
from headrace.prepare import examples_in
from headrace.report.quality import quality_report
from headrace.settings import QualityLimits, settings_of


def quality(package: str, model_package_arn: str, limits: QualityLimits) -> None:
    """Join predictions with their labels, measure, judge, and write verdict and report."""
    model = load_model(package)
    registered = read_registered(container.processing_input("evaluation"), model_package_arn)
    prepared = examples_in(container.processing_input("raw"), model)
    entity = prepared.examples.frame["entity"].struct.unnest().schema
    published, skipped = read_published(container.processing_input("predictions"), entity)
    labelled = labelled_of(published, prepared.examples, registered)
    found = quality_of(limits, labelled, registered, skipped, prepared.data_fingerprint)
    report = quality_report(found, labelled, registered.model, published)
    print(found.summary)  # noqa: T201 - the job's log
    (container.processing_output("report") / "report.html").write_text(report, encoding="utf-8")
    (container.processing_output("quality") / "quality.json").write_text(
        found.model_dump_json(), encoding="utf-8"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = container.Parser("quality", __doc__)
    parser.add_argument("--model", required=True, help="the model's package under src/")
    parser.add_argument(
        "--model-package", required=True, help="ARN of the model that is judged, as its predictions name it"
    )
    parser.add_argument("--limits", default="{}", help="how much worse quality may become, as JSON")
    given = parser.parse_args(arguments)
    return container.run(
        lambda: quality(
            given.model, given.model_package, settings_of(QualityLimits, given.limits, "--limits")
        ),
        "message",
    )


if __name__ == "__main__":
    sys.exit(main())
