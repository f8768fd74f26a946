"""The clients that rules and schedules act with: as their role, or as their service where there is no role."""

import threading
from typing import Any

import boto3
from botocore.config import Config

from headrace_local.cloudformation.clients import Client
from headrace_local.cloudformation.clients import client as client_in_process
from headrace_local.context import current
from headrace_local.events.depth import send_depth
from headrace_local.iam import roles

_lock = threading.Lock()
_clients: dict[tuple[str, str, str], Client] = {}


class RoleRefusedError(Exception):
    """A role cannot be assumed by the service that is to act by it."""


def as_role(service: str, region: str, role_arn: str, principal: str, source_arn: str) -> Client:
    """Return a client of this server with the credentials of a role, made once.

    Raises:
        RoleRefusedError: there is no such role, or it does not trust `principal`, such as events.amazonaws.com.
    """
    check_role(role_arn, principal, source_arn)
    key = (service, region, role_arn)
    with _lock:  # making a client is not thread safe, using one is
        if key not in _clients:
            _clients[key] = send_depth(_made(service, region, _credentials(role_arn, region, principal)))
        return _clients[key]


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


def _credentials(role_arn: str, region: str, principal: str) -> dict[str, str]:
    return roles.credentials(role_arn, principal.partition(".")[0], region)


def _made(service: str, region: str, credentials: dict[str, str]) -> Client:
    make: Any = boto3.Session  # its type has a place for each credential by itself
    session = make(region_name=region, **credentials)
    config = Config(retries={"total_max_attempts": 1}, proxies={})
    return session.client(service, endpoint_url=current().endpoint, config=config)
