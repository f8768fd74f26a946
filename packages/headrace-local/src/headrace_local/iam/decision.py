"""Whether a session has a permission, and if not, why: IAM's policy evaluation logic.

An explicit Deny anywhere outweighs all. Then, in the resource's own account, an Allow of the policy on the resource
that names the caller is enough, as is one of the caller's own policies; from another account both are needed. A
permissions boundary and a session policy allow nothing by themselves; they take away what they do not allow.
"""

from headrace_local.iam.evaluation import ASSUME_ROLE, Evaluation, Permission, names
from headrace_local.iam.matching import Context
from headrace_local.iam.policies import Principals, Statement, statements
from headrace_local.iam.principals import Session
from headrace_local.iam.resource_context import resource_context
from headrace_local.iam.resource_policies import Resource, policy_of, resource_of

# Where identity-based policies count only if the policy on the resource lets its account decide: keys, and the
# trust policies of roles.
_DELEGATING = ("kms:", "sts:AssumeRole")
_TRUST = "role trust policy"


def denial_reason(session: Session, permission: Permission, context: Context) -> str | None:
    """Return why a session may not, in the words of AWS, or None when it may.

    `context` is that of the whole request. Raises `PolicyError` when a policy cannot be judged.
    """
    resource = resource_of(permission.resource, session.account)
    whole = {
        **context,
        **session.context,
        "aws:resourceaccount": (resource.account,),
        **resource_context(resource, permission.action),
        **permission.context,
    }
    evaluation = Evaluation(permission, whole)
    own = evaluation.effects(each for document in session.policies for each in statements(document))
    # The policy on the resource, the boundary and the session policy: None where there is none.
    document = _policy_on(resource, permission.action)
    theirs = () if document is None else statements(document)
    callers = (session.arn, session.role_arn)
    direct = evaluation.effects(each for each in theirs if names(each.principals, *callers))
    account = (session.account, f"arn:{session.role_arn.split(':')[1]}:iam::{session.account}:root")
    delegated = evaluation.effects(each for each in theirs if names(each.principals, *callers, *account))
    limits = {
        "permissions boundary": _verdicts(evaluation, session.boundary),
        "session policy": _verdicts(evaluation, session.policy),
    }
    denying = {"identity-based policy": own, "resource-based policy": delegated, **limits}
    for kind, verdicts in denying.items():
        if verdicts and "Deny" in verdicts:
            return f"with an explicit deny in {'an' if kind[0] == 'i' else 'a'} {kind}"
    is_own_account = resource.account == session.account
    if not (is_own_account and "Allow" in direct):
        must_delegate = permission.action.startswith(_DELEGATING) and document is not None
        if (must_delegate or not is_own_account) and "Allow" not in delegated:
            kind = _TRUST if permission.action == ASSUME_ROLE else "resource-based policy"
            return _nothing_allows(kind, permission.action)
        if "Allow" not in own:
            return _nothing_allows("identity-based policy", permission.action)
    for kind, limit in limits.items():
        if limit is not None and "Allow" not in limit and not _is_named(theirs, session.arn, evaluation):
            return _nothing_allows(kind, permission.action)
    return None


def _policy_on(resource: Resource, action: str) -> str | None:
    # The policy on a role is its trust policy, which is about assuming it and nothing else.
    is_elsewhere = resource.service == "iam" and not action.startswith("sts:")
    return None if is_elsewhere else policy_of(resource)


def _verdicts(evaluation: Evaluation, document: str | None) -> set[str] | None:
    return None if document is None else evaluation.effects(statements(document))


def _nothing_allows(kind: str, action: str) -> str:
    return f"because no {kind} allows the {action} action"


def _is_named(theirs: tuple[Statement, ...], session_arn: str, evaluation: Evaluation) -> bool:
    """Tell whether the policy on the resource names this very session: its boundary and session policy do not limit it then."""
    return "Allow" in evaluation.effects(
        each for each in theirs if each.principals and _is_exactly(each.principals, session_arn)
    )


def _is_exactly(principals: Principals, session_arn: str) -> bool:
    return not principals.excluding and session_arn in principals.named.get("AWS", ())
