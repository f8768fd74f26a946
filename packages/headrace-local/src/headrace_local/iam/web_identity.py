"""sts:AssumeRoleWithWebIdentity: credentials of a role for who shows a token of an identity provider (OpenID Connect).

The token is a JWT, and its signature is not checked: the server is on the loopback and knows nobody's keys. Judged are
its claims, in this order, as on AWS: when it expires, whether the account of the role has a provider of its issuer that
knows its audience, and, where IAM is enforced, whether the role's trust policy lets it in. The call is not signed: the
account is that of the role's ARN.

Source: "Available keys for AWS OIDC federation" in the IAM user guide; the errors of the operation in the STS reference.
"""

import time
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.iam.models import OpenIDConnectProvider, Role, iam_backends
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

from headrace_local import strict_json
from headrace_local.context import enforces_iam
from headrace_local.iam import roles
from headrace_local.iam.evaluation import trusts
from headrace_local.iam.matching import Context
from headrace_local.iam.policies import PolicyError
from headrace_local.patching import replace

ACTION = "sts:AssumeRoleWithWebIdentity"
# The claims that STS makes condition keys of: of every provider, and of GitHub since 2026. It knows no others.
_CLAIMS = ("amr", "aud", "sub")
_CLAIMS_OF = {
    "token.actions.githubusercontent.com": (
        "actor",
        "actor_id",
        "enterprise_id",
        "environment",
        "job_workflow_ref",
        "ref",
        "repository",
        "repository_id",
        "workflow",
    )
}
_DENIED = "AccessDenied"
_HOUR_SECONDS = 3600

Claims = Mapping[str, Any]


class WebIdentityError(ServiceException):
    """A token, or a role for it, that STS refuses. A class of our own, as `headrace_local.unimplemented` says."""


def install() -> None:
    """Have STS read the token, and answer with a session in the account of the role."""
    replace(TokenResponse, "assume_role_with_web_identity", _assume)


def claims_of(token: str) -> Claims:
    """Return the claims of a JWT; raise `WebIdentityError` (InvalidIdentityToken) for what is none."""
    try:
        _, body, _ = token.split(".")
        claims: dict[str, Any] = dict(strict_json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))))
        return claims | {"iss": str(claims["iss"]), "sub": str(claims["sub"]), "exp": float(claims["exp"])}
    except (KeyError, TypeError, ValueError) as error:
        raise WebIdentityError(
            "InvalidIdentityToken",
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        ) from error


def keys_of(claims: Claims) -> Context:
    """Return the condition keys of a token: `<host and path of the provider>:<claim>`."""
    provider = _without_scheme(claims["iss"])
    known = (*_CLAIMS, *_CLAIMS_OF.get(provider, ()))
    return {f"{provider}:{name}".lower(): _texts(claims[name]) for name in known if name in claims}


def _assume(response: TokenResponse) -> ActionResult | tuple[int, dict[str, Any], Any]:
    asked: Mapping[str, Any] = response.params
    try:
        claims = claims_of(asked["WebIdentityToken"])
        provider = _checked(claims, asked)
    except WebIdentityError as error:
        if error.code != _DENIED:
            raise
        # moto would say 400 for a code that the model of STS does not have.
        _, headers, body = response.serialized(ActionResult(error))
        return HTTPStatus.FORBIDDEN, {**headers, "status": HTTPStatus.FORBIDDEN}, body
    _, partition, _, _, account, _ = asked["RoleArn"].split(":", 5)
    made = sts_backends[account][partition].assume_role(
        region_name=response.region,
        role_session_name=asked["RoleSessionName"],
        role_arn=asked["RoleArn"],
        policy=asked.get("Policy") or "",
        duration=asked.get("DurationSeconds") or _HOUR_SECONDS,
        external_id="",
    )
    return ActionResult(
        {
            "Credentials": made,
            "AssumedRoleUser": {"AssumedRoleId": made.user_id, "Arn": made.arn},
            "SubjectFromWebIdentityToken": claims["sub"],
            "Audience": _texts(claims.get("aud", ""))[0],
            "Provider": provider.arn,
            "PackedPolicySize": 0,
        }
    )


def _checked(claims: Claims, asked: Mapping[str, Any]) -> OpenIDConnectProvider:
    """Return the provider of a token that may have the role; raise `WebIdentityError` for one that may not."""
    now = int(time.time())
    if claims["exp"] <= now:
        raise WebIdentityError(
            "ExpiredTokenException",
            f"Token expired: current date/time {now} must be before the expiration date/time {int(claims['exp'])}",
        )
    role = roles.find(asked["RoleArn"])
    if role is None:
        raise _not_authorized()
    provider = _provider(role, claims["iss"])
    if not set(_texts(claims.get("aud", ""))) & set(provider.client_id_list):
        raise WebIdentityError("InvalidIdentityToken", "Incorrect token audience")
    if enforces_iam() and not _is_trusted(role, provider, claims, asked["RoleSessionName"]):
        raise _not_authorized()
    if (asked.get("DurationSeconds") or 0) > int(role.max_session_duration or _HOUR_SECONDS):
        raise WebIdentityError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    return provider


def _provider(role: Role, issuer: str) -> OpenIDConnectProvider:
    """Return the provider of an issuer in the account of a role."""
    account, partition = role.arn.split(":")[4], role.arn.split(":")[1]
    wanted = _without_scheme(issuer)
    for each in list(iam_backends[account][partition].open_id_providers.values()):
        if each.url.rstrip("/") == wanted:
            return each
    raise WebIdentityError(
        "InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {issuer}"
    )


def _is_trusted(role: Role, provider: OpenIDConnectProvider, claims: Claims, session: str) -> bool:
    context = {
        "aws:federatedprovider": (provider.arn,),
        "aws:securetransport": ("true",),
        "sts:rolesessionname": (session,),
        **keys_of(claims),
    }
    try:
        return trusts(roles.trust_policy(role), context, provider.arn, action=ACTION)
    except PolicyError:
        return False


def _not_authorized() -> WebIdentityError:
    # As on AWS, the same words for a role that is not there and for one that trusts somebody else.
    return WebIdentityError(_DENIED, f"Not authorized to perform {ACTION}")


def _without_scheme(issuer: str) -> str:
    return issuer.removeprefix("https://").rstrip("/")


def _texts(claim: Any) -> tuple[str, ...]:  # noqa: ANN401 - JSON
    return tuple(str(each) for each in (claim if isinstance(claim, list) else [claim]))
