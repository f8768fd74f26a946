"""Folds: every row is tested once, nothing of a test is known before it."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from headrace.errors import ConfigurationError, DataError
from headrace.examples import Examples
from headrace.settings import Folds, Split
from headrace.validation.folds import parts_by_folds
from headrace.validation.parts import Part, facts_of

START = datetime(2026, 1, 1, tzinfo=UTC)


def labelled(hours: list[int], groups: list[str] | None = None) -> Examples:
    """Return examples at those hours, every third of them positive."""
    rows = sorted(hours)
    shops = groups or ["only"] * len(rows)
    return Examples(
        pl.DataFrame(
            {
                "label": [int(index % 3 == 0) for index in range(len(rows))],
                "time": [START + timedelta(hours=hour) for hour in rows],
                "entity": [{"visitor": index} for index in range(len(rows))],
                "slice": [{"shop": shop} for shop in shops],
            }
        )
    )


def visitors(part: Part) -> dict[str, set[int]]:
    """Return who is in each split of a part."""
    return {
        name: set(split.frame["entity"].struct.field("visitor").to_list())
        for name, split in part.splits.items()
    }


def check_partition(parts: list[Part], rows: int) -> None:
    """Each fold's splits share nobody, and each visitor of `rows` is tested at most once."""
    tested: list[int] = []
    for part in parts:
        found = visitors(part)
        assert sum(map(len, found.values())) == len(set.union(*found.values()))
        assert set.union(*found.values()) <= set(range(rows))
        tested += found["test"]
    assert len(tested) == len(set(tested))


hours = st.lists(st.integers(0, 400), min_size=40, max_size=150)


@settings(deadline=None, max_examples=60)
@given(hours, st.integers(2, 6), st.floats(0, 0.5), st.floats(0.05, 0.5))
def test_no_fold_by_time_knows_its_future(
    times: list[int], count: int, holdout: float, validation: float
) -> None:
    """Whatever the times, a fold trains, then stops, then tests, and tests follow each other without a gap."""
    folds = Folds(folds=count, holdout=holdout, validation=validation)
    try:
        parts = list(parts_by_folds(labelled(times), folds))
    except DataError:
        assume(False)  # noqa: FBT003 - too many rows share a timestamp
    assert len(parts) == count
    check_partition(parts, len(times))
    before: set[int] = set()
    for part in parts:
        split = {name: each.frame["time"] for name, each in part.splits.items()}
        known = [each for each in (split["train"], split["validation"]) if len(each)]
        assert max(each.max() for each in known) < split["test"].min()  # type: ignore[operator,type-var]
        if len(known) == 2:
            assert split["train"].max() < split["validation"].min()  # type: ignore[operator]
        found = visitors(part)
        assert found["train"] | found["validation"] >= before
        before = set.union(*found.values())


@settings(deadline=None, max_examples=60)
@given(hours, st.integers(2, 6), st.floats(0, 5))
def test_no_fold_knows_a_label_before_its_time(times: list[int], count: int, delay: float) -> None:
    """No row that trains or stops lies within the delay before the test's first row, and no other is left out."""
    examples = labelled(times)
    try:
        parts = list(parts_by_folds(examples, Folds(folds=count, holdout=0, label_delay_days=delay)))
    except DataError:
        assume(False)  # noqa: FBT003 - too many rows share a timestamp, or none is known
    late = timedelta(days=delay)
    for part in parts:
        first = part.test.frame["time"][0]
        known = pl.concat([part.train.frame, part.validation.frame])["time"].to_list()
        assert known == [time for time in examples.frame["time"] if time < first and time + late <= first]


def test_a_delay_takes_from_the_training_and_not_from_the_tests() -> None:
    """Of 120 hourly rows in four blocks, each fold but for its delay of half a day tests on 30 rows."""
    examples = labelled(list(range(120)))
    parts = list(parts_by_folds(examples, Folds(folds=3, holdout=0, label_delay_days=0.5)))
    assert [len(part.train.frame) + len(part.validation.frame) for part in parts] == [19, 49, 79]
    assert [len(part.test.frame) for part in parts] == [30, 30, 30]


def test_without_a_holdout_of_its_own_it_is_as_large_as_the_test_split() -> None:
    """None stands for the share of `split.test`, whose default this is; an explicit one is taken as it is."""
    assert Folds().holdout is None
    assert Folds().held_out == Split().test
    assert Folds(holdout=0).held_out == 0
    *_, last = parts_by_folds(labelled(list(range(100))), Folds(folds=3))
    assert max(visitors(last)["test"]) == 79


def test_blocks_are_equal_and_the_holdout_is_in_none() -> None:
    """Of 120 rows, 20 held out, five blocks of 20 make four folds; the newest 10 % of what trains stops."""
    parts = list(parts_by_folds(labelled(list(range(120))), Folds(folds=4, holdout=1 / 6, validation=0.1)))
    assert [{name: len(rows) for name, rows in visitors(part).items()} for part in parts] == [
        {"train": 18, "validation": 2, "test": 20},
        {"train": 36, "validation": 4, "test": 20},
        {"train": 54, "validation": 6, "test": 20},
        {"train": 72, "validation": 8, "test": 20},
    ]
    assert max(max(rows) for part in parts for rows in visitors(part).values()) == 99


@settings(deadline=None, max_examples=40)
@given(st.integers(60, 200), st.integers(2, 6), st.integers(0, 5))
def test_stratified_folds_share_the_positives(rows: int, count: int, seed: int) -> None:
    """The folds test every row once, and no two differ by more than one row of a class; stopping rows likewise."""
    examples = labelled(list(range(rows)))
    folds = Folds(method="stratified", folds=count, holdout=0, validation=0.2, seed=seed)
    parts = list(parts_by_folds(examples, folds))
    check_partition(parts, rows)
    assert set.union(*(visitors(part)["test"] for part in parts)) == set(range(rows))
    for value in (0, 1):
        counts = [int((part.test.frame["label"] == value).sum()) for part in parts]
        assert max(counts) - min(counts) <= 1
    for part in parts:
        known = len(part.train.frame) + len(part.validation.frame)
        positives = part.train.frame["label"].sum() + part.validation.frame["label"].sum()
        assert abs(part.validation.frame["label"].sum() - positives * len(part.validation.frame) / known) <= 1
        assert part.train.frame["time"].is_sorted()
    again = list(parts_by_folds(examples, folds))
    assert [visitors(part) for part in again] == [visitors(part) for part in parts]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.sampled_from([*"abcdefgh", None]), min_size=60, max_size=120),
    st.integers(2, 4),
    st.integers(0, 5),
)
def test_no_group_is_in_two_splits(groups: list[str], count: int, seed: int) -> None:
    """Training, stopping and testing each have groups of their own, and every row is tested once."""
    assume(len(set(groups)) > count)
    examples = labelled(list(range(len(groups))), groups)
    folds = Folds(method="grouped", group="shop", folds=count, holdout=0, seed=seed)
    try:
        parts = list(parts_by_folds(examples, folds))
    except DataError as error:
        assert "leaves one value of 'shop'" in str(error)  # noqa: PT017 - a draw may be that lopsided
        return
    check_partition(parts, len(groups))
    assert set.union(*(visitors(part)["test"] for part in parts)) == set(range(len(groups)))
    for part in parts:
        shops = [set(each.frame["slice"].struct.field("shop").to_list()) for each in part.splits.values()]
        assert all(shops)
        assert sum(map(len, shops)) == len(set.union(*shops))


def test_groups_are_spread_by_their_rows() -> None:
    """A group of a third of the rows is a fold of its own, and the small ones fill the two others."""
    groups = ["large"] * 40 + [f"small {index % 8}" for index in range(80)]
    examples = labelled(list(range(120)), groups)
    parts = parts_by_folds(examples, Folds(method="grouped", group="shop", folds=3, holdout=0))
    assert [len(part.test.frame) for part in parts] == [40, 40, 40]


@pytest.mark.parametrize(
    ("rows", "folds", "kind", "message"),
    [
        (3, Folds(folds=5), DataError, "2 labelled rows at 2 timestamps are too few for 5 folds by time"),
        (
            50,
            Folds(method="grouped", group="shop", folds=2),
            DataError,
            r"'shop' has 1 values in 40 rows, too few for 2 grouped folds",
        ),
        (
            120,
            Folds(holdout=0, label_delay_days=2),
            DataError,
            r"fold-1 has no row whose label is known, 2 days later, by its first test row \(2026-01-01T20:00:00Z\)",
        ),
        (
            50,
            Folds(method="grouped", group="city"),
            ConfigurationError,
            r"no column 'city' to group folds by; .* are: visitor, shop",
        ),
    ],
)
def test_folds_that_cannot_be_are_reported(
    rows: int, folds: Folds, kind: type[Exception], message: str
) -> None:
    """Too few rows, too few groups, an unknown group column."""
    with pytest.raises(kind, match=message):
        list(parts_by_folds(labelled(list(range(rows))), folds))


def test_a_fold_without_positives_is_named_with_its_counts() -> None:
    """Positives that end early leave the later folds without; the message says which, and how many rows it has."""
    frame = labelled(list(range(120))).frame
    late = Examples(frame.with_columns(label=pl.when(pl.int_range(pl.len()) < 40).then("label").otherwise(0)))
    parts = list(parts_by_folds(late, Folds(folds=3, holdout=0)))
    assert facts_of(parts[0]).positives == {"train": 9, "validation": 1, "test": 4}
    with pytest.raises(
        DataError,
        match=r"fold-2 has no positive row to stop the training by \(rows: train 51 with 14 positive, "
        r"validation 9 with 0 positive, test 30 with 0 positive\)",
    ):
        facts_of(parts[1])
