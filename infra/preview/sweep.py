"""Previews that were left over: of a pull request that is closed, or that nobody touched for two weeks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from headrace.errors import HeadraceError
from infra import words
from infra.aws import Clients
from infra.github.api import GitHub
from infra.preview.making import TAG, TAG_OF_MODEL
from infra.preview.place import preview_name
from infra.preview.removal import remove
from infra.project_stacks import DeployedStack, project_stacks
from infra.records.place import Place
from pipelines.project import Project

LONGEST = timedelta(days=14)  # without a new commit


@dataclass(frozen=True)
class Leftover:
    """A preview that there is, as the tags of its stack tell."""

    model: str
    number: int
    renewed_at: datetime


def sweep(
    found: Clients, project: Project, is_open: Callable[[int], bool], say: Callable[[str], None]
) -> int:
    """Remove the previews that are left over, and return the exit status: 1 when one could not be judged or removed.

    Args:
        found: the environment.
        project: whose previews.
        is_open: tells whether a pull request is open.
        say: writes a line.

    """
    failed = []
    there = [each for stack in project_stacks(found, project) if (each := preview_in(stack))]
    for each in there:
        name = f"{each.model}, pull request {each.number}"
        try:
            reason = reason_to_remove(each, is_open, datetime.now(UTC))
            say(f"{name}: {reason or 'stays'}")
            if reason:
                remove(Place(found, project, preview_name(each.model, each.number)), say)
        except (HeadraceError, BotoCoreError, ClientError) as error:  # the others shall not be kept by it
            failed.append(f"error: {name}: {error}")
    for line in failed:
        say(line)
    if not there:
        say(f"{found.name} has no previews")
    return 1 if failed else 0


def preview_in(stack: DeployedStack) -> Leftover | None:
    """Return the preview that a stack holds; None when it is no preview's."""
    if not {TAG, TAG_OF_MODEL} <= stack.tags.keys():
        return None
    return Leftover(stack.tags[TAG_OF_MODEL], int(stack.tags[TAG]), stack.changed_at)


def reason_to_remove(each: Leftover, is_open: Callable[[int], bool], now: datetime) -> str:
    """Return why a preview is removed; empty when it stays."""
    if now - each.renewed_at > LONGEST:
        return f"not renewed since {words.moment(each.renewed_at)}"
    return "" if is_open(each.number) else "closed"


def open_on(github: GitHub) -> Callable[[int], bool]:
    """Return what asks GitHub whether a pull request is open."""
    return lambda number: bool(github.call("GET", f"pulls/{number}")["state"] == "open")
