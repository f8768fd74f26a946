"""Job `prepare`: raw tables -> examples for training, validation and test, and their profile.

Input `raw`; outputs `train`, `validation`, `test` (Parquet) and `profile` (profile.json).
"""

import argparse
import sys
from pathlib import Path

from headrace import container
from headrace.errors import DataError
from headrace.examples import Examples
from headrace.fingerprint import fingerprint_of_files
from headrace.model import Model, load_model
from headrace.prepare import examples_of, profile_of, split_by_time
from headrace.settings import Settings, Split, settings_of
from headrace.tables import read_tables, table_files


def prepare(package: str, split: Split) -> None:
    """Read, check, join, split and profile the raw tables of a model package."""
    model = load_model(package)
    raw = container.processing_input("raw")
    if not raw.is_dir():
        raise DataError(f"{raw} does not exist; give the job an input named 'raw' with the raw tables")
    examples, raw_rows = _examples(model, raw)
    labelled = examples.frame.drop_nulls("label")
    unlabelled_rows = len(examples.frame) - len(labelled)
    splits = split_by_time(Examples(labelled), split)
    profile = profile_of(
        model,
        splits,
        data_fingerprint=fingerprint_of_files(
            (path for table in model.tables for path in table_files(raw, table)), raw
        ),
        raw_rows=raw_rows,
        unlabelled_rows=unlabelled_rows,
    )
    for name, part in splits.items():
        part.write(container.processing_output(name))
        print(f"{name}: {len(part.frame):,} rows, {part.first} to {part.last}")  # noqa: T201 - the job's log
    path = container.processing_output("profile") / "profile.json"
    path.write_text(profile.model_dump_json(indent=2), encoding="utf-8")


def _examples(model: Model[Settings], raw: Path) -> tuple[Examples, dict[str, int]]:
    """Return the examples, and how many rows each raw table had; the tables are freed on the way."""
    tables = read_tables(raw, model.tables)
    return examples_of(model, tables), {name: len(table) for name, table in tables.items()}


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m headrace.jobs.prepare", description=__doc__)
    parser.add_argument("--model", required=True, help="the model's package under src/")
    parser.add_argument("--split", default="{}", help="shares of rows, as JSON")
    given = parser.parse_args(arguments)
    return container.run(lambda: prepare(given.model, settings_of(Split, given.split, "--split")), "message")


if __name__ == "__main__":
    sys.exit(main())
