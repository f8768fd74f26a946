"""What a service of the local AWS may do as a role within the process, without a request: write the log of a job."""

from headrace_local.context import enforces_iam
from headrace_local.iam.decision import denial_reason
from headrace_local.iam.evaluation import Permission
from headrace_local.iam.policies import PolicyError
from headrace_local.iam.principals import session_named


def may(role_arn: str, session_name: str, action: str, resource: str) -> bool:
    """Tell whether a service may do something as a role. Everything, as long as IAM is not enforced."""
    if not enforces_iam():
        return True
    try:
        return denial_reason(session_named(role_arn, session_name), Permission(action, resource), {}) is None
    except PolicyError:
        return False
