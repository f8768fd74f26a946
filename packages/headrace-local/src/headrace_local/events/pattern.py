"""Event patterns: which events match a rule.

The semantics are those that AWS documents under "Creating event patterns": every field of the pattern must match, a
field matches when one of its values does, a value is a literal or one filter; an array in an event matches when one of
its elements does; a literal matches a value of its own JSON type only.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping

from headrace_local.events.event import Event, Json

_ABSENT = object()
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    "=": lambda left, right: left == right,
    ">=": lambda left, right: left >= right,
    ">": lambda left, right: left > right,
}


class PatternError(ValueError):
    """A pattern that EventBridge would refuse; the message says why."""


def matches(pattern: Mapping[str, Json], event: Event) -> bool:
    """Tell whether an event matches the pattern; none matches an empty pattern."""
    return bool(pattern) and _object_matches(pattern, [event])


def check(pattern: Json, path: str = "") -> None:
    """Raise `PatternError` when EventBridge would not take the pattern."""
    if not isinstance(pattern, Mapping) or not pattern:
        raise PatternError(f"{path or 'Event pattern'} must be a JSON object that is not empty")
    for key, value in pattern.items():
        here = f"{path}.{key}" if path else key
        if key == "$or":
            _check_or(value, here)
        elif isinstance(value, Mapping):
            check(value, here)
        elif not isinstance(value, list):
            raise PatternError(f'"{here}" must be an object or an array')
        elif not value:
            raise PatternError(f'Empty arrays are not allowed: "{here}"')
        else:
            for item in value:
                _check_value(item, here)


def _check_or(value: Json, path: str) -> None:
    if not isinstance(value, list) or len(value) < 2:  # noqa: PLR2004 - one alternative is none
        raise PatternError(f'"{path}" must be an array of at least two objects')
    for item in value:
        check(item, path)


def _check_value(item: Json, path: str) -> None:
    if isinstance(item, list):
        raise PatternError(f'"{path}" may not hold an array in an array')
    if isinstance(item, Mapping):
        if len(item) != 1:
            raise PatternError(f'Only one key allowed in match expression of "{path}"')
        name = next(iter(item))
        if name not in _FILTERS and name != "exists":
            raise PatternError(f'Unrecognized match type {name} in "{path}"')
        if name == "numeric":
            _check_numeric(item[name], path)


def _check_numeric(operands: Json, path: str) -> None:
    right = isinstance(operands, list) and len(operands) in {2, 4}
    if not right or any(sign not in _COMPARISONS for sign in operands[::2]):
        raise PatternError(f'"numeric" of "{path}" must be one or two comparisons, such as [">", 0, "<=", 5]')
    if not all(_is_number(value) for value in operands[1::2]):
        raise PatternError(f'"numeric" of "{path}" must compare with numbers')


def _object_matches(pattern: Mapping[str, Json], nodes: list[Json]) -> bool:
    """Tell whether one of the objects of an event, all at the same path, matches."""
    return any(
        all(_field_matches(key, value, node) for key, value in pattern.items())
        for node in nodes or [{}]
        if isinstance(node, Mapping)
    )


def _field_matches(key: str, expected: Json, node: Mapping[str, Json]) -> bool:
    if key == "$or":
        return any(_object_matches(alternative, [node]) for alternative in expected)
    found = node.get(key, _ABSENT)
    if isinstance(expected, Mapping):
        # A field that is absent is an object without fields, so that "exists": false can be said of what is in it.
        inner = [{}] if found is _ABSENT else list(_elements(found))
        return _object_matches(expected, [each for each in inner if isinstance(each, Mapping)] or [{}])
    return any(_value_matches(item, found) for item in expected)


def _value_matches(expected: Json, found: Json) -> bool:
    if isinstance(expected, Mapping) and "exists" in expected:
        # Only a leaf exists: AWS says so of fields that are objects.
        return bool((found is not _ABSENT and not isinstance(found, Mapping)) == expected["exists"])
    if found is _ABSENT:
        return False
    leaves = [leaf for leaf in _elements(found) if not isinstance(leaf, Mapping)]
    if isinstance(expected, Mapping):
        ((name, operand),) = expected.items()
        return any(_FILTERS[name](operand, leaf) for leaf in leaves)
    return any(_same(expected, leaf) for leaf in leaves)


def _elements(found: Json) -> Iterable[Json]:
    """Return the elements of an array, of arrays in it too, or the one value."""
    if isinstance(found, list):
        return [leaf for item in found for leaf in _elements(item)]
    return [found]


def _same(expected: Json, found: Json) -> bool:
    """Compare as JSON does: true is not 1, and 1 is 1.0."""
    return isinstance(expected, bool) == isinstance(found, bool) and bool(expected == found)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _listed(operand: Json) -> list[Json]:
    return operand if isinstance(operand, list) else [operand]


def _text_filter(test: Callable[[str, str], bool]) -> Callable[[Json, Json], bool]:
    """Return a filter of texts; its operand is a text, several, or {"equals-ignore-case": text}."""

    def passes(operand: Json, found: Json) -> bool:
        if not isinstance(found, str):
            return False
        if isinstance(operand, Mapping):
            words = _listed(operand.get("equals-ignore-case"))
            return any(test(found.casefold(), str(each).casefold()) for each in words)
        return any(isinstance(each, str) and test(found, each) for each in _listed(operand))

    return passes


def _numeric(operand: list[Json], found: Json) -> bool:
    limits = zip(operand[::2], operand[1::2], strict=True)
    return _is_number(found) and all(_COMPARISONS[sign](found, limit) for sign, limit in limits)


def _anything_but(operand: Json, found: Json) -> bool:
    if isinstance(operand, Mapping):
        ((name, inner),) = operand.items()
        return not _FILTERS[name](inner, found)
    return not any(_same(each, found) for each in _listed(operand))


def _cidr(operand: str, found: Json) -> bool:
    try:
        return ipaddress.ip_address(found) in ipaddress.ip_network(operand)
    except ValueError:
        return False


def _wildcard(found: str, expected: str) -> bool:
    r"""Tell whether a text has the form; `*` is any text, `\*` a star, `\\` a backslash."""
    parts = re.findall(r"\\[\\*]|.", expected, re.DOTALL)
    form = "".join(".*" if part == "*" else re.escape(part[-1]) for part in parts)
    return re.fullmatch(form, found, re.DOTALL) is not None


_FILTERS: Mapping[str, Callable[[Json, Json], bool]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _text_filter(lambda found, expected: found.casefold() == expected.casefold()),
    "numeric": _numeric,
    "prefix": _text_filter(str.startswith),
    "suffix": _text_filter(str.endswith),
    "wildcard": _text_filter(_wildcard),
}
