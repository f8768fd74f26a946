r"""The syntax of intrinsic functions: `States.Format('{}-{}', $.name, States.ArrayLength($.items))`.

An argument is a text in single quotes (with `\'`, `\{`, `\}` and `\\`), a number, true, false, null, a path, or
another function. Source: Amazon States Language, appendix B.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from headrace_local import strict_json

_NAME = re.compile(r"States\.(\w+)\s*\(")
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'")
_WORD = re.compile(r"true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_SPACE = re.compile(r"\s*")
_MOST_NESTED = 10


@dataclass(frozen=True)
class Literal:
    """A text, number, boolean or null that stands in the definition; a text still has its escapes."""

    value: object


@dataclass(frozen=True)
class Path:
    """A path into the state's input (`$.a`), the context object (`$$.a`) or the variables (`$a`)."""

    path: str


@dataclass(frozen=True)
class Call:
    """A function, by its name without `States.`, and what it is given; `source` is how it was written."""

    name: str
    arguments: "tuple[Literal | Path | Call, ...]"
    source: str


Argument = Literal | Path | Call


def parse(source: str) -> Call:
    """Return the function that a text calls; raise `ValueError` that says where it cannot be understood."""
    call, end = _call(source, 0, 1)
    if _SPACE.sub("", source[end:], count=1):
        raise ValueError(f"nothing may follow the function in '{source}', but '{source[end:]}' does")
    return call


def unescaped(text: str) -> str:
    r"""Return a text without the backslashes before `'`, `{`, `}` and `\`."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _call(source: str, start: int, depth: int) -> tuple[Call, int]:
    name = _NAME.match(source, start)
    if name is None:
        raise ValueError(f"no function such as States.Format(...) at position {start} of '{source}'")
    if depth > _MOST_NESTED:
        raise ValueError(f"functions are nested more than {_MOST_NESTED} deep in '{source}'")
    arguments: list[Argument] = []
    position = _after_space(source, name.end())
    while source[position : position + 1] != ")":
        if arguments:
            if source[position : position + 1] != ",":
                raise ValueError(f"a comma or a parenthesis is missing at position {position} of '{source}'")
            position = _after_space(source, position + 1)
        argument, position = _argument(source, position, depth)
        arguments.append(argument)
        position = _after_space(source, position)
    end = position + 1
    return Call(name[1], tuple(arguments), source[start:end]), end


def _argument(source: str, start: int, depth: int) -> tuple[Argument, int]:
    if source.startswith("States.", start):
        return _call(source, start, depth + 1)
    if source.startswith("$", start):
        end = _end_of_path(source, start)
        return Path(source[start:end].rstrip()), end
    text = _TEXT.match(source, start)
    if text is not None:
        return Literal(text[1]), text.end()
    word = _WORD.match(source, start)
    if word is not None:
        return Literal(strict_json.loads(word[0])), word.end()
    raise ValueError(f"no text, number, path or function at position {start} of '{source}'")


def _end_of_path(source: str, start: int) -> int:
    """Return where a path ends: at a comma or parenthesis that is in no bracket and no quotes of its own."""
    depth = 0
    for position, character in _unquoted(source, start):
        if depth == 0 and character in ",)":
            return position
        depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(character, 0)
    return len(source)


def _unquoted(source: str, start: int) -> Iterator[tuple[int, str]]:
    quote = ""
    for position in range(start, len(source)):
        character = source[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            yield position, character


def _after_space(source: str, position: int) -> int:
    space = _SPACE.match(source, position)
    return space.end() if space is not None else position
