"""Brings a stack to its goal, or back to where it was."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from moto.cloudformation.exceptions import CloudFormationError

from headrace_local.cloudformation import exports, stack_policy
from headrace_local.cloudformation.deletion import context_of, delete, delete_resource, reason
from headrace_local.cloudformation.dependencies import holds
from headrace_local.cloudformation.events import set_resource_status, set_stack_status
from headrace_local.cloudformation.goal import Goal, properties
from headrace_local.cloudformation.identity import as_role
from headrace_local.cloudformation.plan import (
    changed_properties,
    declared_policies,
    recreating,
    removed,
    value,
)
from headrace_local.cloudformation.resources import handler_of
from headrace_local.cloudformation.resources.handler import ChangeRefusedError, ResourceError
from headrace_local.cloudformation.state import Output, Resource, Stack, Stacks, now
from headrace_local.grammars.errors import TemplateError
from headrace_local.grammars.template import Json
from headrace_local.grammars.template_functions import Scope, resolved


class ResourceFailedError(Exception):
    """A resource could not be created or updated; its event has the reason."""


@dataclass
class Deployment:
    """One way of a stack to a goal: what is done so far, and how each step is undone."""

    store: Stacks
    stack: Stack
    goal: Goal
    kind: Literal["CREATE", "UPDATE"]
    policy: str | None = None  # the stack policy that this update is held to
    imports: set[str] = field(default_factory=set)
    undo: list[tuple[Resource, Callable[[], None]]] = field(default_factory=list)
    obsolete: list[tuple[Resource, str]] = field(default_factory=list)  # with the policy that decides on it

    def run(self, on_failure: str = "ROLLBACK") -> None:
        """Go the whole way; on a failure undo all of it, or leave it as it is (`on_failure` DO_NOTHING)."""
        with as_role(self.stack.role_arn):
            self._run(on_failure)

    def _run(self, on_failure: str) -> None:
        before = replace(self.stack, resources=dict(self.stack.resources))
        set_stack_status(self.stack, f"{self.kind}_IN_PROGRESS", "User Initiated")
        try:
            for logical_id in self.goal.order:
                self._apply(logical_id)
            for resource in removed(self.stack, self.goal):
                asked = replace(resource)  # a denial is an event, and leaves the resource as it is
                self._guarded("UPDATE", asked, partial(self._check_policy, stack_policy.DELETE, asked))
                self.obsolete.append((resource, resource.deletion_policy))
            outputs = self._outputs()
            exports.check_free(self.store, self.stack, outputs)
            exports.check_unused(self.store, self.stack, outputs)
        except (ResourceFailedError, CloudFormationError, TemplateError) as error:
            if on_failure == "DO_NOTHING":
                set_stack_status(self.stack, f"{self.kind}_FAILED", str(error))
            else:
                self._roll_back(before, str(error))
                if on_failure == "DELETE" and self.stack.status == "ROLLBACK_COMPLETE":
                    delete(self.store, self.stack, [])
            return
        self._accept(outputs)

    def _apply(self, logical_id: str) -> None:
        """Make, change, replace or keep one resource."""
        declared = self.goal.template.resources[logical_id]
        deletion, on_replace = declared_policies(declared)
        present = self.stack.resources.get(logical_id)
        desired = Resource(
            logical_id,
            declared["Type"],
            present.physical_id if present else "",
            {},
            {},
            deletion_policy=deletion,
            update_replace_policy=on_replace,
            metadata=declared.get("Metadata"),
        )
        if present is None:
            self._guarded("CREATE", desired, lambda: self._create(desired))
        else:
            self._guarded("UPDATE", desired, lambda: self._update(present, desired))

    def _guarded(self, kind: str, desired: Resource, step: Callable[[], None]) -> None:
        """Take a step; whatever it raises becomes the reason of the resource, and fails the deployment."""
        try:
            step()
        except Exception as error:  # any failure of a resource has to undo the whole
            set_resource_status(self.stack, desired, f"{kind}_FAILED", reason(error))
            verb = "create" if kind == "CREATE" else "update"
            raise ResourceFailedError(
                f"The following resource(s) failed to {verb}: [{desired.logical_id}]."
            ) from error

    def _create(self, desired: Resource) -> None:
        self._work_out(desired)
        context = context_of(self.stack, desired)
        set_resource_status(self.stack, desired, "CREATE_IN_PROGRESS")

        def remove() -> None:
            is_retained = desired.deletion_policy == "Retain" and desired.status == "CREATE_COMPLETE"
            desired.physical_id = context.physical_id
            delete_resource(self.stack, desired, "Retain" if is_retained else "Delete")

        context.on_made = lambda: self.undo.append((desired, remove))
        physical_id = handler_of(desired.type).create(context, desired.properties)
        if not context.physical_id:
            context.made(physical_id)
        desired.physical_id = physical_id
        self._finish(desired, "CREATE_COMPLETE")

    def _update(self, present: Resource, desired: Resource) -> None:
        self._work_out(desired)
        changed = changed_properties(present.properties, desired.properties)
        if not changed:
            desired.attributes, desired.status, desired.time = (
                present.attributes,
                present.status,
                present.time,
            )
            self.stack.resources[desired.logical_id] = desired
            return
        if recreating(desired.type, present.properties, desired.properties):
            self._check_policy(stack_policy.REPLACE, desired)
            self._replace(present, desired)
            return
        self._check_policy(stack_policy.MODIFY, desired)
        set_resource_status(self.stack, desired, "UPDATE_IN_PROGRESS")
        context, made_by = context_of(self.stack, desired), handler_of(desired.type)

        def restore() -> None:
            made_by.update(context, present.physical_id, present.properties, desired.properties)
            set_resource_status(self.stack, present, "UPDATE_COMPLETE")

        self.undo.append((present, restore))
        try:
            made_by.update(context, present.physical_id, desired.properties, present.properties)
        except ChangeRefusedError:
            self.undo.pop()  # there is nothing to put back
            raise
        self._finish(desired, "UPDATE_COMPLETE")

    def _replace(self, present: Resource, desired: Resource) -> None:
        """Make the new resource beside the old one, which goes only when all else is done."""
        name = handler_of(desired.type).name
        if name in desired.properties and desired.properties[name] == present.properties.get(name):
            raise ResourceError(
                f"CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {desired.properties[name]} and update the stack again."
            )
        set_resource_status(
            self.stack,
            desired,
            "UPDATE_IN_PROGRESS",
            "Requested update requires the creation of a new physical resource; hence creating one.",
        )
        desired.physical_id = ""
        self._create(desired)
        self.obsolete.append((present, desired.update_replace_policy))

    def _check_policy(self, action: str, resource: Resource) -> None:
        denial = stack_policy.denial(self.policy, action, resource)
        if denial is not None:
            raise ResourceError(denial)

    def _work_out(self, desired: Resource) -> None:
        worked_out, faults = properties(self.goal, desired.logical_id, self._scope())
        desired.properties = worked_out
        if faults:
            raise ResourceError(
                f"Properties validation failed for resource {desired.logical_id} with message: {'; '.join(faults)}"
            )

    def _scope(self) -> Scope:
        def lookup(logical_id: str, attribute: str | None) -> Json:
            return value(self.stack.resources, logical_id, attribute)

        def export(name: str) -> str:
            self.imports.add(name)
            return exports.value_of(self.store, name)

        return self.goal.scope(lookup, export)

    def _finish(self, desired: Resource, status: str) -> None:
        desired.attributes = dict(
            handler_of(desired.type).attributes(
                context_of(self.stack, desired), desired.physical_id, desired.properties
            )
        )
        self.stack.resources[desired.logical_id] = desired
        set_resource_status(self.stack, desired, status)

    def _outputs(self) -> list[Output]:
        scope = self._scope()
        found = []
        for key, output in self.goal.template.outputs.items():
            if not holds(output, self.goal.conditions):
                continue
            text = resolved(output.get("Value"), scope)
            if not isinstance(text, str | int | float):
                raise ResourceFailedError(
                    f"Template format error: Output {key} must be a string, not {text!r}"
                )
            export = resolved((output.get("Export") or {}).get("Name"), scope)
            found.append(Output(key, str(text), output.get("Description"), export))
        return found

    def _accept(self, outputs: list[Output]) -> None:
        """Make the goal the stack's state, and delete what it no longer has."""
        stack, goal = self.stack, self.goal
        stack.template, stack.parameters = goal.template.text, dict(goal.parameters)
        stack.values, stack.tags = dict(goal.values), dict(goal.tags)
        stack.outputs, stack.imports = outputs, self.imports
        if self.kind == "UPDATE":
            stack.updated = now()
            set_stack_status(stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        for resource, policy in self.obsolete:
            self._clean_up(resource, policy)
        stack.resources = {logical_id: stack.resources[logical_id] for logical_id in goal.order}
        set_stack_status(stack, f"{self.kind}_COMPLETE")

    def _clean_up(self, resource: Resource, policy: str) -> None:
        """Delete what the stack no longer has; as on AWS, what cannot be deleted stays behind."""
        try:
            delete_resource(self.stack, resource, policy)
        except Exception as error:  # noqa: BLE001 - told by the event; the update is done
            set_resource_status(self.stack, resource, "DELETE_FAILED", reason(error))

    def _roll_back(self, before: Stack, why: str) -> None:
        prefix = "ROLLBACK" if self.kind == "CREATE" else "UPDATE_ROLLBACK"
        set_stack_status(self.stack, f"{prefix}_IN_PROGRESS", f"{why} Rollback requested by user.")
        failed = []
        for resource, step in reversed(self.undo):
            try:
                step()
            except Exception as error:  # noqa: BLE001 - told by the event; the others are undone all the same
                status = "DELETE_FAILED" if resource.status == "DELETE_IN_PROGRESS" else "UPDATE_FAILED"
                set_resource_status(self.stack, resource, status, reason(error))
                failed.append(resource.logical_id)
        if failed:
            why = f"The following resource(s) failed to roll back: [{', '.join(failed)}]."
            set_stack_status(self.stack, f"{prefix}_FAILED", why)
            return
        self.stack.resources = before.resources
        if self.kind == "UPDATE":
            set_stack_status(self.stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        set_stack_status(self.stack, f"{prefix}_COMPLETE")
