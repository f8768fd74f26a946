"""The record of what happened to a stack and to each of its resources."""

from uuid import uuid4

from headrace_local import strict_json
from headrace_local.cloudformation.state import Event, Resource, Stack, now

STACK_TYPE = "AWS::CloudFormation::Stack"


def set_stack_status(stack: Stack, status: str, reason: str | None = None) -> None:
    """Give the stack a status, and keep the event."""
    stack.status, stack.reason = status, reason
    stack.events.append(Event(str(uuid4()), stack.name, stack.id, STACK_TYPE, status, reason, None, now()))


def set_resource_status(stack: Stack, resource: Resource, status: str, reason: str | None = None) -> None:
    """Give a resource a status, and keep the event."""
    resource.status, resource.reason, resource.time = status, reason, now()
    stack.events.append(
        Event(
            f"{resource.logical_id}-{status}-{uuid4()}",
            resource.logical_id,
            resource.physical_id,
            resource.type,
            status,
            reason,
            strict_json.dumps(resource.properties),
            resource.time,
        )
    )
