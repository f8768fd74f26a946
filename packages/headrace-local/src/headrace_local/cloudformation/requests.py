"""What a request says, made ready: the template's text, the stack it means, its tags and parameters."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse
from uuid import uuid4

from botocore.exceptions import ClientError

from headrace_local.cloudformation import parameters
from headrace_local.cloudformation.clients import client
from headrace_local.cloudformation.errors import invalid
from headrace_local.cloudformation.goal import Goal, check_capabilities, goal
from headrace_local.cloudformation.identity import check_role
from headrace_local.cloudformation.state import Stack, Stacks
from headrace_local.grammars.template import Template, parsed

Request = Mapping[str, Any]

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
# Bytes of a template: in a request, and through a bucket ("Understand CloudFormation quotas").
_LARGEST_BODY, _LARGEST = 51_200, 1_000_000


def stack_named(store: Stacks, name: str, *, deleted: bool = False) -> Stack:
    """Return the stack of a name or ARN; a deleted one is found by its ARN, where that is desired."""
    for stack in store.stacks.values():
        if stack.deleted is None and name in {stack.name, stack.id}:
            return stack
        if deleted and name == stack.id:
            return stack
    raise invalid(f"Stack with id {name} does not exist")


def find(store: Stacks, name: str) -> Stack | None:
    """Return the stack of a name or ARN that is not deleted, or None."""
    return next(
        (each for each in store.stacks.values() if each.deleted is None and name in {each.name, each.id}),
        None,
    )


def new_stack(request: Request, account: str, region: str) -> Stack:
    """Return a stack that has nothing yet."""
    name = request["StackName"]
    check_name(name, "stackName")
    return Stack(
        id=f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid4()}",
        name=name,
        account=account,
        region=region,
    )


def check_name(name: str, member: str) -> None:
    """Raise ValidationError for a name that CloudFormation does not take."""
    if not _NAME.fullmatch(name):
        raise invalid(
            f"1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_NAME.pattern}"
        )


def template_of(request: Request, account: str, region: str, stack: Stack | None = None) -> Template:
    """Return the template of a request: its body, what its URL points at, or the stack's present one."""
    if request.get("UsePreviousTemplate") and stack is not None:
        return parsed(stack.template)
    if "TemplateBody" in request:
        return parsed(_checked_size(request["TemplateBody"], "templateBody", _LARGEST_BODY))
    if "TemplateURL" in request:
        return parsed(_checked_size(fetched(request["TemplateURL"], account, region), "template", _LARGEST))
    raise invalid("Either Template URL or Template Body must be specified.")


def _checked_size(text: str, member: str, largest: int) -> str:
    """Return a template; raise ValidationError when it is larger than CloudFormation takes."""
    if len(text.encode()) > largest:
        raise invalid(
            f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {largest}"
        )
    return text


def fetched(url: str, account: str, region: str) -> str:
    """Return the object behind an S3 address: of AWS in either style, or of this server (path style)."""
    parts = urlparse(url)
    host, path = parts.hostname or "", unquote(parts.path).lstrip("/")
    if host.endswith(".amazonaws.com") and not host.startswith(("s3.", "s3-")):
        bucket, key = host.split(".s3", 1)[0], path
    else:
        bucket, _, key = path.partition("/")
    version = parse_qs(parts.query).get("versionId")
    try:
        found = client("s3", account, region).get_object(
            Bucket=bucket, Key=key, **({"VersionId": version[0]} if version else {})
        )
    except ClientError as error:
        raise invalid(f"S3 error: {error.response['Error'].get('Message')} ({url})") from error
    text: str = found["Body"].read().decode()
    return text


def goal_of(request: Request, stack: Stack, template: Template) -> Goal:
    """Return what a request wants the stack to become."""
    check_capabilities(template, request.get("Capabilities", []))
    texts = parameters.given(template, request.get("Parameters", []), stack.parameters)
    tags = (
        {tag["Key"]: tag["Value"] for tag in request["Tags"]}
        if request.get("Tags") is not None
        else stack.tags
    )
    return goal(stack, template, texts, tags)


def take_over(stack: Stack, request: Request) -> None:
    """Keep the settings of a request that are not part of the goal; a service role stays the stack's, as on AWS."""
    check_role(request.get("RoleARN"), stack.account)
    for key, attribute in (
        ("Capabilities", "capabilities"),
        ("NotificationARNs", "notification_arns"),
        ("RoleARN", "role_arn"),
        ("DisableRollback", "disable_rollback"),
        ("EnableTerminationProtection", "termination_protection"),
    ):
        if request.get(key) is not None:
            setattr(stack, attribute, request[key])
