"""What a check says, and how it walks a definition."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Definition = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """One fault of a definition: where it is, the value there (None when there is none), and what to do."""

    state: str
    member: str
    value: object
    remedy: str

    def __str__(self) -> str:
        value = "" if self.value is None else f"{self.value!r}; "
        return f"state {self.state!r}, {self.member}: {value}{self.remedy}"


def states(definition: Definition) -> Iterator[tuple[str, Definition]]:
    """Yield every state with its name, those inside Map and Parallel states as well."""
    for name, state in definition.get("States", {}).items():
        yield name, state
        for inner in machines(state):
            yield from states(inner)


def machines(state: Definition) -> Iterator[Definition]:
    """Yield the machines inside a Map or Parallel state."""
    for key in ("ItemProcessor", "Iterator"):
        if key in state:
            yield state[key]
    yield from state.get("Branches", ())
