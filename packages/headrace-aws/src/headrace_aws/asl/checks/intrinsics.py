"""Reads the values of `.$` keys: JSONPaths and calls of intrinsic functions."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind = Literal["string", "list", "map", "integer", "any"]

# What each function returns; "any" where it depends on the data.
FUNCTIONS: dict[str, Kind] = {
    "Array": "list",
    "ArrayContains": "any",
    "ArrayGetItem": "any",
    "ArrayLength": "integer",
    "ArrayPartition": "list",
    "ArrayRange": "list",
    "ArrayUnique": "list",
    "Base64Decode": "string",
    "Base64Encode": "string",
    "Format": "string",
    "Hash": "string",
    "JsonMerge": "map",
    "JsonToString": "string",
    "MathAdd": "integer",
    "MathRandom": "integer",
    "StringSplit": "list",
    "StringToJson": "any",
    "UUID": "string",
}
HASH_LENGTHS = {"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128}

_TOKEN = re.compile(
    r"\s*(?:(?P<call>States\.\w+)\(|(?P<path>\$[^,()]*)|(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>true|false|null))"
)


class SyntaxFault(Exception):  # noqa: N818 - a fault of the checked text, not of this program
    """The text is no expression; the message says why."""


@dataclass(frozen=True)
class Path:
    """A JSONPath of the state's data, or of the context object when it starts with `$$`."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call of `States.<function>`."""

    function: str
    arguments: tuple["Expression", ...]


Expression: TypeAlias = Path | Call | str | float | bool | None


def parse(text: str) -> Path | Call:
    """Return the expression that a text holds; raise `SyntaxFault` when it holds none."""
    if text.startswith("$"):
        return Path(text)
    expression, end = _parse(text, 0)
    if text[end:].strip() or not isinstance(expression, Call):
        raise SyntaxFault("is neither a path nor one call of an intrinsic function")
    return expression


def kind(expression: Expression) -> Kind:
    """Return what an expression gives, as far as it can be known."""
    return FUNCTIONS[expression.function] if isinstance(expression, Call) else "any"


def longest(expression: Expression, known: dict[str, int]) -> int | None:
    """Return the greatest length of a text in characters, or None when a part of it has none.

    `known` gives the greatest length of the value at a path.
    """
    if isinstance(expression, Path):
        return known.get(expression.text)
    if not isinstance(expression, Call):
        return len(str(expression))
    if expression.function == "Hash" and isinstance(expression.arguments[1], str):
        return HASH_LENGTHS.get(expression.arguments[1])
    if expression.function != "Format":
        return None
    template, *values = expression.arguments
    total = len(re.sub(r"(?<!\\)\{\}", "", str(template)))
    for value in values:
        length = longest(value, known)
        if length is None:
            return None
        total += length
    return total


def paths(expression: Expression) -> set[str]:
    """Return every path in an expression."""
    if isinstance(expression, Path):
        return {expression.text}
    if isinstance(expression, Call):
        return {path for argument in expression.arguments for path in paths(argument)}
    return set()


def _parse(text: str, start: int) -> tuple[Expression, int]:
    token = _TOKEN.match(text, start)
    if token is None:
        raise SyntaxFault(f"has no value at {text[start:] or 'its end'!r}")
    end = token.end()
    if token["call"]:
        return _parse_call(text, token["call"].removeprefix("States."), end)
    if token["path"]:
        return Path(token["path"].strip()), end
    if token["text"]:
        return token["text"][1:-1], end
    if token["number"]:
        return float(token["number"]), end
    return {"true": True, "false": False, "null": None}[token["word"]], end


def _parse_call(text: str, function: str, start: int) -> tuple[Call, int]:
    if function not in FUNCTIONS:
        raise SyntaxFault(f"calls States.{function}, which does not exist")
    arguments: list[Expression] = []
    end = start
    while text[end:].lstrip()[:1] != ")":
        if arguments:
            end = _after(text, end, ",")
        argument, end = _parse(text, end)
        arguments.append(argument)
    call = Call(function, tuple(arguments))
    if function == "Format" and _holes(arguments) != len(arguments) - 1:
        raise SyntaxFault(f"gives {len(arguments) - 1} value(s) for {_holes(arguments)} place(s)")
    return call, _after(text, end, ")")


def _holes(arguments: list[Expression]) -> int:
    return len(re.findall(r"(?<!\\)\{\}", str(arguments[0]))) if arguments else 0


def _after(text: str, start: int, character: str) -> int:
    found = re.compile(rf"\s*{re.escape(character)}").match(text, start)
    if found is None:
        raise SyntaxFault(f"wants {character!r} at {text[start:] or 'its end'!r}")
    return found.end()
