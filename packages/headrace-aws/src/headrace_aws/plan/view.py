"""A stack as its template and parameters describe it: the resources, with every function evaluated.

What only AWS knows, such as the ARN of a role that it names, is written as the resource in angle brackets:
`<JobRole.Arn>`. So what is the same on both sides of a comparison is written alike.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headrace.errors import DeployError
from headrace_aws import naming
from headrace_aws.config.project import Project
from headrace_aws.session import AwsSession
from headrace_local.grammars.errors import TemplateError
from headrace_local.grammars.template import Json, Template
from headrace_local.grammars.template_functions import Scope, as_text, conditions, resolved

# The property that names a resource, and what an ARN makes of the name.
_NAMES = {
    "AWS::DynamoDB::Table": ("TableName", "arn:{partition}:dynamodb:{region}:{account}:table/{name}"),
    "AWS::IAM::Role": ("RoleName", "arn:{partition}:iam::{account}:role/{name}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "arn:{partition}:logs:{region}:{account}:log-group:{name}:*"),
    "AWS::S3::Bucket": ("BucketName", "arn:{partition}:s3:::{name}"),
    "AWS::SNS::Topic": ("TopicName", "arn:{partition}:sns:{region}:{account}:{name}"),
    "AWS::StepFunctions::StateMachine": (
        "StateMachineName",
        "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
    ),
}
_REF_IS_ARN = {"AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"}
_ARN_ATTRIBUTES = {"Arn", "TopicArn"}
_KEPT = {"Retain", "RetainExceptOnCreate"}


@dataclass(frozen=True)
class Resource:
    """A resource, and whether its stack keeps it when it is removed or replaced: then it has state."""

    type: str
    properties: Mapping[str, Json]
    has_state: bool


@dataclass(frozen=True)
class View:
    """A stack, as it is deployed or as a release desires it."""

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
    pseudo: Mapping[str, str],
) -> View:
    """Return a stack of a template with parameters; `pseudo` has the pseudo parameters, see `pseudo_parameters`.

    Raises:
        DeployError: a function of the template cannot be evaluated.
    """
    try:
        values = {**pseudo, "AWS::StackName": name, **_values(template, parameters)}
        holds = conditions(template.conditions, values, template.mappings)

        def resource(logical_id: str, attribute: str | None) -> str:
            return _resource(template, scope, logical_id, attribute)

        scope = Scope(
            values,
            template.mappings,
            holds,
            resource,
            lambda export: exports.get(export, f"<export {export}>"),
        )
        resources = {
            logical_id: Resource(
                each["Type"],
                resolved(each.get("Properties", {}), scope),
                # `UpdateReplacePolicy` alone may keep what is replaced; either says that it holds what no deploy can make.
                any(each.get(policy) in _KEPT for policy in ("DeletionPolicy", "UpdateReplacePolicy")),
            )
            for logical_id, each in template.resources.items()
            if holds.get(each.get("Condition", ""), True)
        }
        exported = {
            resolved(output["Export"]["Name"], scope): resolved(output["Value"], scope)
            for output in template.outputs.values()
            if "Export" in output and holds.get(output.get("Condition", ""), True)
        }
        return View(name, parameters, resources, exported)
    except TemplateError as error:
        raise DeployError(f"the template of stack {name} cannot be read: {error}") from error


def _resource(template: Template, scope: Scope, logical_id: str, attribute: str | None) -> str:
    """Return what Ref (without an attribute) or GetAtt gives for a resource, as far as its template says."""
    described = template.resources.get(logical_id, {})
    kind, properties = described.get("Type", ""), described.get("Properties", {})
    named_by, arn = _NAMES.get(kind, ("", ""))
    is_arn = attribute in _ARN_ATTRIBUTES or (attribute is None and kind in _REF_IS_ARN)
    if named_by not in properties or not (is_arn or attribute is None):
        return f"<{logical_id}>" if attribute is None else f"<{logical_id}.{attribute}>"
    given = as_text(resolved(properties[named_by], scope))
    if not is_arn:
        return given
    partition, region, account = (
        scope.values[f"AWS::{name}"] for name in ("Partition", "Region", "AccountId")
    )
    return arn.format(partition=partition, region=region, account=account, name=given)


def pseudo_parameters(aws: AwsSession, project: Project) -> dict[str, str]:
    """Return the values of the pseudo parameters, such as AWS::Region, in an environment."""
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
