"""One thread that sleeps until the next moment at which something is due, or until that moment changes."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

# A machine that was suspended would otherwise wake late: the sleep of a thread does not count that time.
_LONGEST_SLEEP_SECONDS = 60.0

logger = logging.getLogger("headrace_local")

Action = Callable[[], None]


class Timers:
    """What is due when, by a key; a key has one moment."""

    def __init__(self) -> None:
        self._due: dict[str, tuple[float, Action]] = {}
        self._changed = threading.Condition()

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._run, name="timers", daemon=True).start()

    def set(self, key: str, moment: datetime | None, action: Action) -> None:
        """Have `action` called at a moment, in place of what the key had; None is never."""
        with self._changed:
            if moment is None:
                self._due.pop(key, None)
            else:
                self._due[key] = (moment.timestamp(), action)
            self._changed.notify()

    def cancel(self, key: str) -> None:
        """Forget a key."""
        with self._changed:
            self._due.pop(key, None)

    def _run(self) -> None:
        while True:
            for key, action in self._next():
                try:
                    action()
                except Exception:
                    logger.exception("could not do what was due: %s", key)

    def _next(self) -> list[tuple[str, Action]]:
        """Wait until something is due, and take it out."""
        with self._changed:
            while True:
                now = time.time()
                due = {key: action for key, (moment, action) in self._due.items() if moment <= now}
                if due:
                    for key in due:
                        del self._due[key]
                    return list(due.items())
                soonest = min((moment for moment, _ in self._due.values()), default=None)
                sleep = None if soonest is None else min(soonest - now, _LONGEST_SLEEP_SECONDS)
                self._changed.wait(sleep)


TIMERS = Timers()
