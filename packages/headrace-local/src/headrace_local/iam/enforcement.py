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

from headrace_local.iam.decision import refusal
from headrace_local.iam.evaluation import ASSUME_ROLE, Need, trusts
from headrace_local.iam.matching import Keys
from headrace_local.iam.needs import needs
from headrace_local.iam.policies import PolicyError
from headrace_local.iam.principals import ACCOUNT_ACCESS_ROLE, Session, session_of
from headrace_local.iam.refusals import answer, sentence
from headrace_local.iam.requests import UNKNOWN, Call, call_of, signature_of
from headrace_local.iam.resource_policies import policy_of, resource_of
from headrace_local.request_guard import Application

_NEVER_REFUSED = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})

_ANOTHER_ACCOUNT = "HTTP_X_MOTO_ACCOUNT_ID"  # with it moto acts in whichever account a request names
_NOTHING: Keys = {}
_NOT_JUDGED = "because a policy cannot be judged"

logger = logging.getLogger(__name__)


def enforced(application: Application) -> Application:
    """Return the application behind IAM: what a role's policies do not allow is answered as AWS does."""

    def enter(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        signature = signature_of(environ)
        session = session_of(signature.access_key) if signature else None
        # A person is administrator, and asks for nothing but the credentials of roles.
        if signature is None or (session is None and signature.service != "sts"):
            return application(environ, start_response)
        environ.pop(_ANOTHER_ACCOUNT, None)
        call = call_of(environ, signature)
        text = _refused_to_a_person(call) if session is None else refused(session, call, environ)
        if text is None:
            return application(environ, start_response)
        logger.info("refused: %s", text)
        made = answer(call, text)
        body = made.body.encode()
        status = f"{made.status} {HTTPStatus(made.status).phrase}"
        start_response(status, [*made.headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    return enter


def refused(session: Session, call: Call, environ: Mapping[str, Any], told: Keys = _NOTHING) -> str | None:
    """Return why a request is refused to a session, in AWS's words, or None; `told` are condition keys more."""
    if f"{call.service}:{call.operation}" in _NEVER_REFUSED:
        return None
    if call.operation == UNKNOWN:
        return f"the local AWS cannot tell which operation of {call.service} this is, and so not whether it is allowed"
    keys = {**_keys(call, environ), **told}
    return _first_refusal(session, needs(call, session.account), keys, call.service)


def _first_refusal(session: Session, wanted: Iterable[Need], keys: Keys, service: str) -> str | None:
    """Return the sentence for the first of the needs that a session may not have, or None."""
    for need in wanted:
        try:
            reason = refusal(session, need, keys)
        except PolicyError as error:
            reason = f"{_NOT_JUDGED}: {error}"
        if reason is not None:
            return sentence(service, session.arn, need.action, need.resource, reason)
    return None


def _refused_to_a_person(call: Call) -> str | None:
    """Return why a person may not assume a role. A person may do all else, being administrator of the account."""
    if call.service != "sts" or call.operation != "AssumeRole":
        return None
    account, arn = get_account_id_from(call.access_key), call.parameters.get("RoleArn", "")
    user = f"arn:aws:sts::{account}:user/moto"  # as GetCallerIdentity has it
    document = policy_of(resource_of(arn, account))
    if document is None and arn.endswith(f":role/{ACCOUNT_ACCESS_ROLE}"):
        return None
    told = {"aws:principalaccount": (account,), "aws:principalarn": (user,), **needs(call, account)[0].keys}
    names = (user, account, f"arn:aws:iam::{account}:root")
    reason = f"because no role trust policy allows the {ASSUME_ROLE} action"
    try:
        if document is not None and trusts(document, {**_keys(call, {}), **told}, *names):
            return None
    except PolicyError as error:
        reason = f"{_NOT_JUDGED}: {error}"
    return sentence("sts", user, ASSUME_ROLE, arn, reason)


def _keys(call: Call, environ: Mapping[str, Any]) -> Keys:
    """Return the condition keys that every request has."""
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
