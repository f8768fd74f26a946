"""CloudFormation's API: one method an operation, named as moto's dispatcher looks for it."""

from moto.cloudformation import urls
from moto.cloudformation.exceptions import AlreadyExistsException
from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult, EmptyResult

from headrace_local.cloudformation import change_sets, exports, identity, stack_policy, views
from headrace_local.cloudformation.deletion import delete
from headrace_local.cloudformation.engine import Deployment
from headrace_local.cloudformation.errors import invalid
from headrace_local.cloudformation.plan import plan
from headrace_local.cloudformation.requests import (
    find,
    goal_of,
    new_stack,
    stack_named,
    take_over,
    template_of,
)
from headrace_local.cloudformation.safety_operations import SafetyOperations
from headrace_local.cloudformation.state import Stack
from headrace_local.context import current
from headrace_local.grammars.errors import TemplateError
from headrace_local.grammars.template import Template, parsed
from headrace_local.patching import replace_item

_CHANGING = ("Create", "Delete", "Detect", "Execute", "Set", "Update")


def install() -> None:
    """Have requests to CloudFormation answered here."""
    replace_item(urls.url_paths, "{0}/$", CloudFormation.dispatch)


class CloudFormation(SafetyOperations):
    """The operations of CloudFormation on stacks, change sets and exports; others are not implemented."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer the request, one at a time: stacks meet in exports, and a deployment takes well under a second."""
        with current().whole, identity.as_caller(self.get_access_key()):
            try:
                return super().call_action()
            except TemplateError as error:
                return self.serialized(ActionResult(invalid(str(error))))
            except NotImplementedError:
                refusal = invalid(f"the local AWS does not know {self._get_action()} of CloudFormation")
                return self.serialized(ActionResult(refusal))
            finally:
                if self._get_action().startswith(_CHANGING):
                    current().unsaved.set()

    def _template(self, stack: Stack | None = None) -> Template:
        return template_of(self.request, self.current_account, self.region, stack)

    def _policy(self, name: str) -> str | None:
        return stack_policy.given(self.request, name, self.current_account, self.region)

    # Stacks

    def create_stack(self) -> ActionResult:
        request = self.request
        if find(self.store, request["StackName"]) is not None:
            raise AlreadyExistsException(f"Stack [{request['StackName']}] already exists")
        stack = new_stack(request, self.current_account, self.region)
        take_over(stack, request)
        desired = goal_of(request, stack, self._template())
        stack.policy = self._policy("StackPolicy")
        self.store.stacks[stack.id] = stack
        on_failure = request.get("OnFailure") or ("DO_NOTHING" if stack.disable_rollback else "ROLLBACK")
        Deployment(self.store, stack, desired, "CREATE").run(on_failure)
        return ActionResult({"StackId": stack.id})

    def update_stack(self) -> ActionResult:
        request = self.request
        stack = stack_named(self.store, request["StackName"])
        change_sets.check_updatable(stack)
        desired = goal_of(request, stack, self._template(stack))
        planned = plan(self.store, stack, desired)
        if planned.is_empty and desired.tags == stack.tags:
            raise invalid("No updates are to be performed.")
        take_over(stack, request)
        policy, for_now = self._policy("StackPolicy"), self._policy("StackPolicyDuringUpdate")
        on_failure = "DO_NOTHING" if request.get("DisableRollback") else "ROLLBACK"
        Deployment(self.store, stack, desired, "UPDATE", policy=for_now or stack.policy).run(on_failure)
        stack.policy = policy or stack.policy  # it counts from the next update on
        return ActionResult({"StackId": stack.id})

    def delete_stack(self) -> ActionResult:
        request = self.request
        stack = find(self.store, request["StackName"])
        if stack is not None:  # deleting what is not there is fine on AWS too
            if stack.termination_protection:
                raise invalid(
                    f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
                )
            take_over(stack, {"RoleARN": request.get("RoleARN")})
            delete(self.store, stack, request.get("RetainResources", []))
        return EmptyResult()

    def describe_stacks(self) -> ActionResult:
        name = self.request.get("StackName")
        found = (
            [stack_named(self.store, name, deleted=True)]
            if name
            else [stack for stack in self.store.stacks.values() if stack.deleted is None]
        )
        return ActionResult({"Stacks": [views.stack_view(stack) for stack in found]})

    def list_stacks(self) -> ActionResult:
        desired = self.request.get("StackStatusFilter")
        found = [stack for stack in self.store.stacks.values() if not desired or stack.status in desired]
        return ActionResult({"StackSummaries": [views.summary_view(stack) for stack in found]})

    def describe_stack_events(self) -> ActionResult:
        stack = self._stack()
        return ActionResult(
            {"StackEvents": [views.event_view(stack, event) for event in reversed(stack.events)]}
        )

    def describe_stack_resource(self) -> ActionResult:
        stack = self._stack()
        return ActionResult(
            {
                "StackResourceDetail": views.resource_view(
                    stack, self._resource(stack, self.request["LogicalResourceId"])
                )
            }
        )

    def describe_stack_resources(self) -> ActionResult:
        stack, logical_id = self._stack(), self.request.get("LogicalResourceId")
        found = [self._resource(stack, logical_id)] if logical_id else stack.resources.values()
        return ActionResult({"StackResources": [views.resource_view(stack, resource) for resource in found]})

    def list_stack_resources(self) -> ActionResult:
        stack = self._stack()
        return ActionResult(
            {
                "StackResourceSummaries": [
                    views.resource_view(stack, resource) for resource in stack.resources.values()
                ]
            }
        )

    def get_template(self) -> ActionResult:
        if "ChangeSetName" in self.request:
            text = change_sets.named(self.store, self.request).template
        else:
            text = self._stack().template
        return ActionResult({"TemplateBody": text, "StagesAvailable": ["Original", "Processed"]})

    def get_template_summary(self) -> ActionResult:
        stack = self._stack() if "StackName" in self.request else None
        template = self._template() if stack is None else parsed(stack.template)
        return ActionResult(views.template_summary(template))

    def validate_template(self) -> ActionResult:
        return ActionResult(views.template_summary(self._template()))

    # Change sets

    def create_change_set(self) -> ActionResult:
        made = change_sets.create(self.store, self.request, self.current_account, self.region)
        return ActionResult({"Id": made.id, "StackId": made.stack_id})

    def describe_change_set(self) -> ActionResult:
        found = change_sets.named(self.store, self.request)
        values = bool(self.request.get("IncludePropertyValues"))
        return ActionResult(views.change_set_view(found, self.store.stacks[found.stack_id], values=values))

    def execute_change_set(self) -> ActionResult:
        change_sets.execute(self.store, self.request)
        return EmptyResult()

    def delete_change_set(self) -> ActionResult:
        change_sets.remove(self.store, self.request)
        return EmptyResult()

    def list_change_sets(self) -> ActionResult:
        stack = self._stack()
        found = change_sets.of_stack(self.store, stack)
        return ActionResult({"Summaries": [views.change_set_summary(each, stack) for each in found]})

    # Exports

    def list_exports(self) -> ActionResult:
        return ActionResult({"Exports": views.export_views(self.store)})

    def list_imports(self) -> ActionResult:
        name = self.request["ExportName"]
        importers = exports.importers(self.store, name)
        if not importers:
            raise invalid(f"Export '{name}' is not imported by any stack.")
        return ActionResult({"Imports": [stack.name for stack in importers]})
