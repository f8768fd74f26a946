"""Waiting for what comes about by itself."""

import time
from collections.abc import Callable
from typing import Any

LIMIT_SECONDS = 30.0
_POLL_SECONDS = 0.02


def wait_for(
    get: Callable[[], Any], is_so: Callable[[Any], object] = bool, seconds: float = LIMIT_SECONDS
) -> Any:
    """Return what `get` gives once it is so; fail with the last of it when that takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so(found := get()):
        assert time.monotonic() < deadline, found
        time.sleep(_POLL_SECONDS)
    return found
