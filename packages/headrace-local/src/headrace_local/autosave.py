"""Save the state while the server runs: one that is killed loses what ran, and not what had ended."""

import logging
import threading
import time

from headrace_local import state
from headrace_local.context import Context

_PAUSE_SECONDS = 2.0  # between two savings
_SHARE = 0.05  # of the time at most is spent on saving: a large state is saved more seldom

logger = logging.getLogger("headrace_local")


def save_in_the_background(context: Context) -> None:
    """Start a thread that saves the state whenever there is something to save."""
    threading.Thread(target=_save_forever, args=(context,), name="saving", daemon=True).start()


def _save_forever(context: Context) -> None:
    while True:
        context.unsaved.wait()
        context.unsaved.clear()
        begun = time.monotonic()
        try:
            state.save(context.home)
        except Exception:
            logger.exception("could not save the state while running; the next time it will be tried again")
        time.sleep(max(_PAUSE_SECONDS, (time.monotonic() - begun) / _SHARE))
