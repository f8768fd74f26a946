"""The decision, policy by policy, without a server."""

import json
from dataclasses import replace
from typing import Any

import pytest
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends

from headrace_local.iam.decision import denial_reason
from headrace_local.iam.evaluation import Permission
from headrace_local.iam.policies import PolicyError, statements
from headrace_local.iam.principals import Session, session_named

ACCOUNT, OTHER = "000000000000", "111111111111"
BUCKET, KEY = "arn:aws:s3:::decided", "arn:aws:s3:::decided/a"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
DENY = READ | {"Effect": "Deny"}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/decided"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/decided/tests"
NO_IDENTITY = "because no identity-based policy allows the s3:GetObject action"
NO_RESOURCE = "because no resource-based policy allows the s3:GetObject action"


def policy(*found: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(found)})


def session(*own: dict[str, Any], boundary: dict[str, Any] | None = None) -> Session:
    """Return a session of a role with these statements."""
    backend: Any = iam_backends[ACCOUNT]["aws"]
    backend.roles.clear()
    backend.managed_policies.clear()
    role = backend.create_role("decided", policy(), "/", None, None, [], "3600")
    if own:
        role.policies["own"] = policy(*own)
    if boundary:
        limit = backend.create_policy(None, "/", policy(boundary), "limit", [])
        role.permissions_boundary_arn = limit.arn
    return session_named(ROLE, "tests")


def bucket(*theirs: dict[str, Any], account: str = ACCOUNT) -> None:
    """Make the bucket, with a policy if there are statements for it."""
    s3_backends.bucket_accounts.clear()
    for number in (ACCOUNT, OTHER):
        s3_backends[number]["aws"].buckets.clear()
    made = s3_backends[account]["aws"].create_bucket("decided", "eu-central-1")
    made.policy = policy(*theirs).encode() if theirs else None


def granted_to(principal: str, **others: Any) -> dict[str, Any]:
    return READ | {"Principal": {"AWS": principal}} | others


def reason(who: Session, action: str = "s3:GetObject", resource: str = KEY) -> str | None:
    return denial_reason(who, Permission(action, resource), {})


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([READ], None),
        ([], NO_IDENTITY),
        ([READ | {"Action": "s3:PutObject"}], NO_IDENTITY),
        ([READ | {"Resource": f"{BUCKET}/b"}], NO_IDENTITY),
        ([READ | {"Resource": "*", "Action": ["sns:*", "S3:get*"]}], None),
        ([READ, DENY], "with an explicit deny in an identity-based policy"),
        ([DENY | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, READ], None),
        ([READ | {"Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}}], None),
        ([READ | {"Condition": {"StringEquals": {"aws:PrincipalAccount": OTHER}}}], NO_IDENTITY),
        ([READ | {"Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/dec*"}}}], None),
        ([{"Effect": "Allow", "NotAction": "s3:Delete*", "Resource": "*"}], None),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], NO_IDENTITY),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/a"}], NO_IDENTITY),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/b"}], None),
        ([READ | {"Resource": "arn:aws:s3:::decided/${aws:username}"}], NO_IDENTITY),
    ],
)
def test_the_roles_own_policies(own: list[dict[str, Any]], expected: str | None) -> None:
    """Nothing is allowed that no statement allows, and a Deny outweighs every Allow."""
    bucket()
    assert reason(session(*own)) == expected


@pytest.mark.parametrize(
    ("own", "theirs", "expected"),
    [
        ([READ], [granted_to("*", Effect="Deny")], "with an explicit deny in a resource-based policy"),
        ([READ], [granted_to(ROLE, Effect="Deny")], "with an explicit deny in a resource-based policy"),
        ([READ], [granted_to(f"arn:aws:iam::{ACCOUNT}:role/x", Effect="Deny")], None),
        ([], [granted_to(ROLE)], None),
        ([], [granted_to(SESSION)], None),
        ([], [granted_to("*")], None),
        # Naming the account lets its policies decide, and allows nothing by itself.
        ([], [granted_to(f"arn:aws:iam::{ACCOUNT}:root")], NO_IDENTITY),
        ([READ], [granted_to(f"arn:aws:iam::{ACCOUNT}:root")], None),
        (
            [READ],
            [granted_to("*", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})],
            None,
        ),
        ([READ], [DENY | {"NotPrincipal": {"AWS": [ROLE, SESSION]}}], None),
        (
            [READ],
            [DENY | {"NotPrincipal": {"AWS": "arn:aws:iam::1:root"}}],
            "with an explicit deny in a resource-based policy",
        ),
    ],
)
def test_the_policy_of_a_bucket(
    own: list[dict[str, Any]], theirs: list[dict[str, Any]], expected: str | None
) -> None:
    """In one account either side's Allow is enough, and either side's Deny."""
    bucket(*theirs)
    assert reason(session(*own)) == expected


@pytest.mark.parametrize(
    ("own", "theirs", "expected"),
    [
        ([READ], [], NO_RESOURCE),
        ([], [granted_to(ROLE)], NO_IDENTITY),
        ([READ], [granted_to(ROLE)], None),
        ([READ], [granted_to(ACCOUNT)], None),
    ],
)
def test_a_bucket_of_another_account(
    own: list[dict[str, Any]], theirs: list[dict[str, Any]], expected: str | None
) -> None:
    """Both sides have to allow it."""
    bucket(*theirs, account=OTHER)
    assert reason(session(*own)) == expected


def test_a_permissions_boundary_takes_away() -> None:
    """It allows nothing, and what it does not allow is not allowed."""
    bucket()
    everything = READ | {"Action": "s3:*", "Resource": "*"}
    who = session(everything, boundary=READ)
    assert reason(who) is None
    assert reason(who, "s3:PutObject") == "because no permissions boundary allows the s3:PutObject action"
    assert reason(session(boundary=READ)) == NO_IDENTITY
    assert reason(session(READ, boundary=DENY)) == "with an explicit deny in a permissions boundary"


def test_a_boundary_of_awss_own_is_named() -> None:
    """The local AWS does not know AWS's policies, and says so."""
    bucket()
    who = session(READ)
    assert who.role
    who.role.permissions_boundary_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
    with pytest.raises(PolicyError, match="aws:policy/PowerUserAccess"):
        reason(who)


def test_a_session_policy_takes_away() -> None:
    """A session may do what role and session policy both allow."""
    bucket()
    who = session(READ | {"Action": "s3:*"})
    limited = replace(who, policy=policy(READ))
    assert reason(who, "s3:PutObject") is None
    assert reason(limited) is None
    assert reason(limited, "s3:PutObject") == "because no session policy allows the s3:PutObject action"


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{}",
        '{"Statement": {"Effect": "Maybe", "Action": "*"}}',
        '{"Statement": {"Effect": "Allow"}}',
    ],
)
def test_what_is_no_policy_is_an_error(document: str) -> None:
    """It is never taken for one that allows nothing, or all."""
    with pytest.raises(PolicyError):
        statements(document)
