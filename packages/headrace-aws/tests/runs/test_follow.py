"""How a run is shown while it goes."""

import io
import re
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from rich.console import Console

from headrace.errors import WaitError
from headrace_aws.runs.failure import Failure
from headrace_aws.runs.follow import LiveTable, follow, line, plain_lines
from headrace_aws.runs.history import Job, Visit
from headrace_aws.waiting import EXECUTION

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NOW = START + timedelta(seconds=90)


def visit(state: str, seconds: float | None, kind: str = "Task", **more: object) -> Visit:
    exited = None if seconds is None else START + timedelta(seconds=seconds)
    return Visit(state, kind, START, exited, **more)  # type: ignore[arg-type]


def table(*found: Visit, width: int = 120) -> str:
    """Return what a terminal shows in the end."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    with LiveTable(console) as show:
        show(found[:1], NOW)
        show(found, NOW)
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9?]*[A-Za-z]", "", console.file.getvalue())  # without the moves of the cursor


def test_a_line_has_time_state_and_what_was_unusual() -> None:
    """Seconds until now or to the end, the state's name, its error, and the number of the try."""
    assert line(visit("Train model", None), NOW) == "    90.0 s  Train model"
    jobs = (Job("TrainingJob", "t-0"), Job("TrainingJob", "t-1"))
    failed = visit("Train model", 3, jobs=jobs, failure=Failure("States.Timeout", ""))
    assert line(failed, NOW) == "     3.0 s  Train model  (States.Timeout, try 2)"


def test_plain_lines_say_each_state_once_and_when_it_has_ended() -> None:
    """What still runs is not said yet, what was said is not repeated, and choices are left out."""
    said: list[str] = []
    show = plain_lines(said.append)
    running = [visit("Prepare data", 1), visit("Has champion?", 1, "Choice"), visit("Train model", None)]
    show(running, NOW)
    show(running, NOW)
    assert said == ["     1.0 s  Prepare data"]
    show([*running[:2], visit("Train model", 60)], NOW)
    assert said[1:] == ["    60.0 s  Train model"]


@pytest.mark.parametrize("end", sorted(EXECUTION.ended))
def test_an_execution_is_followed_to_each_of_its_ends(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a running execution nor one that waits to be redriven has ended; a status that is not known is an error."""
    monkeypatch.setattr("headrace_aws.runs.follow.PAUSE_SECONDS", 0.001)
    session: Any = boto3.Session("key", "secret", region_name="us-east-1")
    for statuses, last in (([*EXECUTION.under_way, end], end), ([*EXECUTION.under_way, "NEW"], "")):
        states, left = session.client("stepfunctions"), list(statuses)

        def answer(model: Any, left: list[str] = left, **_: Any) -> tuple[SimpleNamespace, dict[str, Any]]:
            described = model.name == "DescribeExecution"
            return SimpleNamespace(status_code=200), {"status": left.pop(0)} if described else {"events": []}

        states.meta.events.register("before-call.stepfunctions", answer)
        with nullcontext() if last else pytest.raises(WaitError, match=r"^r has the status 'NEW'"):
            described, _ = follow(states, "arn:aws:states:us-east-1:1:execution:m:r", lambda _: None)
            assert described["status"] == last
        assert left == []


def test_the_table_shows_how_each_state_stands() -> None:
    """Done, running and failed states stand with the name of their last job; choices are left out."""
    shown = table(
        visit("Prepare data", 1, jobs=(Job("ProcessingJob", "p-0"),)),
        visit("Has champion?", 1, "Choice"),
        visit("Train model", None, jobs=(Job("TrainingJob", "t-0"), Job("TrainingJob", "t-1"))),
        visit("Run failed", 2, "Fail"),
    )
    rows = [text.split() for text in shown.splitlines() if text.strip()][-3:]
    assert rows[0] == ["done", "1.0", "s", "Prepare", "data", "p-0"]
    assert rows[1] == ["running", "90.0", "s", "Train", "model", "(try", "2)", "t-1"]
    assert rows[2] == ["failed", "2.0", "s", "Run", "failed"]
    assert "Has champion?" not in shown


def test_the_table_shows_names_as_they_are() -> None:
    """Brackets in a state's name are no markup of the terminal library."""
    assert "Evaluate [fold] [/red] [bold]x" in table(visit("Evaluate [fold] [/red] [bold]x", 1))
