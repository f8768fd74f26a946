"""JSON as AWS reads and writes it, RFC 8259: neither NaN nor infinity, which Python's own module takes."""

import json
import re
from collections.abc import Callable
from typing import Any, Never

# A text, which may hold anything, or what Python reads as a number.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN|-?\d[\d.eE+-]*')
_INFINITY = float("inf")


def loads(text: str | bytes, *, strict: bool = True) -> Any:  # noqa: ANN401 - JSON is any of six types
    """Return the value of a JSON text; raise `json.JSONDecodeError` for one that is none, or nested too deeply."""
    try:
        return json.loads(text, parse_constant=_refused, parse_float=_finite, strict=strict)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise json.JSONDecodeError("nested too deeply", str(text), 0) from None
    except UnicodeDecodeError as error:
        raise json.JSONDecodeError("no UTF-8", "", error.start) from error
    except ValueError as error:
        document = text if isinstance(text, str) else text.decode()
        place = next((found.start() for found in _TOKEN.finditer(document) if found[0] == str(error)), 0)
        raise json.JSONDecodeError(f"{str(error)[:40]} is no number of JSON", document, place) from error


def dumps(  # noqa: PLR0913 - those of json.dumps
    value: object,
    *,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
    ensure_ascii: bool = True,
    default: Callable[[Any], Any] | None = None,
) -> str:
    """Return a value as JSON; raise `ValueError` for a number that is not finite."""
    return json.dumps(
        value,
        allow_nan=False,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
        ensure_ascii=ensure_ascii,
        default=default,
    )


def _refused(constant: str) -> Never:
    raise ValueError(constant)


def _finite(text: str) -> float:
    number = float(text)
    return number if abs(number) < _INFINITY else _refused(text)
