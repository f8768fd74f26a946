"""Delete resources and whole stacks, and say why something could not be done."""

import logging

from botocore.exceptions import ClientError
from moto.cloudformation.exceptions import CloudFormationError

from headrace_local.cloudformation import exports
from headrace_local.cloudformation.events import set_resource_status, set_stack_status
from headrace_local.cloudformation.identity import as_role
from headrace_local.cloudformation.resources import handler_of
from headrace_local.cloudformation.resources.handler import ResourceContext, ResourceError, delete_if_present
from headrace_local.cloudformation.state import Resource, Stack, Stacks, now
from headrace_local.grammars.errors import TemplateError

_DENIED = "AccessDenied"  # whatever a service calls it
_DENIALS = frozenset({"AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})

logger = logging.getLogger(__name__)


def delete(store: Stacks, stack: Stack, retained: list[str]) -> None:
    """Delete a stack, the last made resource first; `retained` are left as they are."""
    exports.check_unused(store, stack, [])
    with as_role(stack.role_arn):
        _delete(stack, retained)


def _delete(stack: Stack, retained: list[str]) -> None:
    set_stack_status(stack, "DELETE_IN_PROGRESS", "User Initiated")
    failed = []
    for logical_id, resource in reversed(list(stack.resources.items())):
        if resource.status in {"DELETE_COMPLETE", "DELETE_SKIPPED"}:
            continue  # by a rollback that could not be finished
        try:
            delete_resource(stack, resource, "Retain" if logical_id in retained else resource.deletion_policy)
            del stack.resources[logical_id]
        except Exception as error:  # noqa: BLE001 - told as the resource's reason, the others go on
            set_resource_status(stack, resource, "DELETE_FAILED", reason(error))
            failed.append(logical_id)
    if failed:
        set_stack_status(
            stack, "DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(failed)}]. "
        )
        return
    stack.outputs, stack.imports, stack.deleted = [], set(), now()
    set_stack_status(stack, "DELETE_COMPLETE")


def delete_resource(stack: Stack, resource: Resource, policy: str) -> None:
    """Delete one resource, unless its policy says to keep it; one that is gone already is fine."""
    if policy != "Delete":
        set_resource_status(stack, resource, "DELETE_SKIPPED")
        return
    set_resource_status(stack, resource, "DELETE_IN_PROGRESS")
    delete_if_present(
        handler_of(resource.type).delete,
        context_of(stack, resource),
        resource.physical_id,
        resource.properties,
    )
    set_resource_status(stack, resource, "DELETE_COMPLETE")


def context_of(stack: Stack, resource: Resource) -> ResourceContext:
    """Return where a resource lives and how it is to be named."""
    return ResourceContext(stack.account, stack.region, stack.name, resource.logical_id)


def reason(error: Exception) -> str:
    """Return an error as the reason of a resource's status."""
    if isinstance(error, ClientError):
        details = error.response["Error"]
        code = _DENIED if details.get("Code", "") in _DENIALS else details.get("Code", "")
        return f'Resource handler returned message: "{details.get("Message", "")}" (HandlerErrorCode: {code})'
    if isinstance(error, ResourceError | CloudFormationError | TemplateError):
        return str(error)
    logger.error("a resource failed without a reason of its service", exc_info=error)
    return f"Resource handler failed: {type(error).__name__}: {error}"
