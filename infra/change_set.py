"""One CloudFormation stack brought to a template through a change set."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from headrace.errors import DeployError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 3.0
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")
_STUCK = {
    "ROLLBACK_FAILED": "aws cloudformation delete-stack --stack-name {name}",
    "DELETE_FAILED": "aws cloudformation delete-stack --stack-name {name}",
    "CREATE_FAILED": "aws cloudformation delete-stack --stack-name {name}",
    "UPDATE_FAILED": "aws cloudformation rollback-stack --stack-name {name}",
    "UPDATE_ROLLBACK_FAILED": "aws cloudformation continue-update-rollback --stack-name {name}",
}


@dataclass(frozen=True)
class Stack:
    """What is wanted."""

    name: str
    template: Path
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """What happens to one resource. `replacement` is True, False or Conditional, and empty where it cannot be."""

    action: str
    logical_id: str
    resource_type: str
    replacement: str

    def __str__(self) -> str:
        replaced = {"True": "  replaced", "Conditional": "  perhaps replaced"}.get(self.replacement, "")
        return f"{self.action:<6}  {self.logical_id:<24}  {self.resource_type}{replaced}"


def deploy_stack(
    cloudformation: "CloudFormationClient", stack: Stack, say: Callable[[str], None]
) -> list[Change]:
    """Bring a stack to its template and return what changed; nothing changed is an empty list.

    Raises:
        DeployError: the stack is busy or stuck, the change set was refused, or a resource failed; then the
            message has each failing resource's reason, and the former stack is in place.
    """
    started = time.monotonic()
    exists = _ready(cloudformation, stack.name, say)
    change_set = _created(cloudformation, stack, "UPDATE" if exists else "CREATE")
    changes = _changes(cloudformation, stack.name, change_set)
    if changes is None:
        cloudformation.delete_change_set(ChangeSetName=change_set)
        say(f"{stack.name}: no change")
        return []
    say(f"{stack.name}:")
    for change in changes:
        say(f"  {change}")
    if not changes:
        say("  outputs or tags only")
    before = _newest_event(cloudformation, stack.name)
    cloudformation.execute_change_set(ChangeSetName=change_set)
    status = _settled(cloudformation, stack.name)
    if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise DeployError(_failure(cloudformation, stack.name, status, before))
    say(f"  {status} after {time.monotonic() - started:.1f} s")
    return changes


def _ready(cloudformation: "CloudFormationClient", name: str, say: Callable[[str], None]) -> bool:
    """Return whether the stack exists, after removing one that was never complete."""
    status = _status(cloudformation, name)
    # REVIEW_IN_PROGRESS: a change set was made for a new stack and never executed.
    if status in {None, "REVIEW_IN_PROGRESS"}:
        return False
    if status == "ROLLBACK_COMPLETE":
        # Its creation failed, and nothing else leads here: there is nothing in it to lose.
        say(f"{name}: was never complete (ROLLBACK_COMPLETE), removing it")
        cloudformation.delete_stack(StackName=name)
        status = _settled(cloudformation, name)
        if status is None:
            return False
    if status is not None and status.endswith("_IN_PROGRESS"):
        raise DeployError(
            f"stack {name} is {status}: another deployment is at work; deploy again when it ended"
        )
    if status in _STUCK:
        raise DeployError(
            f"stack {name} is {status} and takes no update; see its events for the reason, then "
            f"`{_STUCK[status].format(name=name)}` and deploy again"
        )
    return True


def _created(cloudformation: "CloudFormationClient", stack: Stack, kind: Literal["CREATE", "UPDATE"]) -> str:
    """Return the ARN of a new change set; raise `DeployError` when template or parameters are refused."""
    try:
        answer = cloudformation.create_change_set(
            StackName=stack.name,
            ChangeSetName=f"deploy-{datetime.now(UTC):%Y%m%dT%H%M%S%f}",
            ChangeSetType=kind,
            TemplateBody=stack.template.read_text(encoding="utf-8"),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()
            ],
            Tags=[{"Key": key, "Value": value} for key, value in stack.tags.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
    except ClientError as error:
        raise DeployError(f"stack {stack.name} is as it was: {error.response['Error']['Message']}") from error
    return answer["Id"]


def _status(cloudformation: "CloudFormationClient", name: str) -> str | None:
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def _settled(cloudformation: "CloudFormationClient", name: str) -> str | None:
    """Return the status in which the stack came to rest; None when it was deleted."""
    for _ in _pauses():
        status = _status(cloudformation, name)
        if status is None or not status.endswith("_IN_PROGRESS"):
            return status
    raise AssertionError


def _changes(cloudformation: "CloudFormationClient", name: str, change_set: str) -> list[Change] | None:
    """Return what a change set will do, once it is computed; None when it has nothing to do."""
    for _ in _pauses():
        answer = cloudformation.describe_change_set(ChangeSetName=change_set)
        if answer["Status"] == "FAILED":
            reason = answer.get("StatusReason", "no reason was given")
            if any(text in reason for text in _NO_CHANGE):
                return None
            cloudformation.delete_change_set(ChangeSetName=change_set)
            raise DeployError(f"stack {name} is as it was: {reason}")
        if answer["Status"] == "CREATE_COMPLETE":
            break
    changes = list(answer["Changes"])
    while "NextToken" in answer:
        answer = cloudformation.describe_change_set(ChangeSetName=change_set, NextToken=answer["NextToken"])
        changes += answer["Changes"]
    resources = [change["ResourceChange"] for change in changes if "ResourceChange" in change]
    return [
        Change(
            resource["Action"],
            resource["LogicalResourceId"],
            resource["ResourceType"],
            resource.get("Replacement", ""),
        )
        for resource in resources
    ]


def _newest_event(cloudformation: "CloudFormationClient", name: str) -> str | None:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    return events[0]["EventId"] if events else None


def _failure(
    cloudformation: "CloudFormationClient", name: str, status: str | None, before: str | None
) -> str:
    """Return what failed since the event `before`, oldest first, and in what state the stack is now."""
    ending = {
        "UPDATE_ROLLBACK_COMPLETE": "the former stack is in place",
        "ROLLBACK_COMPLETE": "nothing was created, and the next deploy starts anew",
    }.get(status or "", "it needs a person, see its events")
    failed = [
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): {event['ResourceStatusReason']}"
        for event in _events_since(cloudformation, name, before)
        if event.get("ResourceStatus", "").endswith("_FAILED")
        # "cancelled" is what the others say when one failed.
        and "cancelled" not in event.get("ResourceStatusReason", "cancelled").lower()
    ]
    lines = failed[::-1] or ["  no resource gave a reason; see the events of the stack"]
    return "\n".join([f"stack {name} is {status}: {ending}. What failed:", *lines])


def _events_since(
    cloudformation: "CloudFormationClient", name: str, before: str | None
) -> Iterator["StackEventTypeDef"]:
    """Yield the events after the one with the id `before`, newest first."""
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=name):
        for event in page["StackEvents"]:
            if event["EventId"] == before:
                return
            yield event


def _pauses() -> Iterator[None]:
    """Yield for ever, after waits that grow: the local AWS is ready at once, AWS after minutes."""
    seconds = _FIRST_WAIT_SECONDS
    while True:
        yield
        time.sleep(seconds)
        seconds = min(2 * seconds, _LONGEST_WAIT_SECONDS)
