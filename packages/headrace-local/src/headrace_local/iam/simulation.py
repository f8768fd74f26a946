"""SimulatePrincipalPolicy: what a role's own policies say of actions, without doing them. moto does not have it.

The SageMaker SDK asks it of a role before it trains with it. As on AWS the trust policy and the policies on resources
do not count, and the simulation knows no condition key that the request does not give: a statement with a condition
on such a key does not apply, and the key is named as missing. Left out: users and groups, policies given for the
simulation, and pages.

Source: SimulatePrincipalPolicy and EvaluationResult, in the IAM API reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException, ValidationError
from moto.iam.responses import IamResponse

from headrace_local.iam import roles
from headrace_local.iam.evaluation import Evaluation, Permission
from headrace_local.iam.matching import Context
from headrace_local.iam.policies import Statement, statements
from headrace_local.iam.principals import session_named
from headrace_local.patching import add

_ANYTHING = ("*",)
_LEFT_OUT = ("PolicyInputList", "PermissionsBoundaryPolicyInputList", "ResourcePolicy", "CallerArn")


def install() -> None:
    """Give moto's IAM the operation."""
    add(IamResponse, "simulate_principal_policy", _simulate)


def _simulate(response: IamResponse) -> ActionResult:
    asked: Mapping[str, Any] = response.params
    for name in _LEFT_OUT:
        if asked.get(name):
            raise ValidationError(f"The local AWS does not know {name} of SimulatePrincipalPolicy.")
    arn = asked["PolicySourceArn"]
    if ":role/" not in arn:
        raise ValidationError(f"The local AWS simulates the policies of roles only, and {arn} is none.")
    if roles.find(arn) is None:
        raise NotFoundException(f"The role with name {arn.rpartition('/')[2]} cannot be found.")
    session = session_named(arn, "simulation")
    own = [each for document in session.policies for each in statements(document)]
    boundary = None if session.boundary is None else statements(session.boundary)
    context = {
        entry["ContextKeyName"].lower(): tuple(entry.get("ContextKeyValues", ()))
        for entry in asked.get("ContextEntries") or ()
    }
    permissions = [
        Permission(action, resource)
        for action in asked["ActionNames"]
        for resource in asked.get("ResourceArns") or _ANYTHING
    ]
    results = [evaluation(permission, own, boundary, context) for permission in permissions]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def evaluation(
    permission: Permission, own: Sequence[Statement], boundary: Sequence[Statement] | None, context: Context
) -> dict[str, Any]:
    """Return what policies, and a permissions boundary if there is one, say of an action on a resource."""
    evaluation = Evaluation(permission, context)
    by_role = evaluation.effects(own)
    by_boundary = {"Allow"} if boundary is None else evaluation.effects(boundary)
    if "Deny" in by_role | by_boundary:
        decision = "explicitDeny"
    elif "Allow" in by_role & by_boundary:
        decision = "allowed"
    else:
        decision = "implicitDeny"
    asked_for = {condition.key for each in (*own, *(boundary or ())) for condition in each.conditions}
    result: dict[str, Any] = {
        "EvalActionName": permission.action,
        "EvalResourceName": permission.resource,
        "EvalDecision": decision,
        "MissingContextValues": sorted(asked_for - set(context)),
    }
    if boundary is not None:
        allows = by_boundary == {"Allow"}
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allows}
    return result
