"""Job `batch`: raw tables -> the examples of a window of time, in parts for the predict job.

Input `raw`, whose outcome columns may be absent and are not read; outputs `examples` (part-<n>.parquet) and `batch`
(batch.json).
"""

import sys
from datetime import date

from headrace import container
from headrace.arguments import whole_number
from headrace.inference.batches import FILE, Batch, ends_of, parts_of, rows_within
from headrace.inference.predictions import check_entity
from headrace.model import load_model
from headrace.prepare import examples_in
from headrace.settings import Window, settings_of
from headrace.timestamps import parse_date


def batch(package: str, window: Window, run_date: date | None, parts: int) -> None:
    """Write the examples of a window, whose days are counted from the run's date."""
    # First what needs no data: a wrong argument is reported at once.
    ends = ends_of(window, run_date)
    model = load_model(package)
    check_entity(model)
    prepared = examples_in(container.processing_input("raw"), model, with_outcomes=False)
    examples = rows_within(prepared.examples, ends)
    facts = Batch(
        rows=len(examples.frame),
        first=examples.first,
        last=examples.last,
        data_fingerprint=prepared.data_fingerprint,
        raw_rows=prepared.raw_rows,
    )
    for index, part in enumerate(parts_of(examples, parts)):
        part.write(container.processing_output("examples"), f"part-{index}.parquet")
    path = container.processing_output("batch") / FILE
    path.write_text(facts.model_dump_json(indent=2), encoding="utf-8")
    print(f"batch: {facts.rows:,} rows, {facts.first} to {facts.last}")  # noqa: T201 - the job's log


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = container.Parser("batch", __doc__)
    parser.add_argument("--model", required=True, help="the model's package under src/")
    parser.add_argument("--window", default="{}", help="which rows, by time, as JSON")
    parser.add_argument("--date", help="the run's date, YYYY-MM-DD; a window of days begins there")
    parser.add_argument(
        "--parts",
        type=whole_number("a number of files to write, 1 or more", least=1),
        default=1,
        help="files to write: instances that predict",
    )
    given = parser.parse_args(arguments)
    return container.run(
        lambda: batch(
            given.model,
            settings_of(Window, given.window, "--window"),
            None if given.date is None else parse_date(given.date, "--date"),
            given.parts,
        ),
        "message",
    )


if __name__ == "__main__":
    sys.exit(main())
