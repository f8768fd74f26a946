"""What a stack is to become: a template with its parameters, conditions and order worked out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from headrace_local.cloudformation import parameters, schemas
from headrace_local.cloudformation.clients import client
from headrace_local.cloudformation.dependencies import order
from headrace_local.cloudformation.errors import InsufficientCapabilities, invalid
from headrace_local.cloudformation.resources import HANDLERS, handler_of
from headrace_local.cloudformation.state import Stack
from headrace_local.grammars.template import Json, Template
from headrace_local.grammars.template_functions import Scope, conditions, resolved

_EVERY_CAPABILITY = "CAPABILITY_NAMED_IAM"
# The IAM types that need CAPABILITY_IAM, with the property that makes it CAPABILITY_NAMED_IAM.
_NAMES_IN_IAM = {
    "AWS::IAM::AccessKey": None,
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": None,
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": None,
}


@dataclass(frozen=True)
class Goal:
    """The desired state of a stack, as far as it is known before anything is made."""

    template: Template
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    values: Mapping[str, Json]  # parameters and pseudo parameters, as Ref gives them
    conditions: Mapping[str, bool]
    order: tuple[str, ...]  # the logical ids of the resources, each after those that it needs

    def scope(self, resource: Callable[[str, str | None], Json], export: Callable[[str], Json]) -> Scope:
        """Return what names stand for, given how to look up resources and exports."""
        return Scope(self.values, self.template.mappings, self.conditions, resource, export)


def goal(stack: Stack, template: Template, texts: Mapping[str, str], tags: Mapping[str, str]) -> Goal:
    """Settle a template for a stack; raise ValidationError for what can be seen to fail."""
    _check_types(template)

    def stored(name: str) -> str:
        ssm = client("ssm", stack.account, stack.region)
        try:
            return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound as error:
            raise invalid(
                f"Unable to fetch parameters [{name}] from parameter store for this account."
            ) from error

    values = {**parameters.values(template, texts, stored), **_pseudo_parameters(stack)}
    truths = conditions(template.conditions, values, template.mappings)
    return Goal(
        template=template,
        parameters=dict(texts),
        tags=dict(tags),
        values=values,
        conditions=truths,
        order=tuple(order(template, truths, values)),
    )


def check_capabilities(template: Template, capabilities: list[str]) -> None:
    """Raise InsufficientCapabilities when the template makes IAM resources that were not acknowledged."""
    needed = needed_capability(template)
    if needed and not {needed, _EVERY_CAPABILITY} & set(capabilities):
        raise InsufficientCapabilities(f"Requires capabilities : [{needed}]")


def needed_capability(template: Template) -> str | None:
    """Return what has to be acknowledged for the IAM resources of a template, None when it has none."""
    found = [resource for resource in template.resources.values() if resource["Type"] in _NAMES_IN_IAM]
    if any(_NAMES_IN_IAM[resource["Type"]] in resource.get("Properties", {}) for resource in found):
        return _EVERY_CAPABILITY
    return "CAPABILITY_IAM" if found else None


def properties(desired: Goal, logical_id: str, scope: Scope) -> tuple[dict[str, Json], list[str]]:
    """Return the worked-out properties of a resource, stack tags among them, and what is wrong with them."""
    declared = desired.template.resources[logical_id]
    type_name = declared["Type"]
    worked_out = resolved(declared.get("Properties") or {}, scope)
    made_by = handler_of(type_name)
    if made_by.inert:
        return worked_out, []
    conformed, faults = schemas.conformed(type_name, worked_out)
    faults += [
        f"#: the local AWS cannot set [{name}] of {type_name} yet; remove it, or teach it to "
        f"infra/local/cloudformation/resources"
        for name in sorted(set(conformed) - made_by.properties - schemas.read_only(type_name))
    ]
    if desired.tags and "Tags" in made_by.properties:
        conformed["Tags"] = _with_stack_tags(type_name, conformed.get("Tags"), desired.tags)
    return conformed, faults


def _with_stack_tags(type_name: str, own: Json, tags: Mapping[str, str]) -> Json:
    """Return a resource's tags and, below them, its stack's, in the form of the type: a list or a map."""
    if schemas.schema(type_name)["properties"]["Tags"].get("type") == "object":
        return {**tags, **(own or {})}
    merged = {**tags, **{tag["Key"]: tag["Value"] for tag in own or []}}
    return [{"Key": key, "Value": value} for key, value in merged.items()]


def _pseudo_parameters(stack: Stack) -> dict[str, Json]:
    return {
        "AWS::AccountId": stack.account,
        "AWS::NotificationARNs": list(stack.notification_arns),
        "AWS::Partition": "aws",
        "AWS::Region": stack.region,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }


def _check_types(template: Template) -> None:
    types = {resource["Type"] for resource in template.resources.values()}
    unknown = sorted(types - set(HANDLERS))
    if unknown:
        known_to_aws = [name for name in unknown if schemas.exists(name)]
        remedy = (
            f"; AWS has {', '.join(known_to_aws)}, the local AWS cannot create it yet: "
            "teach it to infra/local/cloudformation/resources"
            if known_to_aws
            else ""
        )
        raise invalid(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]{remedy}")
