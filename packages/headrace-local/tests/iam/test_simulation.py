"""SimulatePrincipalPolicy: what a role's policies say, asked of the API."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from enforced import USER, allow, policy

BUCKET = "arn:aws:s3:::simulated"
ROLE = "simulated"
OWN = (
    allow("s3:GetObject", f"{BUCKET}/a/*"),
    allow("sns:*"),
    {"Effect": "Deny", "Action": "sns:Publish", "Resource": "*"},
    allow("sqs:SendMessage", StringEquals={"aws:RequestTag/team": "one"}),
)


@pytest.fixture(scope="module")
def role(local_aws: Any) -> str:
    """The ARN of a role with a policy of each kind."""
    iam = local_aws.client("iam")
    made = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=policy(USER))
    iam.put_role_policy(RoleName=ROLE, PolicyName="own", PolicyDocument=policy(*OWN))
    return str(made["Role"]["Arn"])


def simulated(local_aws: Any, role: str, action: str, **more: Any) -> dict[str, Any]:
    """Return the result for one action."""
    asked = {"PolicySourceArn": role, "ActionNames": [action], **more}
    (result,) = local_aws.client("iam").simulate_principal_policy(**asked)["EvaluationResults"]
    return dict(result)


@pytest.mark.parametrize(
    ("action", "resource", "decision"),
    [
        ("s3:GetObject", f"{BUCKET}/a/b", "allowed"),
        ("s3:GetObject", f"{BUCKET}/b", "implicitDeny"),
        ("s3:GetObject", None, "implicitDeny"),
        ("s3:PutObject", f"{BUCKET}/a/b", "implicitDeny"),
        ("sns:Subscribe", None, "allowed"),
        ("sns:Publish", None, "explicitDeny"),
        ("sqs:SendMessage", None, "implicitDeny"),
    ],
)
def test_a_role_is_judged_by_its_own_policies(
    local_aws: Any, role: str, action: str, resource: str | None, decision: str
) -> None:
    """Without a resource the question is for `*`, which a statement for some resources does not speak of."""
    result = simulated(local_aws, role, action, **({"ResourceArns": [resource]} if resource else {}))
    assert (result["EvalActionName"], result["EvalDecision"]) == (action, decision)
    assert result["EvalResourceName"] == (resource or "*")


def test_a_condition_is_met_by_what_the_request_gives(local_aws: Any, role: str) -> None:
    """A key that is not given is named as missing; given with the right value, the statement applies."""
    key = "aws:requesttag/team"
    assert simulated(local_aws, role, "sqs:SendMessage")["MissingContextValues"] == [key]
    entry = {"ContextKeyName": key, "ContextKeyValues": ["one"], "ContextKeyType": "string"}
    result = simulated(local_aws, role, "sqs:SendMessage", ContextEntries=[entry])
    assert (result["EvalDecision"], result.get("MissingContextValues", [])) == ("allowed", [])


def test_a_permissions_boundary_takes_away(local_aws: Any) -> None:
    """What only the role's own policy allows is denied, and the result says that it was the boundary."""
    iam = local_aws.client("iam")
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=policy(allow("sns:*")))["Policy"]["Arn"]
    made = iam.create_role(
        RoleName="limited", AssumeRolePolicyDocument=policy(USER), PermissionsBoundary=limit
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="limited", PolicyName="own", PolicyDocument=policy(allow("*")))
    decided = {action: simulated(local_aws, made, action) for action in ("sns:Publish", "s3:PutObject")}
    assert [one["EvalDecision"] for one in decided.values()] == ["allowed", "implicitDeny"]
    assert decided["s3:PutObject"]["PermissionsBoundaryDecisionDetail"] == {
        "AllowedByPermissionsBoundary": False
    }


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ({"PolicySourceArn": "arn:aws:iam::000000000000:role/nobody"}, "NoSuchEntity", "nobody"),
        ({"PolicySourceArn": "arn:aws:iam::000000000000:user/person"}, "ValidationError", "roles only"),
        ({"PolicyInputList": [json.dumps({})]}, "ValidationError", "PolicyInputList"),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    local_aws: Any, role: str, asked: dict[str, Any], code: str, words: str
) -> None:
    """The error names what is not there, or what is not known here."""
    with pytest.raises(ClientError, match=words) as raised:
        simulated(local_aws, role, "sns:Publish", **asked)
    assert raised.value.response["Error"]["Code"] == code
