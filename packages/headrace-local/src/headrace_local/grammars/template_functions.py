"""Intrinsic functions: what the expressions of a template come to."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import islice

from headrace_local.grammars.errors import TemplateError
from headrace_local.grammars.template import Json

NO_VALUE = object()  # what AWS::NoValue comes to: the key that holds it is left out

# In a plan: stands for what only a new resource will tell, its id or an attribute.
UNKNOWN = "(known after the change)"

_CIDR_BITS = {4: 8, 6: 64}  # of a part by Fn::Cidr, unless told

VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


@dataclass(frozen=True)
class Scope:
    """What names stand for while a template is worked out.

    `resource(logical_id, attribute)` gives Ref for the attribute None; `export(name)` an exported value.
    """

    values: Mapping[str, Json]  # parameters and pseudo parameters
    mappings: Mapping[str, Json]
    conditions: Mapping[str, bool]
    resource: Callable[[str, str | None], Json]
    export: Callable[[str], Json]


def resolved(value: Json, scope: Scope) -> Json:
    """Return `value` with every function worked out."""
    if isinstance(value, dict):
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in _FUNCTIONS and not (name == "Condition" and isinstance(argument, dict)):
                return _applied(name, argument, scope)
            if name.startswith("Fn::"):
                raise TemplateError(f"Template error: the function {name} is not supported")
        items = {key: resolved(item, scope) for key, item in value.items()}
        return {key: item for key, item in items.items() if item is not NO_VALUE}
    if isinstance(value, list):
        return [item for item in (resolved(item, scope) for item in value) if item is not NO_VALUE]
    if isinstance(value, str) and "{{resolve:" in value:
        raise TemplateError(f"Template error: dynamic references are not supported: {value}")
    return value


def _applied(name: str, argument: Json, scope: Scope) -> Json:
    try:
        return _FUNCTIONS[name](argument, scope)
    except TemplateError:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise TemplateError(f"Template error: {name} cannot be applied to {argument!r}") from error


def _ref(name: Json, scope: Scope) -> Json:
    if name == "AWS::NoValue":
        return NO_VALUE
    return scope.values[name] if name in scope.values else scope.resource(name, None)


def _get_att(argument: Json, scope: Scope) -> Json:
    logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return scope.resource(logical_id, resolved(attribute, scope))


def _sub(argument: Json, scope: Scope) -> str:
    text, local = (argument, {}) if isinstance(argument, str) else argument
    local = resolved(local, scope)

    def replacement(match: re.Match[str]) -> str:
        literal, name = match.group(1), match.group(2).strip()
        if literal:
            return "${" + match.group(2) + "}"
        if name in local:
            return as_text(local[name])
        if "." in name:
            return as_text(_get_att(name, scope))
        return as_text(_ref(name, scope))

    return VARIABLE.sub(replacement, text)


def as_text(value: Json) -> str:
    """Return a scalar as CloudFormation writes it into a string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(as_text(item) for item in value)
    return str(value)


def _join(argument: Json, scope: Scope) -> str:
    separator, items = argument
    return str(separator).join(as_text(item) for item in resolved(items, scope))


def _split(argument: Json, scope: Scope) -> list[str]:
    separator, text = argument
    return str(resolved(text, scope)).split(separator)


def _select(argument: Json, scope: Scope) -> Json:
    index, items = argument
    position, found = int(resolved(index, scope)), resolved(items, scope)
    if any(UNKNOWN in as_text(item) for item in found):
        return UNKNOWN
    if not 0 <= position < len(found):
        raise TemplateError(f"Template error: Fn::Select cannot select nonexistent value at index {position}")
    return found[position]


def _find_in_map(argument: Json, scope: Scope) -> Json:
    name, first, second = (resolved(part, scope) for part in argument)
    try:
        return scope.mappings[name][first][second]
    except KeyError as error:
        raise TemplateError(f"Template error: Unable to get mapping for {name}::{first}::{second}") from error


def _if(argument: Json, scope: Scope) -> Json:
    condition, if_true, if_false = argument
    return resolved(if_true if _condition(condition, scope) else if_false, scope)


def _condition(name: Json, scope: Scope) -> bool:
    if name not in scope.conditions:
        raise TemplateError(f"Template format error: Unresolved condition {name}")
    return scope.conditions[name]


def _equals(argument: Json, scope: Scope) -> bool:
    left, right = resolved(argument, scope)
    return as_text(left) == as_text(right)


def conditions(
    expressions: Mapping[str, Json], values: Mapping[str, Json], mappings: Mapping[str, Json]
) -> dict[str, bool]:
    """Return the truth of each condition of a template; conditions may name each other."""
    known: dict[str, bool] = {}

    def no_resource(name: str, _attribute: str | None) -> Json:
        raise TemplateError(f"Template format error: a condition refers to {name}, which is not a parameter")

    scope = Scope(values, mappings, known, no_resource, lambda name: no_resource(name, None))

    def evaluate(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise TemplateError(
                f"Template format error: Circular dependency between conditions {[*above, name]}"
            )
        for inner in _conditions_named(expressions[name]):
            if inner in expressions and inner not in known:
                evaluate(inner, (*above, name))
        known[name] = bool(resolved(expressions[name], scope))

    for name in expressions:
        if name not in known:
            evaluate(name, ())
    return known


def _conditions_named(value: Json) -> set[str]:
    if isinstance(value, list):
        return {name for item in value for name in _conditions_named(item)}
    if not isinstance(value, dict):
        return set()
    named = {value["Condition"]} if isinstance(value.get("Condition"), str) else set()
    return named | {name for item in value.values() for name in _conditions_named(item)}


def _zones(region: Json, scope: Scope) -> list[str]:
    name = resolved(region, scope) or scope.values["AWS::Region"]
    return [f"{name}{letter}" for letter in "abc"]


def _cidr(argument: Json, scope: Scope) -> list[str]:
    """Return the first of the equal parts of a range of addresses; each has `bits` bits of its own."""
    block, count, *bits = resolved(argument, scope)
    if UNKNOWN in block:
        return [UNKNOWN] * int(count)
    network = ip_network(block)
    length = network.max_prefixlen - int(*bits or (_CIDR_BITS[network.version],))
    parts = list(islice(network.subnets(new_prefix=length), int(count)))
    if len(parts) < int(count):
        raise TemplateError(f"Template error: Fn::Cidr cannot make {count} blocks of /{length} of {block}")
    return [str(part) for part in parts]


_FUNCTIONS: Mapping[str, Callable[[Json, Scope], Json]] = {
    "Ref": _ref,
    "Condition": _condition,
    "Fn::And": lambda argument, scope: all(resolved(argument, scope)),
    "Fn::Base64": lambda argument, scope: base64.b64encode(str(resolved(argument, scope)).encode()).decode(),
    "Fn::Cidr": _cidr,
    "Fn::Equals": _equals,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAtt": _get_att,
    "Fn::GetAZs": _zones,
    "Fn::If": _if,
    "Fn::ImportValue": lambda argument, scope: scope.export(resolved(argument, scope)),
    "Fn::Join": _join,
    "Fn::Not": lambda argument, scope: not resolved(argument, scope)[0],
    "Fn::Or": lambda argument, scope: any(resolved(argument, scope)),
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
}
