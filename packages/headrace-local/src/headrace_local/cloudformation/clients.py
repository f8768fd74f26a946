"""boto3 clients that call the services of this process directly: no socket, no thread, no port.

Every call goes through the same request classes as a call from outside, with whatever the other parts of
the local AWS put in their place.
"""

import threading
from typing import Any, TypeAlias

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from moto.core.botocore_stubber import BotocoreStubber

from headrace_local.cloudformation.identity import denied

# What boto3 makes at run time has no type that could be named.
Client: TypeAlias = Any

ACCOUNT_HEADER = "x-moto-account-id"

_clients: dict[tuple[str, str, str], Client] = {}
_lock = threading.Lock()


def client(service: str, account: str, region: str) -> Client:
    """Return the client of a service, made once per account and region."""
    key = (service, account, region)
    with _lock:  # a client may be used by many threads, but a session makes only one at a time
        if key not in _clients:
            _clients[key] = _made(service, account, region)
        return _clients[key]


def _made(service: str, account: str, region: str) -> Client:
    session: Any = _session()  # its type knows each service by name, not a name in a variable
    made = session.client(
        service,
        region_name=region,
        config=Config(
            ignore_configured_endpoint_urls=True,  # type: ignore[call-arg] # missing in the stubs
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
        ),
    )

    def name_account(params: dict[str, Any], **_: object) -> None:
        params["headers"][ACCOUNT_HEADER] = account

    def send(event_name: str, request: AWSPreparedRequest, **more: object) -> AWSResponse | None:
        # In one function: botocore asks all that are registered, whatever the first of them answers.
        return denied(request) or in_process(event_name, request, **more)

    in_process = BotocoreStubber()
    in_process.enabled = True
    made.meta.events.register("before-call", name_account)
    made.meta.events.register("before-send", send)
    return made


_sessions: list[boto3.Session] = []


def _session() -> boto3.Session:
    """Return the one session, which reads no file and no profile of the user who started the server."""
    if not _sessions:
        plain = botocore.session.Session()
        for variable in ("profile", "config_file", "credentials_file"):
            plain.set_config_variable(variable, None)
        _sessions.append(
            boto3.Session(
                aws_access_key_id="cloudformation",
                aws_secret_access_key="cloudformation",  # noqa: S106 - a word: no signature is checked here
                botocore_session=plain,
            )
        )
    return _sessions[0]
