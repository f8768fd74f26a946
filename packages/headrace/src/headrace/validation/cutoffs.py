"""Cut-offs: the times from which a backtest judges, and the rows before and after each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import cast

from headrace.errors import ConfigurationError, DataError
from headrace.examples import Examples
from headrace.settings import Cutoffs
from headrace.timestamps import later, parse_timestamp
from headrace.validation.parts import Part, known_rows, without_newest

MOST_CUTOFFS = 100  # each model scores all later rows: twice the cut-offs are four times the work
SLACK = 1 / 24  # the share of a horizon that may lie after the last row


@dataclass(frozen=True)
class Window:
    """What follows a cut-off, from the cut-off on and before either end."""

    cutoff: datetime
    serves_until: datetime  # when the model of the next cut-off takes over, so that no row is in two windows
    judged_until: datetime  # the end of the horizon


def cutoffs_in(examples: Examples, cutoffs: Cutoffs) -> tuple[datetime, ...]:
    """Return the cut-offs, in order, of labelled examples in order of time.

    Without explicit ones they begin `initial_days` after the midnight (UTC) before the first row, and go on by
    `step_days` as long as the data reaches to the end of the horizon, but for a 24th of it: the last row of a
    month lies before its end.

    Raises `ConfigurationError` when there is none or more than 100, for a time that is none, and for an explicit cut-off that
    lies outside the data or whose horizon does.
    """
    times = examples.frame["time"]
    if times.is_empty():
        raise DataError("no row has a label; a backtest needs rows whose outcome is known")
    begin = cast("datetime", times[0]).replace(hour=0, minute=0, second=0, microsecond=0)
    span = f"the data has labelled rows from {iso(times[0])} to {iso(times[-1])}"
    horizon = timedelta(days=cutoffs.horizon_days)
    end = later(cast("datetime", times[-1]), cutoffs.horizon_days * SLACK, "the end of the data")
    if cutoffs.at:
        timestamps = tuple(sorted({parse_timestamp(text, "cut-off") for text in cutoffs.at}))
        for timestamp in timestamps:
            if not times[0] < timestamp <= times[-1]:
                raise ConfigurationError(f"cut-off {iso(timestamp)} lies outside the data: {span}")
            if (until := later(timestamp, cutoffs.horizon_days, "the horizon")) > end:
                raise ConfigurationError(
                    f"the horizon of cut-off {iso(timestamp)} ends at {iso(until)}, after the data: {span}; "
                    f"take an earlier cut-off, or fewer horizon_days"
                )
        return timestamps
    first = later(begin, cutoffs.initial_days, "the first cut-off")
    until = later(first, cutoffs.horizon_days, "the horizon")
    if until > end:
        raise ConfigurationError(
            f"the first cut-off, {iso(first)}, and its horizon until {iso(until)} lie outside the data: "
            f"{span}; take fewer initial_days or horizon_days"
        )
    steps = (end - horizon - first) // timedelta(days=cutoffs.step_days)
    if steps >= MOST_CUTOFFS:
        raise ConfigurationError(
            f"{steps + 1:,} cut-offs are more than the {MOST_CUTOFFS} that a backtest can have; take longer steps"
        )
    return tuple(first + step * timedelta(days=cutoffs.step_days) for step in range(steps + 1))


def windows_of(timestamps: tuple[datetime, ...], horizon_days: float) -> tuple[Window, ...]:
    """Return the window of each cut-off, in order; the last one is no longer than the longest of the others."""
    horizon = timedelta(days=horizon_days)
    gap = max((after - before for before, after in pairwise(timestamps)), default=horizon)
    takeovers = (*timestamps[1:], timestamps[-1] + gap)
    return tuple(
        Window(timestamp, min(takeover, timestamp + horizon), timestamp + horizon)
        for timestamp, takeover in zip(timestamps, takeovers, strict=True)
    )


def parts_by_cutoffs(
    examples: Examples, timestamps: tuple[datetime, ...], cutoffs: Cutoffs
) -> Iterator[Part]:
    """Yield a part for each cut-off: before it what trains, after it all rows until the last horizon ends.

    Rows before the cut-off whose label is known only after it are in none of its splits: nobody could have trained
    on them. The test rows reach beyond the cut-off's own horizon, so that the ageing of its model can be measured.
    Raises `DataError` when there is no row with a known label before a cut-off, or when the rows until the next cut-off or the end
    of the horizon do not have both classes.
    """
    frame = examples.frame
    times = frame["time"]
    windows = windows_of(timestamps, cutoffs.horizon_days)

    def row_at(timestamp: datetime) -> int:
        return int(times.search_sorted(timestamp, side="left"))

    last = row_at(windows[-1].judged_until)
    for index, window in enumerate(windows, start=1):
        name, timestamp = f"cutoff-{index}", iso(window.cutoff)
        start = (
            later(window.cutoff, -cutoffs.initial_days, "the window")
            if cutoffs.window == "sliding"
            else times[0]
        )
        oldest, cut, until = row_at(start), row_at(window.cutoff), row_at(window.serves_until)
        known = known_rows(frame, window.cutoff, cutoffs.label_delay_days)
        if oldest >= known:
            late = f"whose label is known by then, {cutoffs.label_delay_days:g} days later"
            raise DataError(
                f"{name} ({timestamp}) has no row before it {late if cutoffs.label_delay_days else 'to train on'}; "
                f"take longer windows"
            )
        positives = int(frame[cut:until]["label"].sum())
        if not 0 < positives < until - cut:
            raise DataError(
                f"{name} ({timestamp}) has {until - cut:,} rows, {positives:,} of them positive, until "
                f"{iso(window.serves_until)}; a model is judged on both classes: take longer steps and horizons"
            )
        train, validation = without_newest(frame[oldest:known], cutoffs.validation)
        test = Examples(frame[cut:last])
        yield Part(name, Examples(train), Examples(validation), test, cutoff=timestamp)


def iso(timestamp: datetime) -> str:
    """Return a timestamp as ISO 8601 in UTC, as examples and profiles write it."""
    return timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
