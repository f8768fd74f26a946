"""The model: which rows, which label, and how it is fitted."""

from collections.abc import Mapping
from pathlib import Path

import narwhals as nw
import polars as pl

from flights.features import FEATURES
from flights.schema import TABLES
from headrace import boosting
from headrace.examples import Examples
from headrace.model import Fitted, Model, Training

LATE_MINUTES = 15
FASTEST_WIND = 250  # miles an hour; more is a fault of the sensor


class Flights(Model[boosting.Hyperparameters]):
    """Flights from New York City, by the chance of arriving late."""

    tables = TABLES
    time = "time_hour"
    entity = ("time_hour", "carrier", "flight", "origin")
    slices = ("carrier", "origin")
    features = FEATURES
    hyperparameters = boosting.Hyperparameters

    def load(self, tables: Mapping[str, nw.LazyFrame[pl.LazyFrame]]) -> nw.LazyFrame[pl.LazyFrame]:
        """Join to each flight the weather of its hour at its origin, its plane and its destination.

        Any of the three may be unknown.
        """
        weather = tables["weather"].with_columns(
            nw.when(nw.col(name) <= FASTEST_WIND).then(nw.col(name)).alias(name)
            for name in ("wind_speed", "wind_gust")
        )
        planes = tables["planes"].rename({"year": "plane_year"})
        destinations = tables["airports"].rename({"faa": "dest", "tz": "dest_tz"})
        return (
            tables["flights"]
            .join(weather, on=["origin", "time_hour"], how="left")
            .join(planes, on="tailnum", how="left")
            .join(destinations, on="dest", how="left")
        )

    def label(self) -> nw.Expr:
        """Late is more than 15 minutes; a flight that never arrived has no label."""
        return (nw.col("arr_delay") > LATE_MINUTES).cast(nw.Int8)

    def fit(
        self,
        train: Examples,
        validation: Examples,
        hyperparameters: boosting.Hyperparameters,
        checkpoints: Path,
    ) -> Training:
        """Fit boosted trees."""
        return boosting.fit(train, validation, self.features, hyperparameters, checkpoints)

    def restore(self, folder: Path) -> Fitted:
        """Return the boosted trees of a folder."""
        return boosting.restore(folder)
