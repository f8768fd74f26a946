"""JSON as RFC 8259 has it: every JSON that is read or written goes through here.

Python's own module reads and writes NaN and infinity, which are no JSON and which AWS refuses, reads 1e999 as infinity,
and of a key that is there twice takes the last without a word.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Never

from headrace.errors import ConfigurationError
from headrace.files import utf8_text

SHOWN = 60  # characters of a text, or of a value, that a message quotes


class JsonError(ConfigurationError, ValueError):
    """A text that is no JSON, or a value that no JSON can hold: the message says where, and the remedy."""


def loads(text: str | bytes, name: str) -> Any:  # noqa: ANN401 - JSON is any of six types
    """Return the value of a JSON text; raise `JsonError`, which begins with `name`, for one that is none."""
    try:
        decoded = text if isinstance(text, str) else utf8_text(text, name)
        value = json.loads(
            decoded,
            parse_constant=_refused,
            parse_float=_finite,
            parse_int=_whole,
            object_pairs_hook=_object_of(name),
        )
        _check_characters(decoded, value, name)
    except ConfigurationError as error:
        raise JsonError(str(error)) from error
    except json.JSONDecodeError as error:
        raise JsonError(f"{name} is not JSON: {_place(error)}") from error
    except RecursionError:
        raise JsonError(f"{name} is nested too deeply: write it with fewer brackets") from None
    except ValueError as error:
        # Read once more by the loose rules, for the place of the number.
        raise JsonError(_message(name, _non_finite(json.loads(decoded, parse_int=float), ""))) from error
    return value


def dumps(  # noqa: PLR0913 - those of json.dumps
    value: object,
    *,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
    ensure_ascii: bool = True,
    default: Callable[[Any], Any] | None = None,
) -> str:
    """Return a value as JSON; raise `JsonError` that names the place of a number that is not finite."""
    try:
        return json.dumps(
            value,
            allow_nan=False,
            indent=indent,
            separators=separators,
            sort_keys=sort_keys,
            ensure_ascii=ensure_ascii,
            default=default,
        )
    except ValueError as error:
        faults = list(_non_finite(value, ""))
        if not faults:
            raise
        raise JsonError(_message("what is to be written as JSON", faults)) from error


def shown(value: object) -> str:
    """Return a value as a person wrote it, cut to what a message can hold."""
    text = repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _refused(constant: str) -> Never:
    raise ValueError(constant)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused(text)


def _whole(text: str) -> int:
    return int(text) if math.isfinite(float(text)) else _refused(text)


def _object_of(name: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise JsonError(f"{name} has the key {shown(twice)} more than once; keep one of them")
        return found

    return made


def _check_characters(text: str, value: object, name: str) -> None:
    """Raise `JsonError` for half of a surrogate pair, which no UTF-8 can hold: escaped, or from a shell's odd bytes."""
    try:
        text.encode()
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise JsonError(
            f"{name} has a character that is no Unicode: {error.object[error.start]!r}; take it out"
        ) from error


def _place(error: json.JSONDecodeError) -> str:
    """Return line and column of a fault, what stands there, and what would stand there in JSON."""
    near = error.doc[error.pos :].partition("\n")[0][:20]
    there = f", at {near!r}" if near else ", where it ends"
    hint = "; JSON has double quotes" if near.startswith("'") else ""
    return f"line {error.lineno}, column {error.colno}{there}: {error.msg[0].lower()}{error.msg[1:]}{hint}"


def _non_finite(value: object, place: str) -> Iterator[str]:
    """Yield the place of each number in a value that is not finite, with the number."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{place or 'it'} is {json.dumps(value)}"
    members = enumerate(value) if isinstance(value, list | tuple) else ()
    for key, member in value.items() if isinstance(value, Mapping) else members:
        yield from _non_finite(member, f"{place}.{key}" if place else str(key))


def _message(name: str, faults: Iterable[str]) -> str:
    return f"{name}: {', '.join(islice(faults, 3))}, and JSON has finite numbers only; give one up to 1.8e308, or leave it out"
