"""Which resource needs which, and so in which order they are made."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from headrace_local.cloudformation.errors import invalid
from headrace_local.grammars.template import Json, Template
from headrace_local.grammars.template_functions import VARIABLE


def names(value: Json, conditions: Mapping[str, bool]) -> Iterator[str]:
    """Yield the name behind each Ref, GetAtt and Sub that counts: of a Fn::If, the branch that is taken."""
    if isinstance(value, list):
        for item in value:
            yield from names(item, conditions)
    elif isinstance(value, dict):
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref":
                yield str(argument)
                return
            if name == "Fn::GetAtt":
                yield argument.split(".", 1)[0] if isinstance(argument, str) else str(argument[0])
                return
            if name == "Fn::Sub":
                yield from _names_in_sub(argument, conditions)
                return
            if name == "Fn::If":
                yield from names(_taken(argument, conditions), conditions)
                return
        for item in value.values():
            yield from names(item, conditions)


def _taken(argument: Json, conditions: Mapping[str, bool]) -> Json:
    """Return the branch of a Fn::If that is taken."""
    if not isinstance(argument, list) or len(argument) != 3:  # noqa: PLR2004 - condition, then, else
        raise invalid(f"Template error: Fn::If requires a list of three, not {argument!r}")
    condition, if_true, if_false = argument
    return if_true if conditions.get(condition) else if_false


def _names_in_sub(argument: Json, conditions: Mapping[str, bool]) -> Iterator[str]:
    text, local = argument if isinstance(argument, list) else (argument, {})
    if not isinstance(text, str):
        raise invalid(f"Template error: Fn::Sub requires a text, not {argument!r}")
    yield from names(local, conditions)
    for literal, name in VARIABLE.findall(text):
        plain = name.strip().split(".", 1)[0]
        if not literal and name.strip() not in local:
            yield plain


def order(template: Template, conditions: Mapping[str, bool], values: Mapping[str, Json]) -> list[str]:
    """Return the logical ids of the resources whose condition holds, each after those that it needs.

    `values` are the parameters and pseudo parameters. Raise ValidationError for a name that is nowhere, and
    for a circle.
    """
    present = {
        logical_id: resource
        for logical_id, resource in template.resources.items()
        if holds(resource, conditions)
    }
    graph: dict[str, list[str]] = {}
    for logical_id, resource in present.items():
        explicit = resource.get("DependsOn", [])
        needed = [explicit] if isinstance(explicit, str) else list(explicit)
        needed += [
            name
            for name in names(resource.get("Properties", {}), conditions)
            if name not in values and name != "AWS::NoValue"
        ]
        _check_known(needed, template, "Resources")
        graph[logical_id] = [name for name in dict.fromkeys(needed) if name in present]
    for output in template.outputs.values():
        holds(output, conditions)
        _check_known(
            [name for name in names(output.get("Value"), conditions) if name not in values],
            template,
            "Outputs",
        )
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = ", ".join(error.args[1])
        raise invalid(f"Circular dependency between resources: [{circle}]") from error


def holds(declared: Mapping[str, Json], conditions: Mapping[str, bool]) -> bool:
    """Tell whether the Condition of a resource or output, if it has one, holds."""
    condition = declared.get("Condition")
    if condition is not None and condition not in conditions:
        raise invalid(f"Template format error: Unresolved condition dependency {condition}")
    return condition is None or conditions[condition]


def _check_known(needed: list[str], template: Template, section: str) -> None:
    unknown = sorted({name for name in needed if name not in template.resources})
    if unknown:
        raise invalid(
            f"Template format error: Unresolved resource dependencies [{', '.join(unknown)}] "
            f"in the {section} block of the template"
        )
