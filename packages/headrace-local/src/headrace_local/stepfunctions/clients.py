"""The clients that tasks call with: this server's address, and the credentials of the machine's role."""

import threading
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from botocore.config import Config
from moto.stepfunctions.parser.asl.utils import boto_client

from headrace_local.context import current
from headrace_local.events.depth import send_depth
from headrace_local.iam import roles
from headrace_local.patching import replace
from headrace_local.stepfunctions.services import session

_lock = threading.Lock()
_clients: dict[tuple[str, str, str], Any] = {}
_credentials: dict[str, dict[str, str]] = {}


@dataclass
class RoleError(Exception):
    """The role of a state machine is gone since it was created."""

    role_arn: str

    def __str__(self) -> str:
        return f"the role {self.role_arn} does not exist any more; a state machine acts by its role alone"


def client(service: str, region: str, role_arn: str) -> Any:
    """Return a client of this server that acts as the role, in the role's account. One is made for each and kept."""
    _check_exists(role_arn)
    key = (service, region, role_arn)
    with _lock:  # making a client is not thread safe, using one is
        if key not in _clients:
            if role_arn not in _credentials:
                _credentials[role_arn] = roles.credentials(role_arn, "states", region)
            _clients[key] = _create(service, region, **_credentials[role_arn])
        return _clients[key]


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


def _create(service: str, region: str, **credentials: str) -> Any:
    # No retry of its own: an error is the state machine's to retry.
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=100)
    create: Any = session().create_client
    return send_depth(create(service, region, config=config, endpoint_url=current().endpoint, **credentials))


def _check_exists(role_arn: str) -> None:
    if roles.find(role_arn) is None:
        raise RoleError(role_arn)
