"""Conditional writes to S3, one at a time: of many who write an object with `If-None-Match: *`, one succeeds.

Moto (s3/responses.py:2286) looks whether the object is there, reads the body, and writes; requests run in threads.
"""

import threading
from typing import Any

from moto.s3.responses import S3Response

from headrace_local.patching import replace

_CONDITIONS = ("If-Match", "If-None-Match")

# Those without a condition need not wait: what they write is what the next one finds.
_lock = threading.Lock()


def install() -> None:
    """Have writes and deletions with a condition wait for each other."""
    for name in ("put_object", "delete_object"):
        replace(S3Response, name, _one_at_a_time(getattr(S3Response, name)))


def _one_at_a_time(stock: Any) -> Any:  # noqa: ANN401 - a method of moto's
    def write(response: S3Response, *arguments: Any) -> Any:  # noqa: ANN401 - moto's own types
        if not any(response.headers.get(name) for name in _CONDITIONS):
            return stock(response, *arguments)
        with _lock:
            return stock(response, *arguments)

    return write
