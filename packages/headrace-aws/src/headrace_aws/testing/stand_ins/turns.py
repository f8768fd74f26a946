"""GitHub's concurrency groups with `queue: max`: one job of a group at a time, the others wait in the order they came.

The first step of a job, harden-runner, asks this server for the job's turn (`turn.py`), and the turn ends when act says
that the job has ended.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from headrace_aws.testing.stand_ins.servers import listening

LIMIT_SECONDS = 600  # a machine may be busy


class Turns:
    """The job whose turn it is in each group, and those that wait."""

    def __init__(self) -> None:
        self.url = ""
        self.given: list[tuple[str, str]] = []  # group and run, in their order
        self._waiting: defaultdict[str, deque[tuple[str, str]]] = defaultdict(deque)
        self._changed = threading.Condition()

    def wait(self, group: str, run: str, job: str) -> bool:
        """Return once a job has the turn in its group; False when that takes too long."""
        with self._changed:
            self._waiting[group].append((run, job))
            self._changed.notify_all()
            has_turn = self._changed.wait_for(lambda: self._waiting[group][0] == (run, job), LIMIT_SECONDS)
            if has_turn:
                self.given.append((group, run))
                self._changed.notify_all()
            return has_turn

    def end(self, run: str, job: str) -> None:
        """End the turn of a job; the next one that waits gets it."""
        with self._changed:
            for waiting in self._waiting.values():
                if (run, job) in waiting:
                    waiting.remove((run, job))
            self._changed.notify_all()

    def wait_for_number(self, number: int) -> bool:
        """Return once so many turns were given; False when that takes too long."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.given) >= number, LIMIT_SECONDS)


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the turns of the server."""

    def do_GET(self) -> None:
        """Answer when the turn has come."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        turns: Turns = self.server.turns  # type: ignore[attr-defined]
        self.send_response(200 if turns.wait(asked["group"], asked["run"], asked["job"]) else 504)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Write no log."""


@contextmanager
def concurrency() -> Iterator[Turns]:
    """Serve the turns of all concurrency groups."""
    turns = Turns()
    with listening(Handler) as server:
        server.turns = turns  # type: ignore[attr-defined]
        turns.url = f"http://127.0.0.1:{server.server_port}"
        yield turns
