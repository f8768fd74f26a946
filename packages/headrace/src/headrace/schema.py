"""The schema of raw tables, as a model package declares it."""

import math
from dataclasses import dataclass
from typing import Literal

from headrace.errors import ConfigurationError

ColumnType = Literal["integer", "number", "text", "timestamp"]


@dataclass(frozen=True)
class Column:
    """One column of a raw table.

    `minimum` and `maximum` are inclusive and in the column's own unit. `values` lists what a text may be.
    A timestamp is ISO 8601 and read as UTC. An `outcome` is known only after the moment of prediction:
    it may make the label, and no feature ever sees it.
    """

    name: str
    type: ColumnType
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    outcome: bool = False

    def __post_init__(self) -> None:
        """Raise `ConfigurationError` for a bound that no artefact can hold."""
        if not all(math.isfinite(bound) for bound in (self.minimum, self.maximum) if bound is not None):
            raise ConfigurationError(
                f"column {self.name!r}: minimum and maximum are finite numbers; leave out the one that has no bound"
            )


@dataclass(frozen=True)
class Table:
    """One raw table: a file `<name>.csv`, `.csv.gz` or `.parquet`, or a folder `<name>/` of such files.

    `key` names the columns that together occur only once. `null_values` are the texts that mean
    "missing" in CSV files. Columns that a file has beyond the schema are not read.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    null_values: tuple[str, ...] = ("", "NA")

    def outcomes(self) -> tuple[str, ...]:
        """Return the names of the columns that are known only after the moment of prediction."""
        return tuple(column.name for column in self.columns if column.outcome)
