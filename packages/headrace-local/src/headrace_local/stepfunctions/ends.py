"""The end of an execution: whoever waits for it is told."""

import threading
from collections.abc import Callable
from typing import Any

_lock = threading.Lock()
_listeners: dict[str, list[Callable[[], None]]] = {}  # by the ARN of the execution; none is saved


def told_when_over(execution: Any, tell: Callable[[], None]) -> None:
    """Call `tell` once when an execution that runs, or is about to, has ended."""
    with _lock:
        _listeners.setdefault(execution.execution_arn, []).append(tell)


def tell(execution: Any) -> None:
    """Tell whoever waits that an execution has ended, and what it says of its end is there."""
    with _lock:
        listeners = _listeners.pop(execution.execution_arn, [])
    for listener in listeners:
        listener()
