"""The status of a CloudFormation stack, and the waits until a change of it has ended.

AWS answers ExecuteChangeSet and DeleteStack before the work begins, and the first calls may still see the former
status. So an execution has ended when an event says so that is newer than the execution, and a deletion when
the stack's ARN says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace.errors import DeployError
from headrace_aws.session import AwsSession
from headrace_aws.stacks.deployed import DELETED, DeployedStack, deployed_stack
from headrace_aws.waiting import DELETED_STACK, EXECUTED_STACK, wait_until_ended

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

MINUTES = 60  # for one stack: the slowest resources of ours take twenty
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

    def status() -> str:
        now = deployed_stack(aws, stack.arn)
        return now.status if now else DELETED

    if wait_until_ended(f"the deletion of stack {stack.name}", status, DELETED_STACK, MINUTES) != DELETED:
        check_free(aws, replace(stack, status="DELETE_FAILED"), then)


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
        WaitError: the stack is still being changed after an hour.

    """

    def status() -> str:
        found = next(
            (
                event["ResourceStatus"]
                for event in events_since(cloudformation, name, before)
                if event.get("PhysicalResourceId") == event["StackId"]  # of the stack itself
            ),
            None,
        )
        return found or _execution_status(cloudformation, name, change_set)

    return wait_until_ended(f"stack {name}", status, EXECUTED_STACK, MINUTES)


@contextmanager
def readable_when_gone(name: str) -> Iterator[None]:
    """Raise `DeployError` when AWS answers that a stack is gone which was there a moment ago."""
    try:
        yield
    except ClientError as error:
        if "does not exist" in str(error):
            raise DeployError(f"stack {name} is gone: another command deleted it meanwhile") from error
        raise


def failure(cloudformation: "CloudFormationClient", name: str, status: str, before: str | None) -> str:
    """Return what failed since the event `before`, oldest first, and in what state the stack is now."""
    ending = {
        "UPDATE_ROLLBACK_COMPLETE": "the former stack is in place",
        "ROLLBACK_COMPLETE": "nothing was created, and the next deploy starts again",
        "DELETE_COMPLETE": "another command deleted it meanwhile",
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


def _execution_status(cloudformation: "CloudFormationClient", name: str, change_set: str) -> str:
    """Return the execution status of a change set that is being executed; raise `DeployError` when AWS gave it up."""
    try:
        answer = cloudformation.describe_change_set(ChangeSetName=change_set)
    except cloudformation.exceptions.ChangeSetNotFoundException:
        return "EXECUTE_COMPLETE"  # AWS forgets a change set once it is executed: its events are on their way
    status = answer.get("ExecutionStatus", "AVAILABLE")
    if status in {"EXECUTE_FAILED", "OBSOLETE", "UNAVAILABLE"}:
        reason = answer.get("StatusReason", "no reason was given")
        raise DeployError(f"stack {name} is as it was: its change set was not executed: {reason}")
    return status


def _command(aws: AwsSession, operation: str, name: str) -> str:
    """Return a command for a stack of this environment, which can reach no other."""
    command = f"aws cloudformation {operation} --stack-name {name} --region {aws.region}"
    return f"{command} --endpoint-url {aws.endpoint}" if aws.endpoint else command


def _place(aws: AwsSession) -> str:
    return "on the local AWS" if aws.endpoint else f"in account {aws.account}, environment {aws.name}"
