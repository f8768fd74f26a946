"""What pydantic finds wrong with a person's settings, in words: the key as it was written, what it has to be, the value."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from headrace.strict_json import shown

_KEY = "[key]"  # what pydantic adds to the place of a key that cannot be
_WHOLE, _NUMBER, _DATE = "a whole number", "a number", "a date such as 2026-03-31"
# By pydantic's type of error; braces are its context. An error that is not here has words of its own.
_HAS_TO_BE = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "date_from_datetime_inexact": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_parsing": _DATE,
    "date_type": _DATE,
    "dict_type": "a table of keys and values",
    "finite_number": "a finite number",
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "greater_than": "more than {gt:.15g}",
    "greater_than_equal": "{ge:.15g} or more",
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_type": _WHOLE,
    "invalid_key": "a text, as every key is",
    "less_than": "less than {lt:.15g}",
    "less_than_equal": "{le:.15g} or less",
    "list_type": "a list",
    "literal_error": "{expected}",
    "mapping_type": "a table of keys and values",
    "model_type": "a table of keys and values",
    "string_pattern_mismatch": "a text that matches {pattern}",
    "string_type": "a text",
    "too_long": "{max_length} values or fewer, and has {actual_length}",
    "too_short": "{min_length} value or more, and has {actual_length}",
    "tuple_type": "a list",
}
# The members of a union that pydantic adds to the place, and how the types of their errors begin.
_MEMBERS = {"str": ("string_",), "int": ("int_",), "float": ("float_", "finite_"), "bool": ("bool_",)}


def faults_of(error: ValidationError, name: str, kind: type[BaseModel] | None = None) -> list[str]:
    """Return each fault with its place, or the name of the whole, and the value that was found there.

    `kind` is what was read: with it, an unknown key is reported with the keys that are known there.
    """
    found: dict[tuple[int | str, ...], list[Mapping[str, Any]]] = {}
    for fault in error.errors(include_url=False):
        place = fault["loc"]
        if place and fault["type"].startswith(_MEMBERS.get(str(place[-1]), ())):
            place = place[:-1] if _is_union(place[:-1], error) else place
        found.setdefault(place, []).append(fault)
    return [_message(place, faults, name, kind) for place, faults in found.items()]


def _is_union(place: tuple[int | str, ...], error: ValidationError) -> bool:
    return sum(fault["loc"][:-1] == place for fault in error.errors(include_url=False)) > 1


def _message(
    place: tuple[int | str, ...],
    faults: Sequence[Mapping[str, Any]],
    name: str,
    kind: type[BaseModel] | None,
) -> str:
    first = faults[0]
    key = ".".join(map(str, place)) if any(map(str, place)) else "''" if place else name
    if first["type"] == "missing":
        return f"{key}: is missing"
    if first["type"] == "extra_forbidden":
        return f"{key}: unknown key{_hint(place, kind)}"
    if place[-1:] == (_KEY,):
        key = f"{'.'.join(map(str, place[:-2])) or name}: a key in it"
        return f"{key} has to be {_words(first).removeprefix('has to be ')} (found {shown(place[-2])})"
    found = shown(first["input"])
    expected = list(dict.fromkeys(map(_words, faults)))
    if first["type"] not in _HAS_TO_BE:
        # A rule of our own, which may quote the value; of a whole table it has named the keys.
        is_named = found in expected[0] or isinstance(first["input"], Mapping)
        return f"{key}: {expected[0]}" + ("" if is_named else f" (found {found})")
    if _NUMBER in expected and _WHOLE in expected:
        expected.remove(_WHOLE)
    return f"{key}: has to be {', or '.join(expected)} (found {found})"


def _words(fault: Mapping[str, Any]) -> str:
    words = _HAS_TO_BE.get(fault["type"])
    return words.format(**fault.get("ctx", {})) if words else fault["msg"].removeprefix("Value error, ")


def _hint(place: Sequence[int | str], kind: type[BaseModel] | None) -> str:
    """Return which key was meant, or which ones there are."""
    found: Any = kind
    for part in place[:-1]:
        field = getattr(found, "model_fields", {}).get(part)
        found = (
            field.annotation if field else next(reversed(get_args(found)), None)
        )  # the values of a mapping
    known = list(getattr(found, "model_fields", ()))
    near = difflib.get_close_matches(str(place[-1]), known, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known keys: {', '.join(known)}" if known else ""
