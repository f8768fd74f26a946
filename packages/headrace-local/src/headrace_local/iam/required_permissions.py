"""The permissions that a request requires: actions on resources, by the tables.

An operation that no table has is an action of its own name, on the ARNs among its parameters, or on `*` when there
are none; as on AWS, a statement that names a resource does not match `*`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import zip_longest
from typing import Any

from moto.cloudformation.models import cloudformation_backends

from headrace_local.iam import dynamodb, kms, roles, s3
from headrace_local.iam.evaluation import Permission
from headrace_local.iam.matching import Context
from headrace_local.iam.paths import values
from headrace_local.iam.requests import Call
from headrace_local.iam.resources import RESOURCES
from headrace_local.iam.table import ACTIONS, ARNS, CONDITION_KEYS, KINDS_OF_EC2, PASSED_ROLES, TAGGING

_ARN = "arn:{partition}:{service}:{region}:{account}:{resource}"
_PARAMETER = re.compile(r"\{([^}|]+)(?:\|([^}]*))?\}")
_ANYTHING = "*"
# Where the query protocol has the tags of a request.
_TAGS_OF_QUERIES = ("Tags[]", "Tag[]", "TagSpecification[].Tag[]")
_PASSING_ROLES = ("Continue", "Create", "Delete", "Put", "Register", "Rollback", "Start", "Update")
_OTHER_SERVICES = {"s3": s3.required_permissions, "dynamodb": dynamodb.required_permissions}


def required_permissions(call: Call, account: str, partition: str = "aws") -> list[Permission]:
    """Return the permissions that a request of an account requires, the operation's own action first."""
    own = _OTHER_SERVICES.get(call.service)
    if own is not None:
        found = own(call, account, partition)
    else:
        action = ACTIONS.get(call.service, {}).get(call.operation, call.operation)
        context = _context(call)
        found = [
            Permission(f"{call.service}:{action}", arn, context)
            for arn in resources(call, account, partition)
        ]
    found += _tagging(call, found)
    found += _passing(call)
    return found + kms.required_permissions(call, account)


def resources(call: Call, account: str, partition: str) -> list[str]:
    """Return the ARNs that an operation is about, `*` for one that is about none."""
    templates = _templates(call.service).get(call.operation)
    if templates is None:
        named = [text for text in _all_texts(call.parameters) if text.startswith("arn:")]
        return named or [_ANYTHING]
    if call.service == "cloudformation" and (stack := _stack_of_a_change_set(call, account)):
        return [stack]
    owner = call.parameters.get("registryId", account) if call.service == "ecr" else account
    place = {"partition": partition, "service": call.service, "region": call.region, "account": owner}
    found = [arn for template in templates for arn in _filled(template, call, place)]
    return found or [_ANYTHING]


def _stack_of_a_change_set(call: Call, account: str) -> str | None:
    """Return the stack of a change set that a request names by its ARN alone."""
    if "StackName" in call.parameters:
        return None
    stacks = getattr(cloudformation_backends[account][call.region], "local_stacks", None)
    found = stacks.change_sets.get(call.parameters.get("ChangeSetName")) if stacks else None
    return found.stack_id if found else None


@cache
def _templates(service: str) -> Mapping[str, tuple[str, ...]]:
    """Return the templates of each operation of a service."""
    found: dict[str, tuple[str, ...]] = {}
    for template, operations in RESOURCES.get(service, {}).items():
        for operation in operations.split():
            found[operation] = (*found.get(operation, ()), template)
    return found


def _filled(template: str, call: Call, place: Mapping[str, str]) -> Iterator[str]:
    """Yield an ARN for each value of the template's last parameter."""
    parameters = list(_PARAMETER.finditer(template))
    if template == _ANYTHING:
        yield _ANYTHING
        return
    if not parameters:
        yield _arn(call, place, template)
        return
    last = parameters[-1]
    is_alone = last[0] == template
    head = _PARAMETER.sub(lambda found: _first(call, found), template[: last.start()])
    texts = values(call.parameters, last[1])
    if not texts and (is_alone or (call.service == "ec2" and last[1].endswith("[]"))):
        return
    for text in texts or (last[2] if last[2] is not None else _ANYTHING,):
        if text.startswith("arn:"):
            yield text if call.service != "kms" else kms.key_arn(text, place)
        elif call.service == "iam" and "://" in text:  # of an identity provider
            yield _arn(call, place, head + text.partition("://")[2].rstrip("/"))
        elif "://" in text:  # the URL of a queue
            owner, name = text.rsplit("/", 2)[-2:]
            yield _arn(call, {**place, "account": owner}, name)
        elif call.service == "kms" and not is_alone:
            yield kms.key_arn(text, place)
        elif call.service == "ec2" and is_alone:
            kind = text.partition("-")[0]
            yield _arn(call, place, f"{KINDS_OF_EC2.get(kind, kind)}/{text}")
        else:
            name = _path(call, place, head) + text if call.service == "iam" else text
            yield _arn(call, place, f"{head}{name}{template[last.end():]}".replace("//", "/"))


def _path(call: Call, place: Mapping[str, str], kind: str) -> str:
    """Return the path that IAM puts before a name, without the first slash: that of the request, or of the role."""
    if given := values(call.parameters, "Path"):
        return given[0].removeprefix("/")
    names = values(call.parameters, "RoleName")
    role = roles.named(names[0], place["account"], place["partition"]) if kind == "role/" and names else None
    return role.path.removeprefix("/") if role else ""


def _first(call: Call, parameter: re.Match[str]) -> str:
    found = values(call.parameters, parameter[1])
    default = parameter[2] if parameter[2] is not None else _ANYTHING
    return found[0] if found else default


def _arn(call: Call, place: Mapping[str, str], resource: str) -> str:
    if call.service == "cloudwatch" and resource.startswith("dashboard/"):
        place = {**place, "region": ""}  # all regions share them
    return ARNS.get(call.service, _ARN).format(**place, resource=resource)


def _context(call: Call) -> Context:
    """Return the condition keys of parameters and of the tags of a request."""
    context: dict[str, tuple[str, ...]] = {}
    for key, paths in CONDITION_KEYS.get(call.service, {}).items():
        found = tuple(text for path in paths for text in values(call.parameters, path))
        if found:
            context[key.lower()] = found
    return {**context, **kms.encryption_context(call), **_tags(call)}


def _tags(call: Call) -> Context:
    tags = call.parameters.get("Tags") or call.parameters.get("tags")
    for path in _TAGS_OF_QUERIES:
        if f"{path}.Key" in call.parameters:
            texts = call.parameters.get(f"{path}.Value", ())
            tags = dict(zip_longest(call.parameters[f"{path}.Key"], texts, fillvalue=""))
    if isinstance(tags, list):
        tags = {
            # KMS writes TagKey.
            each.get("Key", each.get("key", each.get("TagKey"))): each.get(
                "Value", each.get("value", each.get("TagValue"))
            )
            for each in tags
            if isinstance(each, dict)
        }
    if not isinstance(tags, dict) or not tags:
        return {}
    context = {f"aws:requesttag/{key}".lower(): (str(value),) for key, value in tags.items()}
    return {**context, "aws:tagkeys": tuple(str(key) for key in tags)}


def _tagging(call: Call, own: list[Permission]) -> list[Permission]:
    """Return the permission to tag what is created, which only operations that create a resource require."""
    action = TAGGING.get(call.service)
    if isinstance(action, Mapping):
        action = action.get(call.operation)
    if action is None or "aws:tagkeys" not in (own[0].context if own else {}) or _is_tagging(call):
        return []
    # Of a request on several resources, the one that has no name yet is created.
    created = next((permission for permission in own if permission.resource.endswith("/*")), own[0])
    context = (
        {**created.context, "ec2:createaction": (call.operation,)}
        if call.service == "ec2"
        else created.context
    )
    return [Permission(f"{call.service}:{action}", created.resource, context)]


def _is_tagging(call: Call) -> bool:
    return "Tag" in call.operation


def _passing(call: Call) -> list[Permission]:
    """Return the permissions to pass roles to a service."""
    service, paths = PASSED_ROLES.get(call.service, ("", ()))
    if not call.operation.startswith(_PASSING_ROLES):
        return []
    context = {"iam:passedtoservice": (service,)}
    roles = dict.fromkeys(role for path in paths for role in values(call.parameters, path))
    return [Permission("iam:PassRole", role, context) for role in roles if role.startswith("arn:")]


def _all_texts(found: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(found, str):
        yield found
    elif isinstance(found, (dict, list)):
        for each in found.values() if isinstance(found, dict) else found:
            yield from _all_texts(each)
