"""Examples and splits: time orders them, outcomes reach no feature."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from toy import MODEL
from toy.example_data import visits
from toy.model import Toy

from headrace.errors import ConfigurationError, DataError
from headrace.examples import Examples
from headrace.features import number
from headrace.inference.predictions import check_entity
from headrace.prepare import examples_in, examples_of, split_by_time
from headrace.profile import CategoryProfile, NumberProfile, Profile, number_profile
from headrace.settings import Split

START = datetime(2026, 1, 1, tzinfo=UTC)


def labelled(hours: list[int]) -> Examples:
    """Return examples at those hours, the labels in turn 0 and 1."""
    rows = sorted(hours)
    return Examples(
        pl.DataFrame(
            {
                "label": [index % 2 for index in range(len(rows))],
                "time": [START + timedelta(hours=hour) for hour in rows],
            }
        )
    )


@settings(deadline=None)
@given(st.lists(st.integers(0, 500), min_size=60, max_size=200), st.floats(0.1, 0.4), st.floats(0.1, 0.4))
def test_no_split_reaches_into_the_past_of_another(hours: list[int], test: float, validation: float) -> None:
    """Whatever the times, every row is in one split, and each split lies wholly after the one before."""
    examples = labelled(hours)
    try:
        parts = split_by_time(examples, Split(test=test, validation=validation))
    except DataError:
        assume(False)  # noqa: FBT003 - too many rows share a timestamp for three parts of two classes
    times = [parts[name].frame["time"] for name in ("train", "validation", "test")]
    assert sum(map(len, times)) == len(hours)
    assert times[0].max() < times[1].min()  # type: ignore[operator]
    assert times[1].max() < times[2].min()  # type: ignore[operator]


def test_shares_are_of_rows() -> None:
    """Distinct timestamps are split by exactly the shares asked for."""
    parts = split_by_time(labelled(list(range(100))), Split(test=0.2, validation=0.15))
    assert [len(part.frame) for part in parts.values()] == [65, 15, 20]


def test_one_class_is_reported() -> None:
    """Rows of a single class can neither train nor judge a binary model."""
    frame = labelled(list(range(100))).frame.with_columns(label=pl.lit(1))
    with pytest.raises(DataError, match="all 65 train rows have label 1; a model needs both classes"):
        split_by_time(Examples(frame), Split())


def test_no_label_at_all_is_reported() -> None:
    """Without one labelled row there is nothing to split."""
    with pytest.raises(DataError, match="no row has a label"):
        split_by_time(Examples(labelled([1]).frame.clear()), Split())


def test_a_feature_cannot_reach_an_outcome(frame: pl.DataFrame) -> None:
    """A feature that wants a column known only afterwards finds it gone, and is named."""

    class Leaking(Toy):
        features = (*Toy.features, number("spent"))

    with pytest.raises(DataError, match=r"feature 'spent' cannot be computed: .*; correct its expression"):
        examples_of(Leaking(), typed(frame))


@pytest.mark.parametrize(
    "expression",
    [
        nw.col("nowhere"),
        nw.col("at") + nw.col("visitor"),
        nw.col("visitor").str.to_uppercase(),
        nw.col("visitor").dt.year(),
    ],
    ids=["no such column", "two types", "no text", "no date"],
)
def test_a_feature_that_cannot_be_computed_is_named(expression: nw.Expr, frame: pl.DataFrame) -> None:
    """In place of the words of polars alone, which know no feature."""

    class Wrong(Toy):
        features = (*Toy.features, number("wrong", expression))

    with pytest.raises(DataError, match=r"^feature 'wrong' cannot be computed: ") as caught:
        examples_of(Wrong(), typed(frame))
    assert "\n" not in str(caught.value)


def test_a_row_that_cannot_be_made_is_reported(frame: pl.DataFrame) -> None:
    """With what of the model may be the cause."""

    class Timeless(Toy):
        time = "nowhere"

    with pytest.raises(
        DataError, match=r"^the rows of the model cannot be made: .*; correct `load`, `label`"
    ):
        examples_of(Timeless(), typed(frame))


def test_an_infinite_feature_is_reported(frame: pl.DataFrame) -> None:
    """A division by zero in a feature is named."""

    class Dividing(Toy):
        features = (number("inverse", 1 / (nw.col("visitor") - 1)),)

    with pytest.raises(DataError, match=r"feature 'inverse' is inf in 1 rows; guard its division"):
        examples_of(Dividing(), typed(frame))


def test_a_number_that_is_text_is_reported(frame: pl.DataFrame) -> None:
    """A feature of the wrong kind is named before XGBoost meets it."""

    class Worded(Toy):
        features = (number("colour"),)

    with pytest.raises(
        DataError, match=r"feature 'colour' is a number and its values are String; say `category`"
    ):
        examples_of(Worded(), typed(frame))


def test_a_join_that_repeats_rows_is_reported(frame: pl.DataFrame) -> None:
    """Two rows of one entity would be counted twice, in training and in predictions."""

    class Doubling(Toy):
        def load(self, tables: Mapping[str, nw.LazyFrame[pl.LazyFrame]]) -> nw.LazyFrame[pl.LazyFrame]:
            return nw.concat([tables["visits"], tables["visits"]])

    with pytest.raises(DataError, match=r"400 rows share their entity with another, first {'visitor': 1}"):
        examples_of(Doubling(), typed(frame))


def test_a_row_without_time_is_reported(frame: pl.DataFrame) -> None:
    """A row that belongs to no split is not lost silently."""
    tables = typed(frame)
    tables["visits"] = tables["visits"].with_columns(pl.when(pl.col("visitor") > 3).then("at").alias("at"))
    with pytest.raises(DataError, match=r"3 rows have no 'at', which orders them"):
        examples_of(MODEL, tables)


def test_a_label_of_other_values_is_reported(frame: pl.DataFrame) -> None:
    """A binary model has labels 0 and 1."""

    class Amount(Toy):
        def label(self) -> nw.Expr:
            return nw.col("spent").round(0)

    with pytest.raises(DataError, match=r"the label has values other than 0, 1 and null: \[2\.0, 3\.0"):
        examples_of(Amount(), typed(frame))


def test_examples_are_ordered_whatever_the_order_of_the_file(frame: pl.DataFrame) -> None:
    """The same rows in another order give the same examples, so a training can be repeated."""
    shuffled = frame.sample(fraction=1, shuffle=True, seed=1)
    assert examples_of(MODEL, typed(frame)).frame.equals(examples_of(MODEL, typed(shuffled)).frame)


def test_the_profile_describes_the_training_rows(profile: Profile, splits: Mapping[str, Examples]) -> None:
    """Shares of bins and of categories each sum to one, over the training rows alone."""
    age, colour = profile.features["age"], profile.features["colour"]
    assert isinstance(age, NumberProfile)
    assert isinstance(colour, CategoryProfile)
    assert sum(age.shares) == pytest.approx(1)
    assert sum(colour.shares.values()) + colour.other_share == pytest.approx(1)
    assert age.maximum == splits["train"].features["age"].max()
    assert profile.splits["train"].rows == len(splits["train"].frame)


def test_a_value_that_many_rows_share_is_a_bin_of_its_own() -> None:
    """A change in the share of zeros can be seen, and a constant is one bin."""
    rainfall = number_profile(np.array([0.0] * 90 + list(range(1, 11))))
    assert rainfall.shares[0] == pytest.approx(0.9)
    assert rainfall.edges[0] == 0
    assert 0 < rainfall.edges[1] < 1e-300
    assert number_profile(np.full(5, 7.0)).shares == (1.0,)
    assert number_profile(np.array([])).shares == ()


def typed(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the raw table as `read_tables` gives it."""
    return {"visits": frame.with_columns(pl.col("at").str.to_datetime(time_unit="us", time_zone="UTC"))}


def test_without_outcomes_no_row_has_a_label(raw: Path) -> None:
    """Even a label that makes something of nulls is null, and the outcome's column need not be in the file."""

    class Eager(Toy):
        def label(self) -> nw.Expr:
            return nw.when(nw.col("spent") > 10).then(1).otherwise(0)

    assert examples_in(raw, Eager()).examples.frame["label"].null_count() == 0
    visits().drop("spent").write_csv(raw / "visits.csv")
    prepared = examples_in(raw, Eager(), with_outcomes=False)
    assert prepared.examples.frame["label"].null_count() == prepared.raw_rows["visits"] == 2000


def test_an_entity_cannot_be_named_as_a_score() -> None:
    """Published predictions have one column of each name; only the model's own time may be in its entity."""

    class Scored(Toy):
        entity = ("score",)

    class Timed(Toy):
        time = "time"
        entity = ("visitor", "time")

    with pytest.raises(ConfigurationError, match="entity column 'score' has the name of another column"):
        check_entity(Scored())
    check_entity(Timed())
