"""Deployments as lines of a table."""

from collections.abc import Sequence
from datetime import datetime

from headrace_aws import formatting
from headrace_aws.release.ledger import ROLLED_BACK, STARTED, Deployment, effective

_REASON_LENGTH = 60
_WORDS = {STARTED: "interrupted or running", ROLLED_BACK: "put back"}


def listing_lines(deployments: Sequence[Deployment]) -> list[str]:
    """Return a line for each deployment, the newest first, under a head; `*` marks the one in place.

    `deployments` begin with the oldest.
    """
    in_place = effective(deployments)[-1:]
    heads = ["", "started (UTC)", "release", "status", "took", "by", "reason"]
    rows = [_cells(one, current=one in in_place) for one in reversed(deployments)]
    return formatting.columns([heads, *rows])


def _cells(one: Deployment, *, current: bool) -> list[str]:
    return [
        "*" if current else "",
        formatting.moment(datetime.fromisoformat(one.started_at)),
        one.release,
        _WORDS.get(one.status, one.status),
        _took(one),
        one.run or one.who.rpartition(":")[2],
        _shortened(one.reason) or "-",
    ]


def _took(one: Deployment) -> str:
    if not one.ended_at:
        return "-"
    elapsed = datetime.fromisoformat(one.ended_at) - datetime.fromisoformat(one.started_at)
    return formatting.duration(elapsed.total_seconds())


def _shortened(text: str) -> str:
    first = text.partition("\n")[0]
    return first if len(first) <= _REASON_LENGTH else f"{first[: _REASON_LENGTH - 3]}..."
