"""The clients that rules and schedules act with: as their role, or as their service where there is no role."""

from headrace_local.cloudformation.clients import Client
from headrace_local.cloudformation.clients import client as client_in_process
from headrace_local.events import role_clients
from headrace_local.iam import roles


class RoleRefusedError(Exception):
    """A role cannot be assumed by the service that is to act by it."""


def as_role(service: str, region: str, role_arn: str, principal: str, source_arn: str) -> Client:
    """Return a client of this server with the credentials of a role, made once.

    Raises:
        RoleRefusedError: there is no such role, or it does not trust `principal`, such as events.amazonaws.com.
    """
    check_role(role_arn, principal, source_arn)
    return role_clients.client(service, region, role_arn, principal.partition(".")[0])


def as_service(service: str, account: str, region: str) -> Client:
    """Return the client of a service that acts by itself, such as an alarm that publishes to its topic."""
    return client_in_process(service, account, region)


def check_role(role_arn: str, principal: str, source_arn: str) -> None:
    """Raise `RoleRefusedError` unless the role exists and trusts a service, for the rule or schedule of an ARN."""
    role = roles.find(role_arn)
    if role is None:
        raise RoleRefusedError(f"the role {role_arn} does not exist")
    if not roles.trusts(role, principal, source_arn=_source(source_arn)):
        raise RoleRefusedError(f"the role {role_arn} does not trust {principal}")


def _source(arn: str) -> str:
    """Return what a service says that it acts for: a rule itself, of a schedule its group."""
    head, separator, name = arn.partition(":schedule/")
    return f"{head}:schedule-group/{name.partition('/')[0]}" if separator else arn
