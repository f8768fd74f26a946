"""Follow an execution: one line a state, live in a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from headrace_aws.runs.history import Event, Visit, read_new_events, visits
from headrace_aws.waiting import EXECUTION, has_ended

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

PAUSE_SECONDS = 0.2  # five calls a second: well within what Step Functions allows to one account
PATIENCE_SECONDS = 20.0  # a lost connection may come back; what lasts longer is reported
_QUICK = frozenset({"Choice", "Pass"})  # they take no time, and would hide the states that do
_SERVER_FAULT = 500  # the HTTP statuses from here on

Show = Callable[[Sequence[Visit], datetime], None]


def follow(
    states: "SFNClient",
    execution: str,
    say: Callable[[str], None],
    is_over: Callable[[], bool] = lambda: False,
) -> tuple[dict[str, Any], list[Event]]:
    """Show the states of an execution (its ARN) until it ends; return what DescribeExecution then answers, and all events.

    The time limit is the execution's: each of its tasks has one, and AWS ends it with TIMED_OUT after a year at the latest.

    Raises:
        WaitError: its status is not known.
        BotoCoreError, ClientError: AWS did not answer, or refused to, for longer than the patience; or, once it did not,
            `is_over` says that there is nothing left to answer.
    """
    events: dict[int, Event] = {}
    lost_at: float | None = None  # when the first of the calls failed that have failed since
    with _display(say) as show:
        while True:
            try:
                # Asked before the history is read, so that the last reading has the end in it.
                described: dict[str, Any] = dict(states.describe_execution(executionArn=execution))
                read_new_events(states, execution, events)
            except (BotoCoreError, ClientError) as error:
                lost_at = lost_at or time.monotonic()
                if is_over() or not _may_pass(error) or time.monotonic() - lost_at > PATIENCE_SECONDS:
                    raise
            else:
                lost_at = None
                show(visits(events.values()), datetime.now(UTC))
                if has_ended(execution.rpartition(":")[2], described["status"], EXECUTION):
                    return described, list(events.values())
            time.sleep(2 * PAUSE_SECONDS)  # two calls a round


def line(visit: Visit, now: datetime) -> str:
    """Return a state as one line: seconds, name, and what was unusual."""
    notes = [
        visit.failure.error if visit.failure else "",
        f"try {visit.retries + 1}" if visit.retries else "",
    ]
    noted = ", ".join(note for note in notes if note)
    return f"{visit.seconds(now):8.1f} s  {visit.state}{f'  ({noted})' if noted else ''}"


def _display(say: Callable[[str], None]) -> AbstractContextManager[Show]:
    return LiveTable(Console()) if sys.stdout.isatty() else nullcontext(plain_lines(say))


def plain_lines(say: Callable[[str], None]) -> Show:
    """Return what says each state once, when it has ended."""
    said: set[int] = set()

    def show(found: Sequence[Visit], now: datetime) -> None:
        for place, visit in enumerate(_shown(found)):
            if visit.exited and place not in said:
                say(line(visit, now))
                said.add(place)

    return show


class LiveTable(AbstractContextManager[Show]):
    """A table that is drawn anew with each look, and stays when all is over."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Show:
        self._live = Live(console=self._console, auto_refresh=False)
        self._live.start()
        return self._show

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def _show(self, found: Sequence[Visit], now: datetime) -> None:
        table = Table.grid(padding=(0, 2))
        for visit in _shown(found):
            failed = visit.failure or visit.kind == "Fail"
            mark, style = (
                ("failed", "red") if failed else ("done", "green") if visit.exited else ("running", "yellow")
            )
            job = visit.jobs[-1].name if visit.jobs else ""
            # As Text: in a plain string rich would take the brackets of a state's name for markup.
            table.add_row(Text(mark, style), Text(line(visit, now)), Text(job, "dim"))
        self._live.update(table, refresh=True)


def _may_pass(error: BotoCoreError | ClientError) -> bool:
    """Tell whether an error may pass by itself: no connection, too many calls, a fault of AWS, a new login."""
    if isinstance(error, BotoCoreError):
        return True
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    code = error.response["Error"]["Code"]
    return status >= _SERVER_FAULT or any(word in code for word in ("Throttl", "TooManyRequests", "Expired"))


def _shown(found: Iterable[Visit]) -> Iterable[Visit]:
    return (visit for visit in found if visit.kind not in _QUICK)
