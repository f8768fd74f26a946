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
    """One running server: its folder, port and settings, and what is to be done when its state is loaded and saved."""

    home: Path
    port: int
    settings: Settings
    is_iam_enforced: bool = False
    has_folder: Callable[[], bool] = (
        lambda: True
    )  # whether `home` is still there, and no new one in its place
    on_load: list[Callable[[], None]] = field(default_factory=list)
    on_stop: list[Callable[[], None]] = field(default_factory=list)
    # Held by an operation that changes several services as one, and while the state is saved: it has all of that or nothing.
    whole: threading.RLock = field(default_factory=threading.RLock)
    unsaved: threading.Event = field(default_factory=threading.Event)  # set when there is something to save
    soon: threading.Event = field(default_factory=threading.Event)  # set when that is not to wait
    save_error: list[str] = field(
        default_factory=lambda: [""]
    )  # why the state could not be saved the last time

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

    def save_soon(self) -> None:
        """Have the state saved within seconds, however large it is: a run has started, or ended."""
        self.unsaved.set()
        self.soon.set()

    def after_loading(self, repair: Callable[[], None]) -> None:
        """Have `repair` called when the state is loaded: it records the end of what no longer runs."""
        self.on_load.append(repair)

    def before_saving(self, end: Callable[[], None]) -> None:
        """Have `end` called when the server stops: it ends what still runs and returns when it has ended."""
        self.on_stop.append(end)


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
