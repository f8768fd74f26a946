"""What every part of the running server shares: its folder, its address, its default account.

Set once by `infra.local.server` before any part is installed, then only read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from headrace.errors import LocalAwsError


@dataclass(frozen=True)
class Context:
    """The facts of one running server, and what has to end before its state is saved."""

    home: Path
    port: int
    account: str
    region: str
    enders: list[Callable[[], None]] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        """The address of the API. It says localhost because a TemplateURL has to."""
        return f"http://localhost:{self.port}"

    def before_saving(self, end: Callable[[], None]) -> None:
        """Have `end` called when the server stops: it ends what still runs and returns when it has ended."""
        self.enders.append(end)


_current: list[Context] = []


def enter(context: Context) -> None:
    """Make this the context of the process; a process serves one."""
    _current[:] = [context]


def current() -> Context:
    """Return the context of the server that this process is; raise `LocalAwsError` in any other process."""
    if not _current:
        raise LocalAwsError("this process is no local AWS server; start one with `make up`")
    return _current[0]
