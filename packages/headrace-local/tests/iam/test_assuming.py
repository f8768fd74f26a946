"""Who may assume a role: persons, roles, services, other accounts."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from enforced import ACCOUNT, REGION, USER, Enforced, allow, session_arn

from headrace_local.iam.principals import ACCOUNT_ACCESS_ROLE

OTHER = "111111111111"
NO_TRUST = "because no role trust policy allows the sts:AssumeRole action"


def trusting(**principal: str) -> dict[str, Any]:
    return USER | {"Principal": principal}


def test_a_person_needs_trust(enforced: Enforced) -> None:
    """A role that trusts a service alone is not for a person, administrator or not."""
    role = enforced.role(trust=trusting(Service="states.amazonaws.com"))
    with pytest.raises(ClientError) as caught:
        enforced.acting("sts", role)
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert f"sts:AssumeRole on resource: {role} {NO_TRUST}" in str(caught.value)


def test_a_role_that_is_not_there_cannot_be_assumed(enforced: Enforced) -> None:
    """As on AWS, which does not tell the two apart."""
    with pytest.raises(ClientError, match=NO_TRUST):
        enforced.acting("sts", f"arn:aws:iam::{ACCOUNT}:role/nobody")


def test_an_account_is_entered_by_the_role_that_organizations_makes(enforced: Enforced) -> None:
    """A second account on the same server, with things of its own, and cross-account roles by trust alone."""
    entry = f"arn:aws:iam::{OTHER}:role/{ACCOUNT_ACCESS_ROLE}"
    there = enforced.acting("iam", entry)
    assert there.list_roles()["Roles"] == []
    document = '{"Version": "2012-10-17", "Statement": %s}'
    for name, account in (("open", ACCOUNT), ("closed", OTHER)):
        trust = trusting(AWS=f"arn:aws:iam::{account}:root")
        there.create_role(RoleName=name, AssumeRolePolicyDocument=document % str(trust).replace("'", '"'))
    assert enforced.acting("sts", f"arn:aws:iam::{OTHER}:role/open").get_caller_identity()["Account"] == OTHER
    with pytest.raises(ClientError, match=NO_TRUST):
        enforced.acting("sts", f"arn:aws:iam::{OTHER}:role/closed")


def test_a_role_assumes_another(enforced: Enforced) -> None:
    """The other role has to name it or its account; its own policy has to allow it unless it is named."""
    caller = enforced.role()
    named = enforced.role(trust=trusting(AWS=caller))
    by_account = enforced.role()
    sts = enforced.acting("sts", caller)
    assert sts.assume_role(RoleArn=named, RoleSessionName="next")["AssumedRoleUser"]["Arn"] == session_arn(
        named, "next"
    )
    with pytest.raises(ClientError, match="no identity-based policy allows the sts:AssumeRole action"):
        sts.assume_role(RoleArn=by_account, RoleSessionName="next")
    allowed = enforced.acting("sts", enforced.role(allow("sts:AssumeRole", by_account)))
    assert allowed.assume_role(RoleArn=by_account, RoleSessionName="next")["Credentials"]
    stranger = enforced.acting("sts", enforced.role(allow("sts:AssumeRole")))
    with pytest.raises(ClientError, match=NO_TRUST):
        stranger.assume_role(RoleArn=named, RoleSessionName="next")


@pytest.mark.parametrize(
    ("condition", "is_trusted"),
    [
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, True),
        ({"StringEquals": {"aws:SourceAccount": OTHER}}, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:trusted-*"}}, True),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:other"}}, False),
    ],
)
def test_conditions_of_a_trust_policy_hold_for_services(
    enforced: Enforced, condition: dict[str, Any], *, is_trusted: bool
) -> None:
    """aws:SourceAccount and aws:SourceArn tell for which state machine Step Functions assumes a role."""
    role = enforced.role(trust=trusting(Service="states.amazonaws.com") | {"Condition": condition})
    states = enforced.client("stepfunctions")
    machine = {
        "name": f"trusted-{role.rpartition('-')[2]}",
        "definition": '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
        "roleArn": role,
    }
    if is_trusted:
        assert states.create_state_machine(**machine)["stateMachineArn"]
    else:
        with pytest.raises(ClientError, match=r"AccessDeniedException.*trust policy does not let it"):
            states.create_state_machine(**machine)
