"""The end of an execution: notifies what waits for it."""

import threading
from collections.abc import Callable
from typing import Any

_lock = threading.Lock()
_listeners: dict[str, list[Callable[[], None]]] = {}  # by the ARN of the execution; none is saved


def notify_at_end(execution: Any, tell: Callable[[], None]) -> None:
    """Call `tell` once when an execution that runs, or is about to, has ended."""
    with _lock:
        _listeners.setdefault(execution.execution_arn, []).append(tell)


def notify(execution: Any) -> None:
    """Call the listeners of an execution that has ended, once its output or error can be described."""
    with _lock:
        listeners = _listeners.pop(execution.execution_arn, [])
    for listener in listeners:
        listener()
