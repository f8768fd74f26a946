"""What every part of the running server shares: its folder, its address, its default account.

Set once by `headrace_local.server` before any part is installed, then only read.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from headrace_local.errors import LocalAwsError
from headrace_local.settings import Settings


@dataclass(frozen=True)
class Context:
    """The facts of one running server, and what its parts have to do with the state that is kept of it."""

    home: Path
    port: int
    settings: Settings
    is_iam_enforced: bool = False
    settlers: list[Callable[[], None]] = field(default_factory=list)
    enders: list[Callable[[], None]] = field(default_factory=list)
    worth_saving: threading.Event = field(default_factory=threading.Event)  # set when something has ended

    @property
    def account(self) -> str:
        """The account of a request that names no other, 12 digits."""
        return self.settings.account

    @property
    def region(self) -> str:
        """The region of a request that names no other."""
        return self.settings.region

    @property
    def endpoint(self) -> str:
        """The address of the API. It says localhost because a TemplateURL has to."""
        return f"http://localhost:{self.port}"

    def after_loading(self, settle: Callable[[], None]) -> None:
        """Have `settle` called when the state is loaded: it records the end of what no longer runs."""
        self.settlers.append(settle)

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
        raise LocalAwsError("this process is no local AWS server; the command `up` starts one")
    return _current[0]


def enforces_iam() -> bool:
    """Tell whether this process is a server that enforces IAM."""
    return bool(_current) and _current[0].is_iam_enforced
