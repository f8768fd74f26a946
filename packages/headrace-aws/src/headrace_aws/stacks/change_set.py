"""Bring a CloudFormation stack to a template through a change set."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

from botocore.exceptions import ClientError

from headrace.errors import DeployError
from headrace.files import file_text
from headrace_aws.session import AwsSession
from headrace_aws.stacks import stack_status
from headrace_aws.stacks.deployed import deployed_stack
from headrace_aws.stacks.protection import protect
from headrace_aws.waiting import CHANGE_SET, wait_until_ended

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        DescribeChangeSetOutputTypeDef,
        ResourceChangeDetailTypeDef,
        ResourceChangeTypeDef,
    )

_MINUTES = 15  # to compute a change set
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")
_CHANGED_MEANWHILE = (
    "already exists and cannot be created again",
    "_IN_PROGRESS state",
    "] does not exist",
    "Stack with id ",
)
# What the change of a property causes, the strongest last.
_RECREATION = {"Never": "", "Conditionally": " (perhaps replaces it)", "Always": " (replaces it)"}


class _Role(TypedDict, total=False):
    RoleARN: str


class _Template(TypedDict, total=False):
    TemplateBody: str
    TemplateURL: str


@dataclass(frozen=True)
class DesiredStack:
    """A stack as it should be.

    `role_arn` is the role with which CloudFormation creates the resources; None is the caller's own permissions.
    A `protected` stack cannot be deleted, and what has state in it is not replaced. `template_url` is where
    CloudFormation reads a template that a request cannot hold.
    """

    name: str
    template: Path
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    role_arn: str | None = None
    protected: bool = False
    template_url: str = ""


@dataclass(frozen=True)
class Change:
    """What happens to one resource. `replacement` is True, False or Conditional, and empty where it cannot be.

    `properties` says which of its properties change, and which of them cause a replacement.
    """

    action: str
    logical_id: str
    resource_type: str
    replacement: str
    properties: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return the change as one line, and its properties as another."""
        replaced = {"True": "  replaced", "Conditional": "  perhaps replaced"}.get(self.replacement, "")
        first = f"{self.action:<6}  {self.logical_id:<24}  {self.resource_type}{replaced}"
        return [first, f"        {', '.join(self.properties)}"] if self.properties else [first]


def deploy_stack(aws: AwsSession, stack: DesiredStack, say: Callable[[str], None]) -> list[Change]:
    """Bring a stack to its template and return what changed; nothing changed is an empty list.

    Raises:
        DeployError: the stack is busy or stuck, the change set was refused, another command was faster, or a resource
            failed; then the message has each failing resource's reason, and the former stack is in place.
        WaitError: AWS did not end in time.
    """
    with stack_status.readable_when_gone(stack.name):
        return _deploy_stack(aws, stack, say)


def _deploy_stack(aws: AwsSession, stack: DesiredStack, say: Callable[[str], None]) -> list[Change]:
    started = time.monotonic()
    cloudformation: CloudFormationClient = aws.client("cloudformation")
    exists = _ready(aws, stack, say)
    if exists:
        protect(aws, stack.name, protected=stack.protected, say=say)
    change_set = _created(cloudformation, stack, "UPDATE" if exists else "CREATE")
    changes = _changes(cloudformation, stack.name, change_set)
    if changes is None:
        cloudformation.delete_change_set(ChangeSetName=change_set)
        say(f"{stack.name}: no change")
        return []
    say(f"{stack.name}:")
    for change in changes:
        for line in change.lines():
            say(f"  {line}")
    if not changes:
        say("  outputs or tags only")
    before = stack_status.newest_event(cloudformation, stack.name)
    try:
        cloudformation.execute_change_set(ChangeSetName=change_set)
    except (
        cloudformation.exceptions.InvalidChangeSetStatusException,
        cloudformation.exceptions.ChangeSetNotFoundException,
    ) as error:
        raise DeployError(f"another command changed stack {stack.name} meanwhile; deploy again") from error
    status = stack_status.executed(cloudformation, stack.name, change_set, before)
    if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise DeployError(stack_status.failure(cloudformation, stack.name, status, before))
    say(f"  {status} after {time.monotonic() - started:.1f} s")
    if stack.protected and not exists:
        protect(aws, stack.name, protected=True, say=say)
    return changes


def planned_changes(cloudformation: "CloudFormationClient", stack: DesiredStack) -> list[Change]:
    """Return what bringing an existing stack to its template would change, and change nothing.

    Raises:
        DeployError: the change set was refused, or another command was faster.
        WaitError: AWS did not end in time.
    """
    with stack_status.readable_when_gone(stack.name):
        change_set = _created(cloudformation, stack, "UPDATE")
        try:
            return _changes(cloudformation, stack.name, change_set) or []
        finally:
            cloudformation.delete_change_set(ChangeSetName=change_set)


def _ready(aws: AwsSession, stack: DesiredStack, say: Callable[[str], None]) -> bool:
    """Return whether the stack exists, after deleting one that was never complete."""
    deployed = deployed_stack(aws, stack.name)
    # REVIEW_IN_PROGRESS: a change set was created for a new stack and never executed.
    if deployed is None or deployed.status == "REVIEW_IN_PROGRESS":
        return False
    if deployed.status == "ROLLBACK_COMPLETE":
        # Its creation failed, and nothing else leads here: there is nothing in it to lose.
        say(f"{stack.name}: was never complete (ROLLBACK_COMPLETE), removing it")
        stack_status.delete(aws, deployed, stack.role_arn)
        return False
    stack_status.check_free(aws, deployed)
    return True


def _created(
    cloudformation: "CloudFormationClient", stack: DesiredStack, kind: Literal["CREATE", "UPDATE"]
) -> str:
    """Return the ARN of a new change set; raise `DeployError` when template or parameters are refused."""
    role: _Role = {"RoleARN": stack.role_arn} if stack.role_arn else {}
    try:
        answer = cloudformation.create_change_set(
            StackName=stack.name,
            ChangeSetName=f"deploy-{datetime.now(UTC):%Y%m%dT%H%M%S%f}",
            ChangeSetType=kind,
            **_template(stack),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()
            ],
            Tags=[{"Key": key, "Value": value} for key, value in stack.tags.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            **role,
        )
    except ClientError as error:
        message = error.response["Error"]["Message"]
        # It was not so a moment ago.
        if any(text in message for text in _CHANGED_MEANWHILE):
            raise DeployError(
                f"another command changed stack {stack.name} meanwhile; repeat this one when that has ended: {message}"
            ) from error
        raise DeployError(f"stack {stack.name} is as it was: {message}") from error
    return answer["Id"]


def _template(stack: DesiredStack) -> _Template:
    if stack.template_url:
        return {"TemplateURL": stack.template_url}
    return {"TemplateBody": file_text(stack.template)}


def _changes(cloudformation: "CloudFormationClient", name: str, change_set: str) -> list[Change] | None:
    """Return what a change set will do, once it is computed; None when it has nothing to do.

    Raises:
        DeployError: it was refused, or another command changed or deleted the stack meanwhile.
    """
    answer: DescribeChangeSetOutputTypeDef | None = None

    def status() -> str:
        nonlocal answer
        answer = cloudformation.describe_change_set(ChangeSetName=change_set)
        # Computed and, which may come a moment later, open to execution.
        is_computed = answer["Status"] == "CREATE_COMPLETE"
        return answer.get("ExecutionStatus", "UNAVAILABLE") if is_computed else answer["Status"]

    try:
        ended = wait_until_ended(f"the change set of stack {name}", status, CHANGE_SET, _MINUTES)
    except cloudformation.exceptions.ChangeSetNotFoundException:
        ended = "gone"
    if answer is None or ended not in {"AVAILABLE", "FAILED"}:
        raise DeployError(
            f"another command changed stack {name} meanwhile: the change set of this one is {ended}; repeat it when "
            "that has ended"
        )
    if ended == "FAILED":
        reason = answer.get("StatusReason", "no reason was given")
        if any(text in reason for text in _NO_CHANGE):
            return None
        cloudformation.delete_change_set(ChangeSetName=change_set)
        raise DeployError(f"stack {name} is as it was: {reason}")
    changes = list(answer["Changes"])
    while "NextToken" in answer:
        answer = cloudformation.describe_change_set(ChangeSetName=change_set, NextToken=answer["NextToken"])
        changes += answer["Changes"]
    return [_change(change["ResourceChange"]) for change in changes if "ResourceChange" in change]


def _change(resource: "ResourceChangeTypeDef") -> Change:
    return Change(
        resource["Action"],
        resource["LogicalResourceId"],
        resource["ResourceType"],
        resource.get("Replacement", ""),
        _properties(resource.get("Details", [])),
    )


def _properties(details: Iterable["ResourceChangeDetailTypeDef"]) -> tuple[str, ...]:
    """Return each property that changes (or Tags, Metadata, ...), with the replacement that it causes."""
    strength = list(_RECREATION)
    found: dict[str, str] = {}
    for detail in details:
        target = detail.get("Target", {})
        name = target.get("Name") or target.get("Attribute", "")
        recreation = target.get("RequiresRecreation", "Never")
        # AWS lists a property twice when the replacement depends on its value.
        found[name] = max(found.get(name, "Never"), recreation, key=strength.index)
    return tuple(f"{name}{_RECREATION[recreation]}" for name, recreation in found.items() if name)
