"""How features become numbers for XGBoost."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from headrace.errors import ArtefactError
from headrace.features import Feature
from headrace.settings import Record
from headrace.stored_files import first_line


class Encoding(Record):
    """How features become XGBoost's matrix: the order of the columns, and the values of each category."""

    features: tuple[str, ...]
    categories: dict[str, tuple[str, ...]] = Field(description="Per categorical feature, the values by code.")

    def matrix(self, features: pl.DataFrame) -> NDArray[np.float32]:
        """Return shape (rows, features): numbers as they are, categories as codes, NaN for null and unseen."""
        missing = [name for name in self.features if name not in features.columns]
        if missing:
            raise ArtefactError(f"the model needs features that the data does not have: {', '.join(missing)}")
        try:
            return self._coded(features)
        except pl.exceptions.PolarsError as error:
            raise ArtefactError(
                f"the data's features are of other types than the model's: {first_line(error)}; train and approve a model of "
                "this code, or run the model's own commit"
            ) from error

    def _coded(self, features: pl.DataFrame) -> NDArray[np.float32]:
        return (
            features.select(
                (
                    pl.col(name)
                    .cast(pl.String)
                    .replace_strict(
                        list(self.categories[name]),
                        list(range(len(self.categories[name]))),
                        default=None,
                        return_dtype=pl.Float32,
                    )
                    if name in self.categories
                    else pl.col(name).cast(pl.Float32)
                ).fill_null(float("nan"))
                for name in self.features
            )
            .to_numpy(order="c")
            .astype(np.float32, copy=False)
        )

    def feature_types(self) -> list[str]:
        """Return XGBoost's letter for each column: c for a category, q for a quantity."""
        return ["c" if name in self.categories else "q" for name in self.features]


def encoding_of(rows: pl.DataFrame, features: tuple[Feature, ...]) -> Encoding:
    """Return the encoding that knows the categories of these rows."""
    return Encoding(
        features=tuple(feature.name for feature in features),
        categories={
            feature.name: tuple(rows[feature.name].cast(pl.String).drop_nulls().unique().sort().to_list())
            for feature in features
            if feature.kind == "category"
        },
    )
