"""Values that a state machine computes while it runs: JSONPaths and the intrinsic functions of States Language.

An `Expression` in a payload needs no `.$` on its key: `payload` writes it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from headrace import strict_json
from headrace.errors import DefinitionError


class Expression(str):
    """A JSONPath (`$.raw`, `$$.Execution.Name`) or a call of an intrinsic function (`States.Hash(...)`)."""

    __slots__ = ()


Payload: TypeAlias = "str | int | float | bool | Mapping[str, Payload] | Sequence[Payload]"
Json: TypeAlias = "str | int | float | bool | dict[str, Json] | list[Json] | None"

EXECUTION = Expression("$$.Execution.Id")
EXECUTION_NAME = Expression("$$.Execution.Name")
EXECUTION_INPUT = Expression("$$.Execution.Input")
STARTED_AT = Expression("$$.Execution.StartTime")
NOW = Expression("$$.State.EnteredTime")
RETRY_COUNT = Expression("$$.State.RetryCount")


def path(text: str) -> Expression:
    """Return the value at a JSONPath of the state's input."""
    if not text.startswith("$"):
        raise DefinitionError(f"{text!r} is no JSONPath; it must start with $")
    return Expression(text)


def text(template: str, *values: Payload) -> Expression:
    """Return the template with each `{}` replaced by a value; substitutions `${Name}` pass untouched."""
    holes = len(re.findall(r"(?<!\$)\{\}", template))
    if holes != len(values):
        raise DefinitionError(f"{template!r} has {holes} place(s) and {len(values)} value(s); give one each")
    return _call("Format", template, *values)


def json_text(value: Expression) -> Expression:
    """Return a value written as JSON text."""
    return _call("JsonToString", value)


def parsed_json(value: Expression) -> Expression:
    """Return the value that a JSON text holds."""
    return _call("StringToJson", value)


def md5(value: Expression) -> Expression:
    """Return the MD5 of a text: 32 hexadecimal characters."""
    return Expression(f"States.Hash({value}, 'MD5')")


def merged(base: Expression, over: Expression) -> Expression:
    """Return two objects merged key by key, not deeper; the second wins."""
    return Expression(f"States.JsonMerge({base}, {over}, false)")


def parts(value: str, separator: str) -> Expression:
    """Return the parts of a text."""
    return _call("StringSplit", value, separator)


def day(moment: Expression) -> Expression:
    """Return the day of a moment in ISO 8601, such as 2026-11-22."""
    return _call("ArrayGetItem", parts(moment, "T"), 0)


def total(first: Expression, second: Expression | int) -> Expression:
    """Return the sum of two integers."""
    return Expression(f"States.MathAdd({first}, {second})")


def payload(value: Payload) -> Json:
    """Return the value as States Language: keys of expressions end in `.$`, lists that hold one are arrays."""
    if isinstance(value, Mapping):
        members: dict[str, Json] = {}
        for key, member in value.items():
            rendered = payload(member)
            members[f"{key}.$" if isinstance(rendered, Expression) else key] = rendered
        return members
    if isinstance(value, str | int | float | bool):
        return value
    items = list(value)
    if any(isinstance(item, Expression) for item in items):
        return _call("Array", *items)
    return [payload(item) for item in items]


def _call(function: str, *arguments: Payload) -> Expression:
    return Expression(f"States.{function}({', '.join(map(_argument, arguments))})")


def _argument(value: Payload) -> str:
    if isinstance(value, Expression):
        return value
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    if isinstance(value, bool | int | float):
        return strict_json.dumps(value)
    raise DefinitionError(f"{value!r} cannot be an argument of an intrinsic function; pass it by a path")
