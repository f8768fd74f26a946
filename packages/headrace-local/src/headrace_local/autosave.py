"""Save the state while the server runs: one that is killed loses what ran, and not what had ended."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from headrace_local import state
from headrace_local.context import Context
from headrace_local.files import state_file
from headrace_local.request_guard import Application
from headrace_local.saving import LAST_ERROR, SAVE

_PAUSE_SECONDS = 2.0  # between two savings
_RETRY_SECONDS = 10.0  # after one that failed
_CHANGE_SECONDS = 30.0  # for a change of a stack to end
_SHARE = 0.05  # of the time at most is spent on saving, but for what is to be saved soon: a large state is saved more seldom
_READS = ("BatchGet", "Describe", "Get", "List", "Query", "Receive", "Scan", "Search", "Validate")

logger = logging.getLogger("headrace_local")


def save_in_the_background(context: Context) -> None:
    """Start a thread that saves the state whenever there is something to save."""
    threading.Thread(target=_save_forever, args=(context,), name="saving", daemon=True).start()


def saving(application: Application, context: Context) -> Application:
    """Return the application that has the state saved after a request that changes it, and answers `saving`'s questions."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        operation = environ.get("HTTP_X_AMZ_TARGET", "")
        if operation in {SAVE, LAST_ERROR}:
            if operation == SAVE:
                _is_saved(context)
            start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
            return [context.save_error[0].encode()]
        answered = application(environ, start_response)
        if _may_change(environ["REQUEST_METHOD"], operation):
            context.unsaved.set()
        return answered

    return answer


def _may_change(method: str, operation: str) -> bool:
    """Tell whether a request may change the state; of the APIs that have neither method nor header, only CloudFormation's tell."""
    return method in {"PUT", "DELETE"} or bool(
        operation and not operation.rpartition(".")[2].startswith(_READS)
    )


def _save_forever(context: Context) -> None:
    while True:
        context.unsaved.wait()
        context.unsaved.clear()
        context.soon.clear()
        begun = time.monotonic()
        if not _is_saved(context):
            context.unsaved.set()  # so that it is tried again
            time.sleep(_RETRY_SECONDS)
            continue
        used = time.monotonic() - begun
        time.sleep(_PAUSE_SECONDS)
        context.soon.wait(max(0, used / _SHARE - _PAUSE_SECONDS))


def save(context: Context) -> None:
    """Save the state, with no stack in the middle of a change: a server that is killed could never end that."""
    is_whole = context.whole.acquire(timeout=_CHANGE_SECONDS)
    try:
        state.save(context.home, context.has_folder)
    finally:
        if is_whole:
            context.whole.release()


def _is_saved(context: Context) -> bool:
    """Save the state, and keep in the context why it could not be."""
    try:
        save(context)
    except Exception as error:
        logger.exception("could not save the state while running; it will be tried again")
        reason = error.strerror if isinstance(error, OSError) else None
        context.save_error[0] = f"{reason}: {state_file(context.home)}" if reason else repr(error)
        return False
    context.save_error[0] = ""
    return True
