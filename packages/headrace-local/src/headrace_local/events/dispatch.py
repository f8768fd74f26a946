"""One thread that delivers what rules, schedules and alarms send, in order, apart from the thread that caused it."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

from headrace_local.events.depth import at_this_depth

_END_SECONDS = 10.0

_waiting: "SimpleQueue[Callable[[], None] | None]" = SimpleQueue()
_threads: list[threading.Thread] = []
_ended = threading.Event()

logger = logging.getLogger("headrace_local")


def start() -> None:
    """Start the thread; it sleeps until there is something to deliver."""
    _threads.append(threading.Thread(target=_deliver_forever, name="events", daemon=True))
    _threads[-1].start()


def later(deliver: Callable[[], None]) -> None:
    """Have something delivered soon, as a consequence of what is done now; nothing once the server ends."""
    if not _ended.is_set():
        _waiting.put(at_this_depth(deliver))


def end() -> None:
    """Deliver what waits, and nothing from now on."""
    _ended.set()
    _waiting.put(None)
    for thread in _threads:
        thread.join(_END_SECONDS)


def _deliver_forever() -> None:
    while (deliver := _waiting.get()) is not None:
        try:
            deliver()
        except Exception:
            logger.exception("could not deliver an event")
