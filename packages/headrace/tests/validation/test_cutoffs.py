"""Cut-offs: where they lie, and what lies before and after each."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from headrace.errors import ConfigurationError, DataError
from headrace.examples import Examples
from headrace.settings import Cutoffs
from headrace.validation.cutoffs import cutoffs_in, iso, parts_by_cutoffs, windows_of
from headrace.validation.parts import facts_of

START = datetime(2026, 1, 1, 7, tzinfo=UTC)
DAY = timedelta(days=1)


def days(count: int, *, every_hours: int = 6) -> Examples:
    """Return examples every few hours of so many days, alternately positive."""
    rows = count * 24 // every_hours
    return Examples(
        pl.DataFrame(
            {
                "label": [index % 2 for index in range(rows)],
                "time": [START + timedelta(hours=every_hours * index) for index in range(rows)],
            }
        )
    )


def test_cutoffs_roll_by_their_step_while_the_horizon_is_whole() -> None:
    """A hundred days hold an initial 30, and then steps of 20 with a horizon of 20: three of them."""
    timestamps = cutoffs_in(days(100), Cutoffs(initial_days=30, step_days=20, horizon_days=20))
    assert [iso(timestamp) for timestamp in timestamps] == [
        "2026-01-31T00:00:00Z",
        "2026-02-20T00:00:00Z",
        "2026-03-12T00:00:00Z",
    ]


@settings(deadline=None, max_examples=60)
@given(
    st.integers(20, 120),
    st.floats(2, 60),
    st.floats(1, 30),
    st.floats(1, 30),
    st.sampled_from(["expanding", "sliding"]),
)
def test_before_trains_and_after_tests(
    length: int, initial: float, step: float, horizon: float, window: str
) -> None:
    """All training lies before the cut-off, in its window; all rows from there to the last horizon's end test."""
    cutoffs = Cutoffs.model_validate(
        {"initial_days": initial, "step_days": step, "horizon_days": horizon, "window": window}
    )
    examples = days(length)
    try:
        timestamps = cutoffs_in(examples, cutoffs)
    except ConfigurationError:
        assume(False)  # noqa: FBT003 - the windows are longer than the data
    parts = list(parts_by_cutoffs(examples, timestamps, cutoffs))
    assert len(parts) == len(timestamps)
    times = examples.frame["time"]
    for part, timestamp in zip(parts, timestamps, strict=True):
        known = pl.concat([part.train.frame, part.validation.frame])["time"]
        oldest = timestamp - timedelta(days=initial) if window == "sliding" else START
        assert known.to_list() == [time for time in times if oldest <= time < timestamp]
        assert part.train.frame["time"].max() < part.validation.frame["time"].min()  # type: ignore[operator]
        until = timestamps[-1] + timedelta(days=horizon)
        assert part.test.frame["time"].to_list() == [time for time in times if timestamp <= time < until]


@settings(deadline=None, max_examples=60)
@given(st.floats(0, 30), st.sampled_from(["expanding", "sliding"]), st.sampled_from([1, 6]))
def test_no_label_is_known_before_its_time(delay: float, window: str, every_hours: int) -> None:
    """Rows train and stop from the delay before the cut-off backwards, and all of these; the test stays whole."""
    cutoffs = Cutoffs.model_validate(
        {"initial_days": 40, "step_days": 15, "horizon_days": 10, "window": window, "label_delay_days": delay}
    )
    examples = days(90, every_hours=every_hours)
    timestamps = cutoffs_in(examples, cutoffs)
    times = examples.frame["time"]
    late = timedelta(days=delay)
    for part, timestamp in zip(parts_by_cutoffs(examples, timestamps, cutoffs), timestamps, strict=True):
        known = pl.concat([part.train.frame, part.validation.frame])["time"].to_list()
        oldest = timestamp - timedelta(days=40) if window == "sliding" else START
        assert known == [time for time in times if oldest <= time < timestamp and time + late <= timestamp]
        assert part.test.frame["time"][0] - known[-1] >= late
        assert part.test.frame["time"][0] == min(time for time in times if time >= timestamp)


def test_labels_later_than_the_first_window_are_reported() -> None:
    """Nothing is known at the first cut-off then, and the message says what to do."""
    cutoffs = Cutoffs(initial_days=20, step_days=10, horizon_days=10, label_delay_days=25)
    examples = days(60)
    with pytest.raises(
        DataError,
        match=r"cutoff-1 \(2026-01-21T00:00:00Z\) has no row before it whose label is known by then, 25 days later",
    ):
        list(parts_by_cutoffs(examples, cutoffs_in(examples, cutoffs), cutoffs))


def test_no_row_is_in_two_windows() -> None:
    """A horizon longer than the step is cut where the next model takes over, the last one where it would have."""
    timestamps = tuple(START + DAY * day for day in (0, 10, 25))
    windows = windows_of(timestamps, horizon_days=20)
    assert [(each.serves_until - each.cutoff) / DAY for each in windows] == [10, 15, 15]
    assert [(each.judged_until - each.cutoff) / DAY for each in windows] == [20, 20, 20]
    assert [(each.serves_until - each.cutoff) / DAY for each in windows_of(timestamps, 5)] == [5, 5, 5]


@pytest.mark.parametrize(
    ("cutoffs", "message"),
    [
        (
            Cutoffs(at=("2027-01-01",)),
            "cut-off 2027-01-01T00:00:00Z lies outside the data: the data has labelled rows from 2026-01-01T07:00:00Z",
        ),
        (Cutoffs(at=("2025-01-01T00:00+01:00",)), "cut-off 2024-12-31T23:00:00Z lies outside the data"),
        (
            Cutoffs(at=("2026-02-20",), horizon_days=20),
            "the horizon of cut-off 2026-02-20T00:00:00Z ends at 2026-03-12T00:00:00Z, after the data",
        ),
        (
            Cutoffs(initial_days=90),
            "the first cut-off, 2026-04-01T00:00:00Z, and its horizon until 2026-05-01T00:00:00Z lie outside",
        ),
    ],
)
def test_cutoffs_outside_the_data_are_reported(cutoffs: Cutoffs, message: str) -> None:
    """The message names the cut-off and the range of the data."""
    with pytest.raises(ConfigurationError, match=message):
        cutoffs_in(days(60), cutoffs)


def test_explicit_cutoffs_are_taken_in_order() -> None:
    """Dates and times, with and without an offset, each once."""
    given = ("2026-02-01", "2026-01-20T12:00:00Z", "2026-02-01T01:00:00+01:00")
    assert [iso(timestamp) for timestamp in cutoffs_in(days(60), Cutoffs(at=given, horizon_days=10))] == [
        "2026-01-20T12:00:00Z",
        "2026-02-01T00:00:00Z",
    ]


def test_windows_without_what_they_need_are_reported() -> None:
    """A gap after a cut-off, and one before it in a sliding window, are named; so is a window of one class."""
    frame = days(60).frame
    gap = Examples(frame.filter(~pl.col("time").is_between(START + 20 * DAY, START + 40 * DAY)))
    cutoffs = Cutoffs(at=("2026-01-25",), horizon_days=10)
    with pytest.raises(
        DataError, match=r"cutoff-1 \(2026-01-25T00:00:00Z\) has 0 rows, 0 of them positive, until"
    ):
        list(parts_by_cutoffs(gap, cutoffs_in(gap, cutoffs), cutoffs))
    sliding = Cutoffs(at=("2026-02-05",), initial_days=5, horizon_days=10, window="sliding")
    with pytest.raises(
        DataError, match=r"cutoff-1 \(2026-02-05T00:00:00Z\) has no row before it to train on"
    ):
        list(parts_by_cutoffs(gap, cutoffs_in(gap, sliding), sliding))
    negative = Examples(
        frame.with_columns(label=pl.when(pl.col("time") < START + 30 * DAY).then("label").otherwise(0))
    )
    late = Cutoffs(at=("2026-02-05",), horizon_days=10)
    with pytest.raises(DataError, match="has 40 rows, 0 of them positive"):
        list(parts_by_cutoffs(negative, cutoffs_in(negative, late), late))


def test_a_part_tells_its_cutoff() -> None:
    """What the aggregate job needs of a part: its timestamp, rows and positives."""
    examples, cutoffs = days(60), Cutoffs(at=("2026-02-01",), horizon_days=10)
    (part,) = parts_by_cutoffs(examples, cutoffs_in(examples, cutoffs), cutoffs)
    facts = facts_of(part)
    assert facts.cutoff == "2026-02-01T00:00:00Z"
    assert facts.rows == {"train": 105, "validation": 18, "test": 40}
    assert facts.share_before_test == pytest.approx(61 / 123)
