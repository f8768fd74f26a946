"""Stack policies: which resources an update may change, replace or delete. Without one it may all of them.

A policy allows nothing that it does not name, and a Deny outweighs an Allow. It speaks of updates only: what is new may
be made, and deleting the stack does not ask it.

Source: "Prevent updates to stack resources" in the CloudFormation user guide.
"""

from headrace_local.cloudformation.errors import invalid
from headrace_local.cloudformation.requests import Request, fetched
from headrace_local.cloudformation.state import Resource
from headrace_local.iam.evaluation import Evaluation, Permission
from headrace_local.iam.policies import PolicyError, statements

MODIFY, REPLACE, DELETE = "Update:Modify", "Update:Replace", "Update:Delete"


def given(request: Request, name: str, account: str, region: str) -> str | None:
    """Return the policy that a request has in `<name>Body` or behind `<name>URL`; None when it has neither.

    Raises ValidationError for both at once, and for a text that is no policy.
    """
    if f"{name}Body" in request and f"{name}URL" in request:
        raise invalid(f"You cannot specify both {name}URL and {name}Body")
    policy = request.get(f"{name}Body")
    if f"{name}URL" in request:
        policy = fetched(request[f"{name}URL"], account, region)
    if policy is not None:
        try:
            statements(policy)
        except PolicyError as error:
            raise invalid("Error validating stack policy: Invalid stack policy") from error
    return policy


def denial(policy: str | None, action: str, resource: Resource) -> str | None:
    """Return why a policy does not let an update do this to a resource, in AWS's words, or None when it does."""
    if policy is None:
        return None
    permission = Permission(action, f"LogicalResourceId/{resource.logical_id}")
    evaluation = Evaluation(permission, {"resourcetype": (resource.type,)})
    verdicts = [evaluation.effects([each]) for each in statements(policy)]
    about = f"[{action}] for resource [{permission.resource}]"
    denying = [number for number, found in enumerate(verdicts, 1) if "Deny" in found]
    if denying:
        return f"Action denied by stack policy: Statement [#{denying[0]}] does not allow {about};"
    if not any("Allow" in found for found in verdicts):
        return f"Action denied by stack policy: No statement allows {about};"
    return None
