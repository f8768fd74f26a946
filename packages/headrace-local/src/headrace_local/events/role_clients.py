"""The clients that services call with as a role: this server's address, the role's credentials, and the event depth."""

import threading
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from headrace_local.context import current
from headrace_local.events.depth import send_depth
from headrace_local.iam import roles

_lock = threading.Lock()
_clients: dict[tuple[str, str, str, str], Any] = {}


@cache
def session() -> botocore.session.Session:
    """Return the one botocore session of this process; its loader keeps the models that it has read."""
    return botocore.session.get_session()


def client(
    service: str, region: str, role_arn: str, session_name: str
) -> Any:  # noqa: ANN401 - botocore's own class
    """Return a client of this server that acts as a role, in the role's account. One is made for each and kept."""
    key = (service, region, role_arn, session_name)
    with _lock:  # making a client is not thread safe, using one is
        if key not in _clients:
            # No retry of its own: an error is the state machine's or the rule's to retry.
            config = Config(retries={"total_max_attempts": 1}, max_pool_connections=100, proxies={})
            create: Any = session().create_client
            credentials = roles.credentials(role_arn, session_name, region)
            made = create(service, region, config=config, endpoint_url=current().endpoint, **credentials)
            _clients[key] = send_depth(made)
        return _clients[key]
