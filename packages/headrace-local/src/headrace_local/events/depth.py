"""How deep in a chain of events a call is made: 0 by a user or a schedule, one more for each rule that fired before.

A target that a rule starts is one deeper than its event, and so is all that it causes: the depth goes with a thread,
from a client to the server in a header, and by ARN to the executions and jobs that run on. So a rule that causes its
own event is seen to loop, however long its way round is.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ParamSpec

from flask import has_request_context, request

from headrace_local.events.event import Json

HEADER = "x-headrace-event-depth"
_MOST_DEPTHS = 10_000

_here = threading.local()
_lock = threading.Lock()
_depths: OrderedDict[str, int] = OrderedDict()

Arguments = ParamSpec("Arguments")


def current() -> int:
    """Return how many rules had fired before whatever is done now, in this thread."""
    found: int = getattr(_here, "depth", 0)
    if not found and has_request_context():
        text = request.headers.get(HEADER, "0")
        found = int(text) if text.isdecimal() else 0
    return found


class _Depth:
    """A depth for the length of a block. Not a generator: those write to an exception that passes, frozen or not."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._before = 0

    def __enter__(self) -> None:
        self._before = getattr(_here, "depth", 0)
        _here.depth = self._depth

    def __exit__(self, *_: object) -> None:
        _here.depth = self._before


def at_depth(depth: int) -> _Depth:
    """Run the block at a depth."""
    return _Depth(depth)


def at_this_depth(function: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Return a function that runs, in whichever thread, as a consequence of what led to this call."""
    now = current()

    def run(*arguments: Arguments.args, **named: Arguments.kwargs) -> None:
        with at_depth(now):
            function(*arguments, **named)

    return run


def remember(arn: str) -> None:
    """Store the depth of something that runs on, such as an execution, which is asked for by `of`."""
    now = current()
    if now:
        with _lock:
            _depths[arn] = now
            while len(_depths) > _MOST_DEPTHS:
                _depths.popitem(last=False)


def of(arn: str) -> int:
    """Return the depth that was stored for an ARN."""
    return _depths.get(arn, 0)


def send_depth(client: Json) -> Json:
    """Have a client send the depth in each of its calls; return it."""

    def add_header(params: dict[str, Any], **_: object) -> None:
        now = current()
        if now:
            params["headers"][HEADER] = str(now)

    client.meta.events.register("before-call", add_header)
    return client
