"""Counting: a batch is put into the bins of the training, and what is new is not lost."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.drift.comparison import Comparison, comparison_of, comparisons_of
from headrace.errors import ArtefactError
from headrace.features import Feature, category, number
from headrace.profile import CATEGORIES_KEPT, Profile, SplitProfile, feature_profiles

NOW = datetime(2026, 1, 1, tzinfo=UTC).isoformat()


def compared(feature: Feature, training: list[object], batch: list[object]) -> Comparison:
    """Return the comparison of two columns of a feature."""
    dtype = pl.Float64 if feature.kind == "number" else pl.String
    columns = [pl.Series(feature.name, values, dtype) for values in (training, batch)]
    profile = feature_profiles(columns[0].to_frame(), (feature,))[feature.name]
    return comparison_of(feature.name, profile, len(training), columns[1])


values = st.lists(st.none() | st.integers(-5, 5) | st.floats(-1e6, 1e6), min_size=1, max_size=60)


@given(values, values)
def test_every_row_is_counted_once(training: list[object], batch: list[object]) -> None:
    """Whatever the numbers, both sides sum to their rows, and one bin each is named."""
    found = compared(number("x"), training, batch)
    assert found.training.sum() == pytest.approx(len(training))
    assert found.batch.sum() == len(batch)
    assert len(found.bins) == found.training.size == found.batch.size


@given(values)
def test_a_number_against_itself_is_equal(training: list[object]) -> None:
    """The bins count the training's own rows as its profile does."""
    found = compared(number("x"), training, training)
    np.testing.assert_allclose(found.training, found.batch, atol=1e-6)


words = st.lists(st.none() | st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=60)


@given(words, words)
def test_a_category_is_counted_by_value(training: list[object], batch: list[object]) -> None:
    """Each value's count is its number of rows, and values that training never saw are apart."""
    found = compared(category("x"), training, batch)
    known = {value for value in training if value is not None}
    for value, then, now in zip(found.bins[:-3], found.training, found.batch, strict=False):
        assert (then, now) == (pytest.approx(training.count(value)), batch.count(value))
    assert found.batch[-2] == sum(value not in known for value in batch if value is not None)
    assert found.missing == (
        pytest.approx(training.count(None) / len(training)),
        batch.count(None) / len(batch),
    )


def test_values_beyond_the_extremes_are_in_the_outer_bins() -> None:
    """Nothing is lost below the lowest and above the highest value of the training."""
    found = compared(number("x"), list(range(100)), [-50, 0, 99, 500, 500])
    assert found.batch.tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0]


def test_a_constant_that_changes_is_seen() -> None:
    """A bin of one value takes no other, so that a feature stuck at another value is not taken for the same."""
    found = compared(number("x"), [7.0] * 50, [7.0, 6.0, 8.0, 9.0, None])
    assert found.training.tolist() == [0, 50, 0, 0]
    assert found.batch.tolist() == [1, 1, 2, 1]


def test_a_feature_without_a_value_in_training_gets_one() -> None:
    """Whatever was missing in all of the training is new in the batch."""
    found = compared(number("x"), [None, None], [1.0, 2.0, None])
    assert (found.training.tolist(), found.batch.tolist()) == ([0, 2], [2, 1])
    assert found.training_mean is None
    assert found.batch_mean == 1.5


def test_a_rare_value_is_not_an_unseen_one() -> None:
    """Beyond the values that the profile keeps with their shares, it knows the others by name."""
    many = [f"value {index:03}" for index in range(CATEGORIES_KEPT + 20)]
    found = compared(category("x"), many, [many[-1], many[-2], "new"])
    assert found.bins[-3:] == ("others", "unseen", "missing")
    assert found.training[-3:].tolist() == [pytest.approx(20), 0, 0]
    assert found.batch[-3:].tolist() == [2, 1, 0]
    assert found.unseen_share == pytest.approx(1 / 3)


def test_a_batch_of_other_features_is_reported() -> None:
    """A feature that is absent, or of another kind, is named."""
    rows = pl.DataFrame({"age": [1.0, 2.0]})
    part = SplitProfile(rows=2, positive_share=0.5, first=NOW, last=NOW)
    profile = Profile(
        data_fingerprint="",
        raw_rows={},
        unlabelled_rows=0,
        splits={"train": part},
        features=feature_profiles(rows, (number("age"),)),
    )
    with pytest.raises(ArtefactError, match="features that the batch does not have: age; train and approve"):
        comparisons_of(profile, pl.DataFrame({"colour": ["red"]}))
    with pytest.raises(ArtefactError, match="a feature of another kind than the model's"):
        comparisons_of(profile, pl.DataFrame({"age": ["old"]}))
