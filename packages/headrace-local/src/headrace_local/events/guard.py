"""The limits that end a loop of rules: the length of a chain, and how often a rule fires."""

import threading
import time
from collections import defaultdict, deque

DEEPEST = 10
FIRINGS = 300
WINDOW_SECONDS = 60.0

_lock = threading.Lock()
_fired: defaultdict[str, deque[float]] = defaultdict(deque)


def detected_loop(rule_arn: str, depth: int) -> str | None:
    """Return why a rule may not fire now, after `depth` others, or None: then it counts as fired."""
    if depth >= DEEPEST:
        return f"{depth} rules have fired one after the other to cause it; this looks like a loop"
    now = time.monotonic()
    with _lock:
        times = _fired[rule_arn]
        while times and now - times[0] > WINDOW_SECONDS:
            times.popleft()
        if len(times) >= FIRINGS:
            return f"the rule has fired {FIRINGS} times within {WINDOW_SECONDS:.0f} s; this looks like a loop"
        times.append(now)
    return None
