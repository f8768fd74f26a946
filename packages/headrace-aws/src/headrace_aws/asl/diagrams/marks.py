"""What a run made of a state, to be shown in the drawing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Status = Literal["succeeded", "failed", "caught", "running", "not reached"]

SIGNS: dict[Status, str] = {"succeeded": "✓", "failed": "✗", "caught": "!", "running": "…", "not reached": ""}
_MINUTE = 60
_HOUR = 3600
_SHORTEST = 0.05  # seconds that are shown
_PRECISE = 10  # seconds below which a tenth is shown


@dataclass(frozen=True)
class Mark:
    """What a run made of one state. `caught`: it failed, and the run went on by a way made for that."""

    status: Status
    seconds: float | None = None  # over all visits
    visits: int = 1
    retries: int = 0
    iterations: int | None = None  # of a map: begun
    succeeded: int = 0  # of its iterations
    failed: int = 0

    @property
    def words(self) -> str:
        """The mark in a few words, such as `8.9 s, 2 retries`."""
        parts = [duration(self.seconds)] if self.seconds is not None and self.seconds >= _SHORTEST else []
        if self.iterations is not None:
            parts.append(f"{self.succeeded} of {self.iterations}")
            parts += [f"{self.failed} failed"] if self.failed else []
        elif self.visits > 1:
            parts.append(f"{self.visits} times")
        if self.retries:
            parts.append("1 retry" if self.retries == 1 else f"{self.retries} retries")
        return ", ".join(parts)


@dataclass(frozen=True)
class Run:
    """What a run made of the states, and which ways it went."""

    marks: Mapping[str, Mark]
    taken: frozenset[tuple[str, str]] = frozenset()  # from state to state


def duration(seconds: float) -> str:
    """Return a time as it is spoken: 8.9 s, 2 min 5 s, 1 h 4 min."""
    if seconds < _PRECISE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR:,} h {whole % _HOUR // _MINUTE} min"
