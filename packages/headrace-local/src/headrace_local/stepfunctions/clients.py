"""The clients that tasks call with: this server's address, and the credentials of the machine's role."""

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from moto.stepfunctions.parser.asl.utils import boto_client

from headrace_local.events import role_clients
from headrace_local.iam import roles
from headrace_local.patching import replace


@dataclass
class RoleError(Exception):
    """The role of a state machine is gone since it was created."""

    role_arn: str

    def __str__(self) -> str:
        return f"the role {self.role_arn} does not exist any more; a state machine acts by its role alone"


def client(service: str, region: str, role_arn: str) -> Any:
    """Return a client of this server that acts as the role of a state machine; raise `RoleError` when that is gone."""
    if roles.find(role_arn) is None:
        raise RoleError(role_arn)
    return role_clients.client(service, region, role_arn, "states")


def use_credentials_of_the_role(*modules: ModuleType) -> None:
    """Have tasks act in the account and by the role of their machine.

    asl/utils/boto_client.py:14 gives every task the keys `ak` and `sk`, which belong to the default account, and
    turns the check of parameters off: a misspelt one is dropped without a word. The modules that took the function
    by name are given.
    """
    for module in (boto_client, *modules):
        replace(module, "boto_client_for", _client_for)


def _client_for(region: str, service: str, state_credentials: Any = None) -> Any:
    return client(service, region, state_credentials.role_arn)
