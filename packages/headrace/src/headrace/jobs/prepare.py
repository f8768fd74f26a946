"""Job `prepare`: raw tables -> examples for training, validation and test, and their profile.

Input `raw`; outputs `train`, `validation`, `test` (Parquet) and `profile` (profile.json).
"""

import sys

from headrace import container
from headrace.examples import Examples
from headrace.model import load_model
from headrace.prepare import examples_in, profile_of, split_by_time
from headrace.settings import Split, settings_of


def prepare(package: str, split: Split) -> None:
    """Read, check, join, split and profile the raw tables of a model package."""
    model = load_model(package)
    examples, raw_rows, data_fingerprint = examples_in(container.processing_input("raw"), model)
    labelled = examples.frame.drop_nulls("label")
    unlabelled_rows = len(examples.frame) - len(labelled)
    splits = split_by_time(Examples(labelled), split)
    profile = profile_of(
        model,
        splits,
        data_fingerprint=data_fingerprint,
        raw_rows=raw_rows,
        unlabelled_rows=unlabelled_rows,
    )
    for name, part in splits.items():
        part.write(container.processing_output(name))
        print(f"{name}: {len(part.frame):,} rows, {part.first} to {part.last}")  # noqa: T201 - the job's log
    path = container.processing_output("profile") / "profile.json"
    path.write_text(profile.model_dump_json(indent=2), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = container.Parser("prepare", __doc__)
    parser.add_argument("--model", required=True, help="the model's package under src/")
    parser.add_argument("--split", default="{}", help="shares of rows, as JSON")
    given = parser.parse_args(arguments)
    return container.run(lambda: prepare(given.model, settings_of(Split, given.split, "--split")), "message")


if __name__ == "__main__":
    sys.exit(main())
