"""Runs as a table for analysis: one row a run, one column an attribute, in a Parquet or CSV file."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace_aws.runs.records.run_record import RunRecord

_OBJECTS = ("hyperparameters", "metrics", "verdict", "best")
_WRITERS: Mapping[str, Callable[[pl.DataFrame, Path], None]] = {
    ".parquet": lambda table, file: table.write_parquet(file),
    ".csv": lambda table, file: table.write_csv(file),
}


def check_suffix(file: Path) -> None:
    """Raise `ConfigurationError` when a file's name does not end as a format that can be written."""
    if file.suffix not in _WRITERS:
        raise ConfigurationError(
            f"--export: {file} must end in {' or '.join(_WRITERS)}, which names the format"
        )


def table_of(runs: Sequence[RunRecord]) -> pl.DataFrame:
    """Return runs as a table, one row a run in their order.

    What an attribute holds is spread over columns such as `metrics.log_loss`; a list stays one JSON text. A column
    that holds numbers of several kinds is of floats, one that holds other things too is of texts.
    """
    rows = [_row(run) for run in runs]
    names = list(dict.fromkeys(name for row in rows for name in row))
    spread = sorted(name for name in names if "." in name)
    ordered = [name for name in names if "." not in name] + spread
    return pl.DataFrame([_column(name, [row.get(name) for row in rows]) for name in ordered])


def write_table(table: pl.DataFrame, file: Path) -> None:
    """Write a table as a file, whole or not at all; the file's suffix names the format."""
    check_suffix(file)
    try:
        # In the same folder, so that the last step is a rename: nobody sees half a file.
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}-") as folder:
            part = Path(folder) / file.name
            _WRITERS[file.suffix](table, part)
            part.replace(file)
    except OSError as error:
        raise ConfigurationError(f"--export: {file} cannot be written: {error.strerror or error}") from error


def _row(run: RunRecord) -> dict[str, Any]:
    row: dict[str, Any] = {"name": run.name, "seconds": run.seconds, "version": run.version}
    for attribute, value in run:
        row |= _spread(attribute, value) if attribute in _OBJECTS else {attribute: value}
    return {name: None if value == "" else value for name, value in row.items()}


def _spread(name: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON holds
    """Return the leaves of a JSON value by their path."""
    if isinstance(value, Mapping):
        return {
            place: leaf
            for key, member in value.items()
            for place, leaf in _spread(f"{name}.{key}", member).items()
        }
    return {name: strict_json.dumps(value) if isinstance(value, list) else value}


def _column(name: str, values: Sequence[Any]) -> pl.Series:
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) <= 1:
        return pl.Series(name, values, dtype=None if kinds else pl.String())
    if kinds == {int, float}:
        return pl.Series(name, [None if value is None else float(value) for value in values])
    return pl.Series(name, [None if value is None else str(value) for value in values])
