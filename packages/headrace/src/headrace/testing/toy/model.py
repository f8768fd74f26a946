"""Visits to a shop: will the visitor spend more than ten?"""

from collections.abc import Mapping
from pathlib import Path

import narwhals as nw
import polars as pl

from headrace import boosting
from headrace.examples import Examples
from headrace.features import category, number
from headrace.model import Fitted, Model, Training
from headrace.schema import Column, Table

VISITS = Table(
    name="visits",
    key=("visitor",),
    columns=(
        Column("visitor", "integer", minimum=1),
        Column("at", "timestamp"),
        Column("colour", "text", values=("blue", "green", "red")),
        Column("age", "number", nullable=True, minimum=0, maximum=120),
        Column("spent", "number", nullable=True, minimum=0, outcome=True),
    ),
)


MUCH = 10


class Hyperparameters(boosting.Hyperparameters):
    """Small trees for small data."""

    learning_rate: float = 0.3
    max_depth: int = 3
    min_child_weight: float = 1
    max_rounds: int = 40
    early_stopping_rounds: int = 10


class Toy(Model[Hyperparameters]):
    """One table, one category, one number."""

    tables = (VISITS,)
    time = "at"  # the newest rows by this column test, those before them validate, the others train
    entity = ("visitor",)  # what names a row, in predictions too: no two rows may share it
    slices = ("colour",)  # quality is reported, and judged, for each value of these
    features = (category("colour"), number("age"), number("hour", nw.col("at").dt.hour()))
    hyperparameters = Hyperparameters

    def load(self, tables: Mapping[str, nw.LazyFrame[pl.LazyFrame]]) -> nw.LazyFrame[pl.LazyFrame]:
        """Take the one table as it is."""
        return tables["visits"]

    def label(self) -> nw.Expr:
        """1 for a visitor who spends much."""
        return (nw.col("spent") > MUCH).cast(nw.Int8)

    def fit(
        self, train: Examples, validation: Examples, hyperparameters: Hyperparameters, checkpoints: Path
    ) -> Training:
        """Fit boosted trees."""
        return boosting.fit(train, validation, self.features, hyperparameters, checkpoints)

    def restore(self, folder: Path) -> Fitted:
        """Return the boosted trees of a folder."""
        return boosting.restore(folder)
