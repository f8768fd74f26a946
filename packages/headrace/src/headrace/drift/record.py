"""What the monitor job says, as data that travels as JSON."""

from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import Field

from headrace.drift.verdict import DriftVerdict
from headrace.inference.batches import Batch
from headrace.inference.predictions import sha256_of
from headrace.settings import Record

# A state machine reads the file whole, its states hold 256 KiB, and the record of the run is in there too.
MOST_BYTES = 190_000


class Table(Record):
    """The file of predictions that is to be published."""

    rows: int
    sha256: str
    columns: tuple[str, ...]


class Drift(DriftVerdict):
    """The content of `drift.json`."""

    drift: Literal[0, 1] = Field(description="`drifted` as a number, for a metric.")
    data_fingerprint: str = Field(description="SHA-256 over the raw tables of the batch.")
    predictions: Table


def drift_of(verdict: DriftVerdict, batch: Batch, table: pl.DataFrame, path: Path) -> Drift:
    """Return the verdict on a batch with what is published of it: a table, and the file that it was written to."""
    drift = Drift(
        **dict(verdict),
        drift=1 if verdict.drifted else 0,
        data_fingerprint=batch.data_fingerprint,
        predictions=Table(rows=len(table), sha256=sha256_of(path), columns=tuple(table.columns)),
    )
    while len(drift.model_dump_json().encode()) > MOST_BYTES and drift.features:
        # The report has them all; here the ones that drifted least are left out.
        drift = drift.model_copy(update={"features": drift.features[: len(drift.features) * 3 // 4]})
    return drift
