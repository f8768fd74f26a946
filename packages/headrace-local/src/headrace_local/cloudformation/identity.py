"""As whom CloudFormation makes the resources of a stack, and whether that one may.

As on AWS it is the stack's service role, if it has one, and else the caller. Where IAM is enforced, each call to a
service is checked against the policies of that session; the user is administrator. What is asked of a service only because
its API would not tell by itself (whether a name is taken) is asked as CloudFormation.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import MockRawResponse

from headrace_local.cloudformation.errors import invalid
from headrace_local.context import enforces_iam
from headrace_local.iam import roles
from headrace_local.iam.denials import answer
from headrace_local.iam.enforcement import denial
from headrace_local.iam.matching import Context
from headrace_local.iam.principals import Session, session_named, session_of
from headrace_local.iam.requests import call_of, signature_of

SERVICE = "cloudformation.amazonaws.com"
_SESSION_NAME = "AWSCloudFormation"
# A call that a service makes on behalf of its caller says so.
_ON_BEHALF: Context = {
    "aws:calledvia": (SERVICE,),
    "aws:calledviafirst": (SERVICE,),
    "aws:calledvialast": (SERVICE,),
    "aws:viaawsservice": ("true",),
}


@dataclass(frozen=True)
class _Actor:
    """The session that calls the services now, and what it adds to the request context of its calls; without one, CloudFormation itself."""

    session: Session | None = None
    context: Context | None = None


_CLOUDFORMATION = _Actor()
_actor: ContextVar[_Actor] = ContextVar("actor", default=_CLOUDFORMATION)


@contextmanager
def as_caller(access_key: str) -> Iterator[None]:
    """Call the services as who signed a request."""
    with _as(_Actor(session_of(access_key), _ON_BEHALF) if enforces_iam() else _CLOUDFORMATION):
        yield


@contextmanager
def as_role(role_arn: str | None) -> Iterator[None]:
    """Call the services as a service role; without one, as the present caller."""
    if role_arn is None:
        yield
        return
    with _as(_Actor(session_named(role_arn, _SESSION_NAME)) if enforces_iam() else _CLOUDFORMATION):
        yield


@contextmanager
def as_cloudformation() -> Iterator[None]:
    """Call the services as CloudFormation itself, which may ask for anything."""
    with _as(_CLOUDFORMATION):
        yield


def check_role(role_arn: str | None, account: str) -> None:
    """Raise ValidationError for a service role that is not in the account, or that does not trust CloudFormation."""
    if role_arn is None:
        return
    if role_arn.split(":")[4:5] != [account]:
        raise invalid("Cross-account pass role is not allowed.")
    role = roles.find(role_arn)
    if role is None or not roles.trusts(role, SERVICE):
        raise invalid(f"Role {role_arn} is invalid or cannot be assumed")


def denied(request: AWSPreparedRequest) -> AWSResponse | None:
    """Return the answer to a call that may not be made, or None: to be asked before it is sent."""
    actor = _actor.get()
    if actor.session is None:
        return None
    environ = _environ(request)
    signature = signature_of(environ)
    if signature is None:
        return None
    call = call_of(environ, signature)
    text = denial(actor.session, call, environ, actor.context or {})
    if text is None:
        return None
    made = answer(call, text)
    body: Any = MockRawResponse(made.body)  # moto's stand-in for what urllib3 returns
    return AWSResponse(request.url, made.status, HTTPHeaders.from_dict(dict(made.headers)), body)


@contextmanager
def _as(actor: _Actor) -> Iterator[None]:
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def _environ(request: AWSPreparedRequest) -> dict[str, Any]:
    """Return a request of boto3 as a server would get it."""
    url = urlsplit(request.url)
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
        request.reset_stream()  # it is yet to be sent
    if isinstance(body, str):
        body = body.encode()
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": text.decode() if isinstance(text, bytes) else str(text)
        for name, text in request.headers.items()
    }
    return {
        **headers,
        "HTTP_HOST": url.netloc,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote(url.path),
        "RAW_URI": f"{url.path}?{url.query}" if url.query else url.path,
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname or "",
        "SERVER_PORT": "443",
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(bytes(body)),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": headers.get("HTTP_CONTENT_TYPE", ""),
    }
