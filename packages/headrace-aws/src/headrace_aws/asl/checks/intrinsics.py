"""What can be known of the values of `.$` keys before a run: their type, their length, the paths that they read."""

from collections.abc import Iterator
from typing import Literal as Choice

from headrace_local.grammars import intrinsic_syntax
from headrace_local.grammars.intrinsic_functions import FUNCTIONS, hashed, string_format
from headrace_local.grammars.intrinsic_syntax import Argument, Call, Literal, Path

Kind = Choice["string", "list", "map", "integer", "any"]

# What each function returns, where it does not depend on the data.
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("Array", "ArrayPartition", "ArrayRange", "ArrayUnique", "StringSplit"), "list"),
    **dict.fromkeys(("ArrayLength", "MathAdd", "MathRandom"), "integer"),
    **dict.fromkeys(("Base64Decode", "Base64Encode", "Format", "Hash", "JsonToString", "UUID"), "string"),
    "JsonMerge": "map",
}


def parse(text: str) -> Path | Call:
    """Return the path or the call that a text holds; raise `ValueError` when it holds neither."""
    if text.startswith("$"):
        return Path(text)
    expression = intrinsic_syntax.parse(text)
    for call in _calls(expression):
        if call.name not in FUNCTIONS:
            raise ValueError(f"it calls States.{call.name}, which does not exist")
        _length_without_values(call)
    return expression


def kind(expression: Argument) -> Kind:
    """Return the type of an expression's value, as far as it can be known."""
    return _KINDS.get(expression.name, "any") if isinstance(expression, Call) else "any"


def longest(expression: Argument, known: dict[str, int]) -> int | None:
    """Return the greatest length of a text in characters, or None when a part of it has none.

    `known` gives the greatest length of the value at a path.
    """
    if isinstance(expression, Path):
        return known.get(expression.path)
    if isinstance(expression, Literal):
        return len(str(expression.value))
    total = _length_without_values(expression)
    for value in expression.arguments[1:] if expression.name == "Format" else ():
        length = longest(value, known)
        total = None if total is None or length is None else total + length
    return total


def paths(expression: Argument) -> set[str]:
    """Return every path in an expression."""
    if isinstance(expression, Path):
        return {expression.path}
    if isinstance(expression, Call):
        return {path for argument in expression.arguments for path in paths(argument)}
    return set()


def _calls(call: Call) -> Iterator[Call]:
    yield call
    for argument in call.arguments:
        if isinstance(argument, Call):
            yield from _calls(argument)


def _length_without_values(call: Call) -> int | None:
    """Return the length of a hash, or of a Format of empty values; None for any other call.

    Raises `ValueError` for an unknown algorithm, and when a Format has not as many values as places.
    """
    match call:
        case Call("Hash", (_, Literal(algorithm))):
            return len(hashed("", algorithm))
        case Call("Format", (Literal(template), *values)):
            return len(string_format(template, *[""] * len(values)))
    return None
