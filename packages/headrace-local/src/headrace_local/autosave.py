"""The state saved while the server runs, so that one that is killed loses what runs and not what had ended."""

import logging
import threading
import time

from headrace_local import state
from headrace_local.context import Context

_PAUSE_SECONDS = 2.0  # between two savings
_SHARE = 0.05  # of the time at most is spent on saving: a large state is saved more seldom

logger = logging.getLogger("headrace_local")


def save_in_the_background(context: Context) -> None:
    """Start a thread that saves the state whenever something has ended that is worth it."""
    threading.Thread(target=_save_for_ever, args=(context,), name="saving", daemon=True).start()


def _save_for_ever(context: Context) -> None:
    while True:
        context.worth_saving.wait()
        context.worth_saving.clear()
        begun = time.monotonic()
        try:
            state.save(context.home)
        except Exception:
            logger.exception("could not save the state while running; the next time it will be tried again")
        time.sleep(max(_PAUSE_SECONDS, (time.monotonic() - begun) / _SHARE))
