"""When each state ran, as bars on one scale of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from headrace_aws.asl.diagrams.marks import Status, duration
from headrace_aws.runs.history import Iteration, Visit
from headrace_aws.runs.report.overlay import failed_iterations, inner_states
from headrace_aws.runs.snapshot import RunSnapshot

ROWS_OF_A_MAP = 40
ROWS = 150
_QUICK = frozenset({"Choice", "Pass", "Succeed"})
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_TICKS = 6  # at most


@dataclass(frozen=True)
class Bar:
    """A stretch of time, in percent of the whole."""

    left: float
    width: float
    status: Status
    about: str


@dataclass(frozen=True)
class Row:
    """A state or an item of a map with its bars; one without bars is a note."""

    name: str
    bars: tuple[Bar, ...] = ()
    seconds: float = 0.0
    note: str = ""
    is_item: bool = False


@dataclass(frozen=True)
class Timeline:
    """Rows, and the scale above them: percent of the whole, and its labels."""

    rows: Sequence[Row]
    ticks: Sequence[tuple[float, str]]


def timeline(snapshot: RunSnapshot) -> Timeline:
    """Return the states that take time in the order of entering, and under each map its items."""
    inside = inner_states(snapshot.definition)
    within = frozenset[str]().union(*inside.values())
    start: datetime = snapshot.execution["startDate"]
    scale = _Scale(start, max((snapshot.end - start).total_seconds(), 0.001))
    rows: list[Row] = []
    for visit in snapshot.visits:
        if visit.kind in _QUICK or visit.state in within:
            continue
        rows.append(_row(visit, snapshot, scale))
        if visit.state in inside:
            rows += _items(visit, snapshot, scale, inside[visit.state])
    if len(rows) > ROWS:
        rows = [*rows[:ROWS], Row(f"{len(rows) - ROWS:,} more rows are not shown")]
    return Timeline(rows, scale.ticks())


@dataclass(frozen=True)
class _Scale:
    start: datetime
    seconds: float

    def bar(self, begin: datetime, seconds: float, status: Status, about: str) -> Bar:
        left = min(max((begin - self.start).total_seconds() / self.seconds, 0.0), 1.0)
        width = min(max(seconds / self.seconds, 0.0), 1.0 - left)
        return Bar(round(100 * left, 3), round(100 * width, 3), status, f"{about}: {duration(seconds)}")

    def ticks(self) -> list[tuple[float, str]]:
        step = next((step for step in _STEPS if self.seconds / step <= _TICKS), self.seconds / _TICKS)
        return [
            (round(100 * number * step / self.seconds, 3), _short(number * step))
            for number in range(int(self.seconds / step) + 1)
        ]


def _row(visit: Visit, snapshot: RunSnapshot, scale: _Scale) -> Row:
    seconds = visit.seconds(snapshot.end)
    status = _status(visit, snapshot)
    notes = [
        visit.failure.error if visit.failure else "",
        f"try {visit.retries + 1}" if visit.retries else "",
    ]
    bar = scale.bar(visit.entered, seconds, status, visit.state)
    return Row(visit.state, (bar,), seconds, ", ".join(note for note in notes if note))


def _items(visit: Visit, snapshot: RunSnapshot, scale: _Scale, inner: frozenset[str]) -> list[Row]:
    """Return a row for each item that a visit of a map worked on; of very many those that failed, and the first."""
    found = [
        each
        for each in snapshot.iterations
        if each.map == visit.state
        and visit.entered <= each.started
        and (visit.exited is None or each.started <= visit.exited)
    ]
    failed = failed_iterations(snapshot, visit.state)
    shown = sorted(found, key=lambda each: (each.index not in failed, each.index))[:ROWS_OF_A_MAP]
    rows = [
        _item(each, snapshot, scale, inner, has_failed=each.index in failed)
        for each in sorted(shown, key=lambda each: each.index)
    ]
    if len(found) > len(shown):
        hidden = [each for each in found if each not in shown]
        bad = sum(each.index in failed for each in hidden)
        rows.append(
            Row(
                f"{len(hidden):,} more items, {f'{bad:,} of them' if bad else 'none of them'} failed",
                is_item=True,
            )
        )
    return rows


def _item(
    each: Iteration, snapshot: RunSnapshot, scale: _Scale, inner: frozenset[str], *, has_failed: bool
) -> Row:
    bars = tuple(
        scale.bar(visit.entered, visit.seconds(snapshot.end), _status(visit, snapshot), visit.state)
        for visit in snapshot.visits
        if visit.iteration == each.index
        and visit.state in inner
        and visit.kind not in _QUICK
        and each.started <= visit.entered
        and (each.ended is None or visit.entered <= each.ended)
    )
    seconds = each.seconds(snapshot.end)
    status: Status = "running" if each.status == "running" else "failed" if has_failed else "succeeded"
    note = "failed" if has_failed else each.status if each.status in {"running", "aborted"} else ""
    return Row(
        f"Item {each.index}",
        bars or (scale.bar(each.started, seconds, status, "item"),),
        seconds,
        note,
        is_item=True,
    )


def _status(visit: Visit, snapshot: RunSnapshot) -> Status:
    if visit.exited is None:
        return "running"
    if visit is snapshot.failed or visit.kind == "Fail":
        return "failed"
    return "caught" if visit.failure else "succeeded"


def _short(seconds: float) -> str:
    """Return a place on the scale: 0, 0.5 s, 20 s, 5 min, 2 h."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s" if seconds else "0"
