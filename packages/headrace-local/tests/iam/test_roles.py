"""Which services a role trusts."""

import json
from typing import Any

import pytest
from moto.iam.models import iam_backends

from headrace_local.iam import roles

STATES = "states.amazonaws.com"
ALLOW: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": STATES}, "Action": "sts:AssumeRole"}
DENY = ALLOW | {"Effect": "Deny"}


def role(statements: Any) -> Any:
    backend: Any = iam_backends["000000000000"]["aws"]
    policy = json.dumps({"Statement": statements})
    backend.roles.clear()
    return backend.create_role("trusting", policy, "/", None, None, [], "3600")


@pytest.mark.parametrize(
    ("statements", "is_trusted"),
    [
        pytest.param(ALLOW, True, id="one statement"),
        pytest.param([ALLOW | {"Principal": {"Service": ["ec2.amazonaws.com", STATES]}}], True, id="a list"),
        pytest.param([ALLOW | {"Action": ["sts:TagSession", "sts:*"]}], True, id="wildcard"),
        pytest.param(
            [ALLOW | {"Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}], True, id="condition"
        ),
        pytest.param(
            [DENY | {"Principal": {"Service": "ec2.amazonaws.com"}}, ALLOW], True, id="deny another"
        ),
        pytest.param([DENY | {"Action": "sts:TagSession"}, ALLOW], True, id="deny another action"),
        pytest.param(
            [DENY | {"Condition": {"Bool": {"aws:ViaAWSService": "false"}}}, ALLOW], True, id="deny some"
        ),
        pytest.param([DENY, ALLOW], False, id="deny first"),
        pytest.param([ALLOW, DENY], False, id="deny last"),
        pytest.param([ALLOW, DENY | {"Principal": "*"}], False, id="deny all"),
        pytest.param([ALLOW, DENY | {"Principal": {"AWS": "*"}}], False, id="deny all, longer"),
        pytest.param([ALLOW | {"Principal": {"Service": "ec2.amazonaws.com"}}], False, id="another"),
        pytest.param(
            [ALLOW | {"Principal": {"AWS": "arn:aws:iam::000000000000:root"}}], False, id="a person"
        ),
        pytest.param([ALLOW | {"Action": "sts:TagSession"}], False, id="another action"),
        pytest.param([], False, id="nothing"),
    ],
)
def test_a_service_is_trusted_as_on_aws(statements: Any, *, is_trusted: bool) -> None:
    """One Allow that names it, and no Deny, whatever their order."""
    assert roles.trusts(role(statements), STATES) is is_trusted


def test_a_role_is_found_by_its_arn() -> None:
    """Whole ARNs only; what is none finds nothing."""
    made = role(ALLOW)
    assert roles.find(made.arn) is made
    for arn in ("", "trusting", "arn:aws:iam", "arn:aws:iam::000000000000:role/other", ":".join(" " * 6)):
        assert roles.find(arn) is None
