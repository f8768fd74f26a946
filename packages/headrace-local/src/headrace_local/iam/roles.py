"""Roles: whether one is there, which services may assume it, and the credentials of a service that has."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from moto.iam.models import Role, iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import PARTITION_NAMES

from headrace_local import strict_json
from headrace_local.context import enforces_iam
from headrace_local.iam import evaluation
from headrace_local.iam.policies import listed

_PARTS_OF_AN_ARN = 6
_ASSUME = "sts:AssumeRole"
_SESSION_SECONDS = 3600


def find(arn: str) -> Role | None:
    """Return the role of an ARN, in whichever account, or None."""
    parts = arn.split(":")
    if len(parts) != _PARTS_OF_AN_ARN or parts[1] not in PARTITION_NAMES:
        return None
    roles = iam_backends[parts[4]][parts[1]].roles.values()
    return next((role for role in roles if role.arn == arn), None)


def named(name: str, account: str, partition: str = "aws") -> Role | None:
    """Return the role of a name, which is one of its kind in an account whatever its path, or None."""
    found = iam_backends[account][partition].roles.values()
    return next((role for role in found if role.name == name), None)


def credentials(arn: str, session_name: str, region: str) -> dict[str, Any]:
    """Return what a client needs to act as a role, by the names of boto3's arguments.

    Made within the process: a service assumes the role, which a person may not be trusted to.
    """
    _, partition, _, _, account, _ = arn.split(":", 5)
    made = sts_backends[account][partition].assume_role(
        region_name=region,
        role_session_name=session_name,
        role_arn=arn,
        policy="",
        duration=_SESSION_SECONDS,
        external_id="",
    )
    return {
        "aws_access_key_id": made.access_key_id,
        "aws_secret_access_key": made.secret_access_key,
        "aws_session_token": made.session_token,
    }


def trust_policy(role: Role) -> str:
    """Return the document of a role's trust policy; moto holds text or JSON."""
    policy = role.assume_role_policy_document
    return policy if isinstance(policy, str) else strict_json.dumps(policy)


def trusts(role: Role, *services: str, source_arn: str | None = None) -> bool:
    """Tell whether the trust policy lets one of the services assume the role, such as states.amazonaws.com.

    As on AWS, a statement that denies outweighs all that allow. Conditions are looked at where IAM is enforced, and
    `source_arn` is what the service acts for: a job, a state machine, a rule, a schedule. Elsewhere a statement that
    allows counts as if its Condition held, one that denies as if it did not.
    """
    document = trust_policy(role)
    if source_arn is None or not enforces_iam():
        return any(_allows(document, service) for service in services)
    context = {
        "aws:sourceaccount": (source_arn.split(":")[4],),
        "aws:sourcearn": (source_arn,),
        "aws:securetransport": ("true",),
        "aws:principalisawsservice": ("true",),
    }
    return any(evaluation.trusts(document, context, service) for service in services)


def _allows(document: str, service: str) -> bool:
    effects = [
        statement.get("Effect")
        for statement in listed(strict_json.loads(document).get("Statement"))
        if _is_about_assuming(statement) and _names_service(statement, service)
    ]
    return "Allow" in effects and "Deny" not in effects


def _is_about_assuming(statement: Mapping[str, Any]) -> bool:
    # Names of actions are the same in any case.
    return any(fnmatchcase(_ASSUME.lower(), action.lower()) for action in listed(statement.get("Action")))


def _names_service(statement: Mapping[str, Any], service: str) -> bool:
    principal = statement.get("Principal")
    denies = statement.get("Effect") == "Deny"
    if denies and "Condition" in statement:
        return False
    if isinstance(principal, Mapping):
        named, everyone = listed(principal.get("Service")), listed(principal.get("AWS"))
        return service in named or (denies and "*" in everyone)
    return denies and principal == "*"  # an Allow for everyone means persons and roles; a service is named
