"""Roles: whether one is there, and which services may assume it."""

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from moto.iam.models import Role, iam_backends
from moto.utilities.utils import PARTITION_NAMES

_PARTS_OF_AN_ARN = 6
_ASSUME = "sts:AssumeRole"


def find(arn: str) -> Role | None:
    """Return the role of an ARN, in whichever account, or None."""
    parts = arn.split(":")
    if len(parts) != _PARTS_OF_AN_ARN or parts[1] not in PARTITION_NAMES:
        return None
    roles = iam_backends[parts[4]][parts[1]].roles.values()
    return next((role for role in roles if role.arn == arn), None)


def trusts(role: Role, *services: str) -> bool:
    """Tell whether the trust policy lets one of the services assume the role, such as states.amazonaws.com.

    As on AWS, a statement that denies outweighs all that allow. Conditions speak of a caller that the local AWS
    does not know: a statement that allows counts as if its Condition held, one that denies as if it did not.
    """
    return any(_allows(role.assume_role_policy_document, service) for service in services)


def _allows(policy: str | Mapping[str, Any], service: str) -> bool:
    document = json.loads(policy) if isinstance(policy, str) else policy
    effects = [
        statement.get("Effect")
        for statement in _listed(document.get("Statement"))
        if _speaks_of_assuming(statement) and _speaks_of(statement, service)
    ]
    return "Allow" in effects and "Deny" not in effects


def _speaks_of_assuming(statement: Mapping[str, Any]) -> bool:
    # Names of actions are the same in any case.
    return any(fnmatchcase(_ASSUME.lower(), action.lower()) for action in _listed(statement.get("Action")))


def _speaks_of(statement: Mapping[str, Any], service: str) -> bool:
    principal = statement.get("Principal")
    denies = statement.get("Effect") == "Deny"
    if denies and "Condition" in statement:
        return False
    if isinstance(principal, Mapping):
        named, everyone = _listed(principal.get("Service")), _listed(principal.get("AWS"))
        return service in named or (denies and "*" in everyone)
    return denies and principal == "*"  # an Allow for everyone means persons and roles; a service is named


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - a policy has one item or a list of them in many places
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
