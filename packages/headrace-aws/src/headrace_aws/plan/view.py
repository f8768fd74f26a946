"""A stack as its template and parameters describe it: the resources, with every expression worked out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headrace_aws import naming
from headrace_aws.config.project import Project
from headrace_aws.plan.expressions import Scope, is_true, resolved
from headrace_aws.plan.template import Json, Template
from headrace_aws.session import AwsSession

_KEPT = {"Retain", "RetainExceptOnCreate"}


@dataclass(frozen=True)
class Resource:
    """A resource, and whether its stack keeps it when it is removed or replaced: then it has state."""

    type: str
    properties: Mapping[str, Json]
    has_state: bool


@dataclass(frozen=True)
class View:
    """A stack, deployed or wanted."""

    name: str
    parameters: Mapping[str, str]
    resources: Mapping[str, Resource]
    exports: Mapping[str, Json]

    def of_type(self, kind: str) -> Iterator[tuple[str, Resource]]:
        """Return the resources of a type, such as AWS::IAM::Role, by their logical id."""
        return ((name, each) for name, each in self.resources.items() if each.type == kind)

    def has_state(self, logical_id: str) -> bool:
        """Return whether there is such a resource, and it has state."""
        return logical_id in self.resources and self.resources[logical_id].has_state


def view(
    name: str,
    template: Template,
    parameters: Mapping[str, str],
    exports: Mapping[str, Json],
    place: Mapping[str, str],
) -> View:
    """Return a stack of a template with parameters; `place` has the pseudo parameters, see `pseudo_parameters`."""
    scope = Scope(template, {**place, "AWS::StackName": name, **_values(template, parameters)}, exports)
    resources = {
        logical_id: Resource(
            each["Type"],
            resolved(each.get("Properties", {}), scope),
            # `UpdateReplacePolicy` alone may keep what is replaced; either says that it holds what no deploy can make.
            any(each.get(policy) in _KEPT for policy in ("DeletionPolicy", "UpdateReplacePolicy")),
        )
        for logical_id, each in template.resources.items()
        if is_true(each.get("Condition", ""), scope)
    }
    exported = {
        resolved(output["Export"]["Name"], scope): resolved(output["Value"], scope)
        for output in template.outputs.values()
        if "Export" in output and is_true(output.get("Condition", ""), scope)
    }
    return View(name, parameters, resources, exported)


def pseudo_parameters(aws: AwsSession, project: Project) -> dict[str, str]:
    """Return what AWS::Region and its like stand for in an environment."""
    environment = aws.environment
    partition = naming.boundary_arn(project, environment).split(":")[1]
    return {
        "AWS::AccountId": environment.account,
        "AWS::Partition": partition,
        "AWS::Region": environment.region,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
    }


def _values(template: Template, parameters: Mapping[str, str]) -> dict[str, Json]:
    """Return the value of each parameter, a list where its type is one."""
    found: dict[str, Json] = {}
    for name, declared in template.parameters.items():
        value = parameters.get(name, str(declared.get("Default", "")))
        is_list = "List" in str(declared.get("Type"))
        found[name] = [each.strip() for each in value.split(",")] if is_list else value
    return found
