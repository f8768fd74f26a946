"""Job `collect`: the predictions of all instances -> the one table of a batch, and table.json that describes it.

Inputs `examples` and `batch` (of the batch job) and `predictions` (of the predict job); outputs `predictions` (the
whole batch as one file that says what it holds, so that publishing it is one copy) and `table`.
"""

import sys

from headrace import container
from headrace.errors import DataError
from headrace.inference.batches import read_batch
from headrace.inference.predictions import keys_in, scores_in, table_of
from headrace.inference.published import UNKNOWN, Facts, write_published
from headrace.timestamps import parse_date


def collect(run_date: str = UNKNOWN, model_package_arn: str = UNKNOWN) -> None:
    """Write the table of predictions, checked against the batch; date and model package are written into it."""
    if run_date != UNKNOWN:
        parse_date(run_date, "--date")
    batch = read_batch(container.processing_input("batch"))
    keys = keys_in(container.processing_input("examples"))
    if len(keys) != batch.rows:
        raise DataError(
            f"the examples have {len(keys):,} rows, and batch.json says {batch.rows:,}; run the batch job again"
        )
    rows = table_of(scores_in(container.processing_input("predictions")), keys)
    table = write_published(
        rows,
        container.processing_output("predictions"),
        Facts(run_date, str(len(rows)), model_package_arn, batch.data_fingerprint),
    )
    (container.processing_output("table") / "table.json").write_text(
        table.model_dump_json(), encoding="utf-8"
    )
    print(f"predictions: {table.rows:,} rows")  # noqa: T201 - the job's log


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = container.Parser("collect", __doc__)
    parser.add_argument("--model-package", default=UNKNOWN, help="ARN of the model, to be written down")
    parser.add_argument("--date", default=UNKNOWN, help="the run's date, YYYY-MM-DD, to be written down")
    given = parser.parse_args(arguments)
    return container.run(lambda: collect(given.date, given.model_package), "message")


if __name__ == "__main__":
    sys.exit(main())
