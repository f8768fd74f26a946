"""Enforcement: every request is decided before moto sees it.

Requests come in by HTTP: those of tasks, jobs, rules and schedules too, with the credentials of their role. What
CloudFormation makes for a stack it makes within the process: `headrace_local.cloudformation.identity` asks for it.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from moto.iam.models import get_account_id_from

from headrace_local.iam.decision import denial_reason
from headrace_local.iam.denials import answer, message
from headrace_local.iam.evaluation import ASSUME_ROLE, Permission, trusts
from headrace_local.iam.matching import Context
from headrace_local.iam.policies import PolicyError
from headrace_local.iam.principals import ACCOUNT_ACCESS_ROLE, Session, session_of
from headrace_local.iam.requests import UNKNOWN, Call, call_of, signature_of
from headrace_local.iam.required_permissions import required_permissions
from headrace_local.iam.resource_policies import policy_of, resource_of
from headrace_local.request_guard import Application

_ALWAYS_ALLOWED = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})

_ANOTHER_ACCOUNT = "HTTP_X_MOTO_ACCOUNT_ID"  # with it moto acts in whichever account a request names
_NOTHING: Context = {}
_NOT_JUDGED = "because a policy cannot be judged"

logger = logging.getLogger(__name__)


def enforced(application: Application) -> Application:
    """Return the application behind IAM: what a role's policies do not allow is answered as AWS does."""

    def enter(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        signature = signature_of(environ)
        session = session_of(signature.access_key) if signature else None
        # The user is administrator, and requires permission for nothing but the credentials of roles.
        if signature is None or (session is None and signature.service != "sts"):
            return application(environ, start_response)
        environ.pop(_ANOTHER_ACCOUNT, None)
        call = call_of(environ, signature)
        text = _denial_of_user(call) if session is None else denial(session, call, environ)
        if text is None:
            return application(environ, start_response)
        logger.info("denied: %s", text)
        made = answer(call, text)
        body = made.body.encode()
        status = f"{made.status} {HTTPStatus(made.status).phrase}"
        start_response(status, [*made.headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    return enter


def denial(session: Session, call: Call, environ: Mapping[str, Any], more: Context = _NOTHING) -> str | None:
    """Return the message with which AWS denies a request of a session, or None; `more` is added to the request context."""
    if f"{call.service}:{call.operation}" in _ALWAYS_ALLOWED:
        return None
    if call.operation == UNKNOWN:
        return f"the local AWS cannot tell which operation of {call.service} this is, and so not whether it is allowed"
    context = {**_request_context(call, environ), **more}
    return _first_denial(session, required_permissions(call, session.account), context, call.service)


def _first_denial(
    session: Session, required: Iterable[Permission], context: Context, service: str
) -> str | None:
    """Return the message for the first required permission that a session does not have, or None."""
    for permission in required:
        try:
            reason = denial_reason(session, permission, context)
        except PolicyError as error:
            reason = f"{_NOT_JUDGED}: {error}"
        if reason is not None:
            return message(service, session.arn, permission.action, permission.resource, reason)
    return None


def _denial_of_user(call: Call) -> str | None:
    """Return why the user may not assume a role. The user may do all else, being administrator of the account."""
    if call.service != "sts" or call.operation != "AssumeRole":
        return None
    account, arn = get_account_id_from(call.access_key), call.parameters.get("RoleArn", "")
    user = f"arn:aws:sts::{account}:user/moto"  # as GetCallerIdentity has it
    document = policy_of(resource_of(arn, account))
    if document is None and arn.endswith(f":role/{ACCOUNT_ACCESS_ROLE}"):
        return None
    own = {
        "aws:principalaccount": (account,),
        "aws:principalarn": (user,),
        **required_permissions(call, account)[0].context,
    }
    names = (user, account, f"arn:aws:iam::{account}:root")
    reason = f"because no role trust policy allows the {ASSUME_ROLE} action"
    try:
        if document is not None and trusts(document, {**_request_context(call, {}), **own}, *names):
            return None
    except PolicyError as error:
        reason = f"{_NOT_JUDGED}: {error}"
    return message("sts", user, ASSUME_ROLE, arn, reason)


def _request_context(call: Call, environ: Mapping[str, Any]) -> Context:
    """Return the part of the request context that every request has."""
    now = time.time()
    return {
        # The server listens on the loopback, without TLS: nobody else hears it, so it counts as secure.
        "aws:securetransport": ("true",),
        "aws:requestedregion": (call.region,),
        "aws:currenttime": (datetime.fromtimestamp(now, UTC).isoformat(),),
        "aws:epochtime": (str(int(now)),),
        "aws:sourceip": (environ.get("REMOTE_ADDR", "127.0.0.1"),),
        "aws:useragent": (call.headers.get("user-agent", ""),),
        "aws:viaawsservice": ("false",),
        "aws:principalisawsservice": ("false",),
    }
