"""From raw tables to examples: the one way for training and for inference."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, cast

import narwhals as nw
import polars as pl

from headrace.errors import DataError
from headrace.examples import Examples
from headrace.fingerprint import fingerprint_of_files
from headrace.model import Model
from headrace.profile import Profile, SplitProfile, feature_profiles
from headrace.settings import Settings, Split
from headrace.stored_files import first_line
from headrace.tables import read_tables, table_files

_EXPRESSION_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, nw.exceptions.NarwhalsError)


class Prepared(NamedTuple):
    """What a folder of raw tables holds: its examples, and what they were made of."""

    examples: Examples
    raw_rows: dict[str, int]  # rows of each raw table
    data_fingerprint: str  # SHA-256 over the raw tables' files


def examples_in(folder: Path, model: Model[Settings], *, with_outcomes: bool = True) -> Prepared:
    """Return the examples of a folder of raw tables; the tables are freed on the way.

    Without outcomes, every column that is known only afterwards is null and so is the label, whatever the files
    hold: rows are then seen as at the moment of prediction.

    Raises:
        DataError: the folder does not exist, a table does not fit its schema, or as `examples_of`.

    """
    if not folder.is_dir():
        raise DataError(f"{folder} does not exist; give the job an input named 'raw' with the raw tables")
    tables = read_tables(folder, model.tables, with_outcomes=with_outcomes)
    examples = examples_of(model, tables)
    if not with_outcomes:  # a label may make something of nulls
        examples = Examples(examples.frame.with_columns(label=pl.lit(None, pl.Int8)))
    files = (path for table in model.tables for path in table_files(folder, table))
    return Prepared(
        examples,
        {name: len(table) for name, table in tables.items()},
        fingerprint_of_files(files, folder),
    )


def examples_of(model: Model[Settings], tables: Mapping[str, pl.DataFrame]) -> Examples:
    """Return the examples of raw tables, ordered by time and entity.

    The columns that are known only afterwards are gone before any feature is computed, so a feature that
    names one fails here and not in production.

    Raises:
        DataError: a row without a time or with an entity that another row has, a label that is neither 0 nor
            1, a feature that is infinite or no number where it says it is one.

    """
    rows = model.load({name: nw.from_native(table.lazy()) for name, table in tables.items()})
    outcomes = [name for table in model.tables for name in table.outcomes()]
    known = rows.with_columns(model.label().alias("__label")).drop(outcomes, strict=False)
    parts = {
        "entity": [nw.col(name) for name in model.entity],
        "slice": [nw.col(name) for name in model.slices],
        "feature": [feature.expression for feature in model.features],
    }
    try:
        frame = (
            known.sort(model.time, *model.entity)
            .select(
                nw.col("__label").alias("label"),
                nw.col(model.time).alias("time"),
                *(nw.struct(*columns).alias(part) for part, columns in parts.items() if columns),
            )
            .to_native()
            .collect()
        )
    except _EXPRESSION_ERRORS as error:
        _name_feature(known, model)
        raise DataError(
            f"the rows of the model cannot be made: {first_line(error)}; correct `load`, `label`, `time`, `entity` or `slices`"
        ) from error
    _check_rows(frame, model)
    _check_label(frame["label"])
    _check_features(frame["feature"].struct.unnest(), model)
    return Examples(frame)


def _name_feature(rows: nw.LazyFrame[pl.LazyFrame], model: Model[Settings]) -> None:
    """Raise `DataError` for the first feature that cannot be computed over the rows by itself."""
    for feature in model.features:
        try:
            rows.select(feature.expression).to_native().collect()
        except _EXPRESSION_ERRORS as error:
            raise DataError(
                f"feature {feature.name!r} cannot be computed: {first_line(error)}; correct its expression: it may use the columns of "
                "`load` that are known at the prediction"
            ) from error


def split_by_time(examples: Examples, split: Split) -> dict[str, Examples]:
    """Return labelled examples as `train`, `validation` and `test`, cut by time: the newest rows test.

    Rows of the same timestamp stay together, so the shares are met to within one timestamp. Raises `DataError`
    when a part is empty, or has one class only and could neither train nor judge a model.
    """
    frame = examples.frame
    if frame.is_empty():
        raise DataError("no row has a label; a model needs rows whose outcome is known")
    validation_from = _timestamp_at(frame, 1 - split.test - split.validation)
    test_from = _timestamp_at(frame, 1 - split.test)
    time = pl.col("time")
    parts = {
        "train": frame.filter(time < validation_from),
        "validation": frame.filter(time >= validation_from, time < test_from),
        "test": frame.filter(time >= test_from),
    }
    for name, part in parts.items():
        _check_classes(name, part)
    return {name: Examples(part) for name, part in parts.items()}


def profile_of(
    model: Model[Settings],
    splits: Mapping[str, Examples],
    *,
    data_fingerprint: str,
    raw_rows: Mapping[str, int],
    unlabelled_rows: int,
) -> Profile:
    """Return the profile of split examples; the features' distributions are those of the training rows."""
    return Profile(
        data_fingerprint=data_fingerprint,
        raw_rows=dict(raw_rows),
        unlabelled_rows=unlabelled_rows,
        splits={
            name: SplitProfile(
                rows=len(part.frame),
                positive_share=float(part.label.mean()),
                first=part.first,
                last=part.last,
            )
            for name, part in splits.items()
        },
        features=feature_profiles(splits["train"].features, model.features),
    )


def _timestamp_at(frame: pl.DataFrame, share: float) -> datetime:
    """Return the time before which lies that share of the rows."""
    return cast("datetime", frame["time"][min(len(frame) - 1, round(len(frame) * share))])


def _check_rows(frame: pl.DataFrame, model: Model[Settings]) -> None:
    timeless = frame["time"].null_count()
    if timeless:
        raise DataError(
            f"{timeless:,} rows have no {model.time!r}, which orders them; fill it, or drop them in `load`"
        )
    repeated = frame["entity"].filter(frame["entity"].is_duplicated())
    if len(repeated):
        raise DataError(
            f"{len(repeated):,} rows share their entity with another, first {repeated[0]}; "
            f"a join in `load` gives more than one row, or `entity` names too little"
        )


def _check_label(label: pl.Series) -> None:
    other = label.filter((label != 0) & (label != 1)).unique().sort()
    if len(other):
        raise DataError(
            f"the label has values other than 0, 1 and null: {other.head(3).to_list()}; correct `label`"
        )


def _check_features(features: pl.DataFrame, model: Model[Settings]) -> None:
    for feature in model.features:
        column = features[feature.name]
        if feature.kind == "number" and not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
            raise DataError(
                f"feature {feature.name!r} is a number and its values are {column.dtype}; say `category`"
            )
        if column.dtype.is_float():
            odd = column.filter(column.is_infinite() | column.is_nan())
            if len(odd):
                raise DataError(
                    f"feature {feature.name!r} is {odd[0]} in {len(odd):,} rows; guard its division against zero"
                )


def _check_classes(name: str, part: pl.DataFrame) -> None:
    if part.is_empty():
        raise DataError(f"the {name} rows are empty; give more data, or other shares in [models.*.split]")
    classes = part["label"].unique().to_list()
    if len(classes) == 1:
        raise DataError(
            f"all {len(part):,} {name} rows have label {classes[0]}; a model needs both classes: "
            f"give more data, or correct the label"
        )
