"""Deployed stacks beside the desired ones, and the change sets between them, which are never executed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headrace.errors import DeployError
from headrace.files import file_text
from headrace_aws.plan.view import View, pseudo_parameters, view
from headrace_aws.release.manifest import Release
from headrace_aws.session import AwsSession
from headrace_aws.stacks import desired
from headrace_aws.stacks.change_set import Change, DesiredStack, planned_changes
from headrace_aws.stacks.deployed import completed_stack
from headrace_aws.stacks.stack_status import check_free
from headrace_aws.stacks.template import template_of
from headrace_local.grammars.template import Json

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

# They differ with every commit and change only what a run records, so they are shown once.
OF_EACH_COMMIT = ("GitCommit", "ImageUri")

_NEW = "is new: all of it is listed from the template"
_NOT_ASKED = (
    "imports what another stack does not export yet, so CloudFormation cannot say what happens: the changes are "
    "listed from the templates, and whether they replace anything is not known"
)
_TOO_LARGE = (
    f"has a template of more than {desired.LARGEST_TEMPLATE_BODY} bytes, which CloudFormation reads from a bucket that a "
    "plan cannot write to: the changes are listed from the templates, and whether they replace anything is not known"
)


@dataclass(frozen=True)
class StackPlan:
    """A stack as it is deployed (None when it is not), as it should be, and what happens to its resources.

    `model` is None for the stack that all models share. `note` says what the changes do not show.
    """

    model: str | None
    before: View | None
    after: View
    changes: Sequence[Change]
    note: str = ""

    @property
    def name(self) -> str:
        """Name of the stack."""
        return self.after.name


def stack_plans(aws: AwsSession, release: Release, models: Iterable[str]) -> list[StackPlan]:
    """Return what a deploy of a release would do to the data stack and the stacks of each model.

    Raises:
        ConfigurationError: a definition is not rendered.
        DeployError: a stack is busy or stuck, or CloudFormation refuses its template or parameters.
    """
    pseudo = pseudo_parameters(aws, release.project)
    exports: dict[str, dict[str, Json]] = {"before": {}, "after": {}}
    plans = []
    for model, stack in _stacks(aws, release, models):
        before = _deployed(aws, stack, exports["before"], pseudo)
        # A definition names the commit and the image that it was deployed with: those are left as they are.
        kept = {key: before.parameters[key] for key in OF_EACH_COMMIT if before and key in before.parameters}
        given = {key: value for key, value in kept.items() if key in stack.parameters}
        stack = replace(stack, parameters={**stack.parameters, **given})  # noqa: PLW2901 - the same stack
        template = template_of(stack.name, file_text(stack.template))
        after = view(stack.name, template, stack.parameters, exports["after"], pseudo)
        exports["after"] |= after.exports
        if before:
            exports["before"] |= before.exports
        changes, note = _changes(aws, stack, before, after)
        plans.append(StackPlan(model, before, after, changes, note))
    return plans


def _stacks(
    aws: AwsSession, release: Release, models: Iterable[str]
) -> Iterator[tuple[str | None, DesiredStack]]:
    yield None, desired.data_stack(aws, release)
    for model in models:
        _, pipelines, automation = desired.stacks(aws, release, model)
        yield model, pipelines
        yield model, automation


def _deployed(
    aws: AwsSession, stack: DesiredStack, exports: Mapping[str, Json], pseudo: Mapping[str, str]
) -> View | None:
    cloudformation: CloudFormationClient = aws.client("cloudformation")
    deployed = completed_stack(aws, stack.name)
    if deployed is None:
        return None
    check_free(aws, deployed)
    body = cloudformation.get_template(StackName=stack.name)["TemplateBody"]
    return view(stack.name, template_of(stack.name, body), deployed.parameters, exports, pseudo)


def _changes(
    aws: AwsSession, stack: DesiredStack, before: View | None, after: View
) -> tuple[list[Change], str]:
    if before is None:
        # A change set for a new stack would leave the stack behind, which a caller who may only read cannot delete.
        return template_changes(None, after), _NEW
    if stack.template_url:
        return template_changes(before, after), _TOO_LARGE
    try:
        return planned_changes(aws.client("cloudformation"), stack), ""
    except DeployError as error:
        if "No export named" not in str(error):
            raise
        return template_changes(before, after), _NOT_ASKED


def template_changes(before: View | None, after: View) -> list[Change]:
    """Return what differs between two templates, where CloudFormation cannot be asked.

    Whether a change replaces is not known, so what has state may be replaced.
    """
    former = before.resources if before else {}
    changes = [
        Change("Add", name, each.type, "") for name, each in after.resources.items() if name not in former
    ]
    changes += [
        Change("Remove", name, each.type, "") for name, each in former.items() if name not in after.resources
    ]
    for name, each in after.resources.items():
        if name in former and former[name].properties != each.properties:
            keys = {**former[name].properties, **each.properties}
            differing = [key for key in keys if former[name].properties.get(key) != each.properties.get(key)]
            replacement = "Conditional" if former[name].has_state else ""
            changes.append(Change("Modify", name, each.type, replacement, tuple(differing)))
    return changes


def deployed_commit(plans: Iterable[StackPlan]) -> str:
    """Return the commit that is deployed; empty when nothing is."""
    found = (plan.before.parameters.get("GitCommit", "") for plan in plans if plan.before)
    return next((commit for commit in found if commit), "")
