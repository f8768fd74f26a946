"""Follow an execution: one line a state, live in a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from infra.history import Event, Visit, visits

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

PAUSE_SECONDS = 0.2  # five calls a second: well within what Step Functions allows to one account
_QUICK = frozenset({"Choice", "Pass"})  # they take no time, and would hide the states that do
_MAXIMUM_RESULTS = 1000

Show = Callable[[Sequence[Visit], datetime], None]


def follow(states: "SFNClient", execution: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Show the states of an execution (its ARN) until it ends; return what DescribeExecution then answers."""
    events: dict[int, Event] = {}
    with _display(say) as show:
        while True:
            # Asked before the history is read, so that the last reading has the end in it.
            described: dict[str, Any] = dict(states.describe_execution(executionArn=execution))
            read_new_events(states, execution, events)
            show(visits(events.values()), datetime.now(UTC))
            if described["status"] != "RUNNING":
                return described
            time.sleep(2 * PAUSE_SECONDS)  # two calls a round


def history(states: "SFNClient", execution: str) -> list[Visit]:
    """Return every visit of a state of an execution (its ARN)."""
    events: dict[int, Event] = {}
    read_new_events(states, execution, events)
    return visits(events.values())


def read_new_events(states: "SFNClient", execution: str, known: dict[int, Event]) -> None:
    """Add the events that are not known yet; the newest come first, so a long history is read once."""
    newest = max(known, default=0)
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=execution, reverseOrder=True, PaginationConfig={"PageSize": _MAXIMUM_RESULTS}
    )
    for page in pages:
        known.update({event["id"]: event for event in page["events"]})
        if any(event["id"] <= newest for event in page["events"]):
            return


def line(visit: Visit, now: datetime) -> str:
    """Return a state as one line: seconds, name, and what was unusual."""
    notes = [
        visit.failure.error if visit.failure else "",
        f"try {visit.retries + 1}" if visit.retries else "",
    ]
    noted = ", ".join(note for note in notes if note)
    return f"{visit.seconds(now):8.1f} s  {visit.state}{f'  ({noted})' if noted else ''}"


def _display(say: Callable[[str], None]) -> AbstractContextManager[Show]:
    return _LiveTable() if sys.stdout.isatty() else nullcontext(_plain_lines(say))


def _plain_lines(say: Callable[[str], None]) -> Show:
    """Return what says each state once, when it has ended."""
    said: set[int] = set()

    def show(found: Sequence[Visit], now: datetime) -> None:
        for place, visit in enumerate(_shown(found)):
            if visit.exited and place not in said:
                say(line(visit, now))
                said.add(place)

    return show


class _LiveTable(AbstractContextManager[Show]):
    """A table that is drawn anew with each look, and stays when all is over."""

    def __enter__(self) -> Show:
        self._live = Live(console=Console(), auto_refresh=False)
        self._live.start()
        return self._show

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def _show(self, found: Sequence[Visit], now: datetime) -> None:
        table = Table.grid(padding=(0, 2))
        for visit in _shown(found):
            failed = visit.failure or visit.kind == "Fail"
            mark = "[red]failed" if failed else "[green]done" if visit.exited else "[yellow]running"
            job = visit.jobs[-1].name if visit.jobs else ""
            table.add_row(mark, line(visit, now), f"[dim]{job}")
        self._live.update(table, refresh=True)


def _shown(found: Iterable[Visit]) -> Iterable[Visit]:
    return (visit for visit in found if visit.kind not in _QUICK)
