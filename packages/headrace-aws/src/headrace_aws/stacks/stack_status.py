"""The status of a CloudFormation stack, and the waits until a change of it has ended.

AWS answers ExecuteChangeSet and DeleteStack before the work begins, and the first calls may still see the former
status. So an execution has ended when an event says so that is newer than the execution, and a deletion when
the stack's ARN says so.
"""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from headrace.errors import DeployError
from headrace_aws.session import AwsSession
from headrace_aws.stacks.deployed import DeployedStack, deployed_stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 3.0
_REMEDIES = {  # of the statuses in which a stack takes no update: an operation of the command line
    "ROLLBACK_FAILED": "delete-stack",
    "DELETE_FAILED": "delete-stack",
    "CREATE_FAILED": "delete-stack",
    "UPDATE_FAILED": "rollback-stack",
    "UPDATE_ROLLBACK_FAILED": "continue-update-rollback",
}


def check_free(aws: AwsSession, stack: DeployedStack, then: str = "deploy again") -> None:
    """Raise `DeployError` when a stack is being changed, or takes no update until a person has repaired it.

    `then` is what to do once it is free.
    """
    name, status = stack.name, stack.status
    if status.endswith("_IN_PROGRESS"):
        raise DeployError(
            f"stack {name} is {status}: another deployment is running; {then} when it has ended"
        )
    if status in _REMEDIES:
        raise DeployError(
            f"stack {name} is {status} and takes no update; see its events for the reason, then run this "
            f"({_place(aws)}) and {then}:\n  {_command(aws, _REMEDIES[status], name)}"
        )


def delete(
    aws: AwsSession, stack: DeployedStack, role_arn: str | None = None, *, then: str = "deploy again"
) -> None:
    """Delete a stack and wait until it is gone; raise `DeployError` when it stays.

    `role_arn` is the role with which CloudFormation deletes; None is the one that the stack was created with. `then`
    is what to do once a person has removed what keeps it.
    """
    cloudformation: CloudFormationClient = aws.client("cloudformation")
    role_arn = role_arn or stack.role_arn
    # By ARN, since the name of a deleted stack may be another's by now.
    if role_arn:
        cloudformation.delete_stack(StackName=stack.arn, RoleARN=role_arn)
    else:
        cloudformation.delete_stack(StackName=stack.arn)
    for _ in pauses():
        now = deployed_stack(aws, stack.arn)
        if now is None:
            return
        if now.status == "DELETE_FAILED":
            check_free(aws, now, then)


def newest_event(cloudformation: "CloudFormationClient", name: str) -> str | None:
    """Return the id of the newest event of a stack; None when it has none."""
    return next((event["EventId"] for event in events_since(cloudformation, name, None)), None)


def executed(cloudformation: "CloudFormationClient", name: str, change_set: str, before: str | None) -> str:
    """Return the final status of a stack after a change set (its ARN) was executed.

    Args:
        cloudformation: the client.
        name: of the stack.
        change_set: the ARN of the change set.
        before: id of the newest event before the execution: older events belong to earlier changes.

    Raises:
        DeployError: AWS gave up the execution before it changed the stack.

    """
    for _ in pauses():
        status = next(
            (
                event["ResourceStatus"]
                for event in events_since(cloudformation, name, before)
                if event.get("PhysicalResourceId") == event["StackId"]  # of the stack itself
            ),
            None,
        )
        if status is None:
            _check_begins(cloudformation, name, change_set)
        elif not status.endswith("_IN_PROGRESS"):
            return status
    raise AssertionError


def failure(cloudformation: "CloudFormationClient", name: str, status: str, before: str | None) -> str:
    """Return what failed since the event `before`, oldest first, and in what state the stack is now."""
    ending = {
        "UPDATE_ROLLBACK_COMPLETE": "the former stack is in place",
        "ROLLBACK_COMPLETE": "nothing was created, and the next deploy starts again",
    }.get(status, "it needs a person, see its events")
    failed = [
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): {event['ResourceStatusReason']}"
        for event in events_since(cloudformation, name, before)
        if event.get("ResourceStatus", "").endswith("_FAILED")
        # The others are "cancelled" when one fails.
        and "cancelled" not in event.get("ResourceStatusReason", "cancelled").lower()
    ]
    lines = failed[::-1] or ["  no resource gave a reason; see the events of the stack"]
    return "\n".join([f"stack {name} is {status}: {ending}. What failed:", *lines])


def events_since(
    cloudformation: "CloudFormationClient", name: str, before: str | None
) -> Iterator["StackEventTypeDef"]:
    """Yield the events after the one with the id `before`, newest first."""
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=name):
        for event in page["StackEvents"]:
            if event["EventId"] == before:
                return
            yield event


def pauses() -> Iterator[None]:
    """Yield for ever, after waits that grow: the local AWS is ready at once, AWS after minutes."""
    seconds = _FIRST_WAIT_SECONDS
    while True:
        yield
        time.sleep(seconds)
        seconds = min(2 * seconds, _LONGEST_WAIT_SECONDS)


def _check_begins(cloudformation: "CloudFormationClient", name: str, change_set: str) -> None:
    """Raise `DeployError` when the execution of a change set failed; it may also not have begun yet."""
    try:
        answer = cloudformation.describe_change_set(ChangeSetName=change_set)
    except cloudformation.exceptions.ChangeSetNotFoundException:
        return  # AWS forgets a change set once it is executed: its events are on their way
    if answer.get("ExecutionStatus") in {"EXECUTE_FAILED", "OBSOLETE"}:
        reason = answer.get("StatusReason", "no reason was given")
        raise DeployError(f"stack {name} is as it was: its change set was not executed: {reason}")


def _command(aws: AwsSession, operation: str, name: str) -> str:
    """Return a command for a stack of this environment, which can reach no other."""
    command = f"aws cloudformation {operation} --stack-name {name} --region {aws.region}"
    return f"{command} --endpoint-url {aws.endpoint}" if aws.endpoint else command


def _place(aws: AwsSession) -> str:
    return "on the local AWS" if aws.endpoint else f"in account {aws.account}, environment {aws.name}"
