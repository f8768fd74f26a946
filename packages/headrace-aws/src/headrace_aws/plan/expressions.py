"""What the expressions of a template come to, as far as a template and its parameters tell.

What only AWS can tell, such as the ARN of a role that it names, is written as the resource in angle brackets:
`<JobRole.Arn>`. So both sides of a comparison say the same where they mean the same.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from headrace_aws.plan.template import Json, Template

NO_VALUE = object()  # what AWS::NoValue comes to: its key or item is left out

_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")
# The property that names a resource, and what an ARN makes of the name. Ref gives the ARN where there is a star.
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


@dataclass(frozen=True)
class Scope:
    """What names stand for: parameters and pseudo parameters, and what other stacks export."""

    template: Template
    values: Mapping[str, Json]
    exports: Mapping[str, Json]


def resolved(value: Json, scope: Scope) -> Json:
    """Return `value` with every function worked out; a function that is not known here stays as it is written."""
    if isinstance(value, dict):
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](argument, scope)
        items = {key: resolved(item, scope) for key, item in value.items()}
        return {key: item for key, item in items.items() if item is not NO_VALUE}
    if isinstance(value, list):
        return [item for item in (resolved(item, scope) for item in value) if item is not NO_VALUE]
    return value


def is_true(condition: str, scope: Scope) -> bool:
    """Return whether a condition of the template holds."""
    return bool(resolved(scope.template.conditions.get(condition, True), scope))


def text(value: Json) -> str:
    """Return a value as CloudFormation writes it into a string."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(text, value)) if isinstance(value, list) else str(value)


def _ref(name: Json, scope: Scope) -> Json:
    if name == "AWS::NoValue":
        return NO_VALUE
    if name in scope.values:
        return scope.values[name]
    kind = scope.template.resources.get(name, {}).get("Type", "")
    return _named(name, scope, as_arn=kind in _REF_IS_ARN) or f"<{name}>"


def _attribute(argument: Json, scope: Scope) -> Json:
    name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    found = _named(name, scope, as_arn=True) if attribute in _ARN_ATTRIBUTES else None
    return found or f"<{name}.{text(resolved(attribute, scope))}>"


def _named(name: str, scope: Scope, *, as_arn: bool) -> str | None:
    """Return the name or the ARN of a resource whose template names it; None when AWS makes the name."""
    resource = scope.template.resources.get(name, {})
    named_by, arn = _NAMES.get(resource.get("Type", ""), ("", ""))
    if named_by not in resource.get("Properties", {}):
        return None
    given = text(resolved(resource["Properties"][named_by], scope))
    place = {key.lower(): scope.values[f"AWS::{value}"] for key, value in _PLACE.items()}
    return arn.format(**place, name=given) if as_arn else given


_PLACE = {"partition": "Partition", "region": "Region", "account": "AccountId"}


def _substituted(argument: Json, scope: Scope) -> str:
    template, local = (argument, {}) if isinstance(argument, str) else argument
    local = resolved(local, scope)

    def replacement(match: re.Match[str]) -> str:
        literal, name = match[1], match[2].strip()
        if literal:
            return f"${{{match[2]}}}"
        if name in local:
            return text(local[name])
        return text(_attribute(name, scope) if "." in name else _ref(name, scope))

    return _VARIABLE.sub(replacement, template)


def _selected(argument: Json, scope: Scope) -> Json:
    index, items = resolved(argument, scope)
    if isinstance(items, list) and int(index) < len(items):
        return items[int(index)]
    return f"<number {index} of {text(items)}>"


def _split(argument: Json, scope: Scope) -> list[str]:
    separator, value = resolved(argument, scope)
    return text(value).split(separator)


def _joined(argument: Json, scope: Scope) -> str:
    separator, items = resolved(argument, scope)
    return str(separator).join(map(text, items)) if isinstance(items, list) else text(items)


def _in_map(argument: Json, scope: Scope) -> Json:
    name, first, second = (text(part) for part in resolved(argument, scope))
    return scope.template.mappings.get(name, {}).get(first, {}).get(second, f"<{name}.{first}.{second}>")


def _imported(argument: Json, scope: Scope) -> Json:
    name = text(resolved(argument, scope))
    return scope.exports.get(name, f"<export {name}>")


def _chosen(argument: Json, scope: Scope) -> Json:
    condition, if_true, if_false = argument
    return resolved(if_true if is_true(condition, scope) else if_false, scope)


def _are_equal(argument: Json, scope: Scope) -> bool:
    left, right = resolved(argument, scope)
    return text(left) == text(right)


def _condition(argument: Json, scope: Scope) -> Json:
    # In a policy, `Condition` is a key like any other.
    return is_true(argument, scope) if isinstance(argument, str) else {"Condition": resolved(argument, scope)}


_FUNCTIONS: Mapping[str, Callable[[Json, Scope], Json]] = {
    "Ref": _ref,
    "Condition": _condition,
    "Fn::And": lambda argument, scope: all(resolved(argument, scope)),
    "Fn::Equals": _are_equal,
    "Fn::FindInMap": _in_map,
    "Fn::GetAtt": _attribute,
    "Fn::If": _chosen,
    "Fn::ImportValue": _imported,
    "Fn::Join": _joined,
    "Fn::Not": lambda argument, scope: not resolved(argument, scope)[0],
    "Fn::Or": lambda argument, scope: any(resolved(argument, scope)),
    "Fn::Select": _selected,
    "Fn::Split": _split,
    "Fn::Sub": _substituted,
}
