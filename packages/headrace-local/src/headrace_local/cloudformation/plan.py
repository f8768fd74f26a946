"""What a goal would change in a stack, worked out without changing anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from headrace_local import strict_json
from headrace_local.cloudformation import schemas
from headrace_local.cloudformation.dependencies import holds, names
from headrace_local.cloudformation.errors import invalid
from headrace_local.cloudformation.exports import value_of
from headrace_local.cloudformation.goal import Goal, properties
from headrace_local.cloudformation.resources import handler_of
from headrace_local.cloudformation.state import Change, Detail, Resource, Stack, Stacks
from headrace_local.grammars.template import Json, parsed
from headrace_local.grammars.template_functions import UNKNOWN, Scope, resolved


@dataclass(frozen=True)
class Plan:
    """The changes in the order of their making, and what is wrong with the desired properties."""

    changes: tuple[Change, ...]
    outputs_differ: bool
    faults: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do and nothing to complain of."""
        return not (self.changes or self.outputs_differ or self.faults)


def plan(store: Stacks, stack: Stack, desired: Goal) -> Plan:
    """Return what would change."""
    changes: list[Change] = []
    faults: list[str] = []
    new: set[str] = set()  # resources that get another physical id

    def lookup(logical_id: str, attribute: str | None) -> Json:
        if logical_id in new:
            return UNKNOWN
        return value(stack.resources, logical_id, attribute)

    scope = desired.scope(lookup, lambda name: value_of(store, name))
    for logical_id in desired.order:
        after, wrong = properties(desired, logical_id, scope)
        faults += [
            f"Properties validation failed for resource {logical_id} with message: {each}" for each in wrong
        ]
        change = _change(stack, desired, logical_id, after)
        if change is not None:
            changes.append(change)
            if change.action == "Add" or change.replacement:
                new.add(logical_id)
    changes += [_removal(resource) for resource in removed(stack, desired)]
    return Plan(tuple(changes), _outputs(desired, scope) != _present_outputs(stack), tuple(faults))


def value(resources: Mapping[str, Resource], logical_id: str, attribute: str | None) -> Json:
    """Return what Ref (attribute None) or GetAtt gives for a resource that exists."""
    if logical_id not in resources:
        raise invalid(f"Template format error: Unresolved resource dependencies [{logical_id}]")
    resource = resources[logical_id]
    if attribute is None:
        return resource.physical_id
    if attribute not in resource.attributes:
        raise invalid(
            f"Template error: resource {logical_id} does not support attribute type {attribute} in Fn::GetAtt"
        )
    return resource.attributes[attribute]


def removed(stack: Stack, desired: Goal) -> list[Resource]:
    """Return the resources that the goal no longer has, the last made first."""
    return [resource for name, resource in reversed(stack.resources.items()) if name not in desired.order]


def changed_properties(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[str]:
    """Return the names of the properties that differ."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def recreating(type_name: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> set[str]:
    """Return the properties that changed so that a new resource is needed."""
    if handler_of(type_name).inert:
        return set()
    return {path[0] for path in schemas.create_only(type_name) if _at(before, path) != _at(after, path)}


def _at(value: Json, path: tuple[str, ...]) -> Json:
    """Return what properties have at a path; a list counts as a whole."""
    for key in path:
        if not isinstance(value, Mapping):
            break
        value = value.get(key)
    return value


def declared_policies(declared: Mapping[str, Json]) -> tuple[str, str]:
    """Return DeletionPolicy and UpdateReplacePolicy of a resource in a template."""
    return declared.get("DeletionPolicy", "Delete"), declared.get("UpdateReplacePolicy", "Delete")


def _change(stack: Stack, desired: Goal, logical_id: str, after: Mapping[str, Json]) -> Change | None:
    declared = desired.template.resources[logical_id]
    type_name: str = declared["Type"]
    if logical_id not in stack.resources:
        return Change("Add", logical_id, type_name, None, replacement=False, details=(), policy=None)
    present = stack.resources[logical_id]
    if present.type != type_name:
        raise invalid(
            f"Update of resource type is not permitted. The new template modifies resource type of the "
            f"following resources: [{logical_id}]"
        )
    details = [*_property_details(stack, desired, present, after), *_other_details(present, declared)]
    if not details:
        return None
    replacement = any(detail.recreates for detail in details)
    policy = "ReplaceAndRetain" if declared_policies(declared)[1] != "Delete" else "ReplaceAndDelete"
    return Change(
        "Modify",
        logical_id,
        type_name,
        present.physical_id,
        replacement=replacement,
        details=tuple(details),
        policy=policy if replacement else None,
    )


def _property_details(
    stack: Stack, desired: Goal, present: Resource, after: Mapping[str, Json]
) -> list[Detail]:
    former = parsed(stack.template).resources.get(present.logical_id, {}).get("Properties") or {}
    latter = desired.template.resources[present.logical_id].get("Properties") or {}
    changed = changed_properties(present.properties, after)
    recreates = recreating(present.type, present.properties, after)
    details = []
    for name in changed:
        source, cause = "DirectModification", None
        if former.get(name) == latter.get(name):
            source, cause = _cause(stack, desired, latter.get(name))
        details.append(
            Detail(
                attribute="Tags" if name == "Tags" else "Properties",
                name=None if name == "Tags" else name,
                recreates=name in recreates,
                source=source,
                cause=cause,
                before=_shown(present.properties.get(name)),
                after=_shown(after.get(name)),
            )
        )
    return details


def _cause(stack: Stack, desired: Goal, expression: Json) -> tuple[str, str | None]:
    """Return why an expression that reads the same comes to something else."""
    used = [name for name in names(expression, desired.conditions) if not name.startswith("AWS::")]
    for name in used:
        if name in desired.parameters and stack.values.get(name) != desired.values.get(name):
            return "ParameterReference", name
    referred = [name for name in used if name in desired.template.resources]
    return ("ResourceReference", referred[0]) if referred else ("DirectModification", None)


def _other_details(present: Resource, declared: Mapping[str, Json]) -> list[Detail]:
    deletion, replace = declared_policies(declared)
    pairs = (
        ("DeletionPolicy", present.deletion_policy, deletion),
        ("UpdateReplacePolicy", present.update_replace_policy, replace),
        ("Metadata", present.metadata, declared.get("Metadata")),
    )
    return [
        Detail(
            attribute=attribute,
            name=None,
            recreates=False,
            source="DirectModification",
            cause=None,
            before=_shown(before),
            after=_shown(after),
        )
        for attribute, before, after in pairs
        if before != after
    ]


def _removal(resource: Resource) -> Change:
    policy = "Delete" if resource.deletion_policy == "Delete" else "Retain"
    return Change(
        "Remove",
        resource.logical_id,
        resource.type,
        resource.physical_id,
        replacement=False,
        details=(),
        policy=policy,
    )


def _outputs(desired: Goal, scope: Scope) -> Json:
    return [
        [key, resolved(output.get("Value"), scope), resolved((output.get("Export") or {}).get("Name"), scope)]
        for key, output in desired.template.outputs.items()
        if holds(output, desired.conditions)
    ]


def _present_outputs(stack: Stack) -> Json:
    return [[output.key, output.value, output.export] for output in stack.outputs]


def _shown(item: Json) -> str | None:
    return item if item is None or isinstance(item, str) else strict_json.dumps(item)
