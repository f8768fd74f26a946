"""Conditions: which operator holds for which values."""

from typing import Any

import pytest

from headrace_local.iam.conditions import is_met
from headrace_local.iam.policies import Condition, PolicyError

REQUEST = {
    "s3:prefix": ("toy/raw/a",),
    "aws:principalaccount": ("000000000000",),
    "aws:securetransport": ("true",),
    "aws:sourcearn": ("arn:aws:events:eu-central-1:000000000000:rule/x",),
    "aws:currenttime": ("2026-11-22T12:00:00+00:00",),
    "s3:max-keys": ("10",),
    "aws:sourceip": ("127.0.0.1",),
    "dynamodb:leadingkeys": ("toy", "other"),
}
ONE, MANY, GONE = "s3:prefix", "dynamodb:leadingkeys", "s3:delimiter"


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringEquals", ONE, ["x", "toy/raw/a"], True),
        ("StringEquals", ONE, ["TOY/RAW/A"], False),
        ("StringEqualsIgnoreCase", ONE, ["TOY/RAW/A"], True),
        ("StringNotEquals", ONE, ["x", "toy/raw/a"], False),
        ("StringNotEquals", ONE, ["x", "y"], True),
        ("StringNotEqualsIgnoreCase", ONE, ["TOY/RAW/A"], False),
        ("StringLike", ONE, ["toy/*"], True),
        ("StringLike", ONE, ["toy/raw/?"], True),
        ("StringLike", ONE, ["toy/raw/[ab]"], False),
        ("StringNotLike", ONE, ["toy/*"], False),
        ("StringLike", "aws:principalaccount", ["${aws:PrincipalAccount}"], True),
        ("StringEquals", "aws:principalaccount", ["${aws:username}"], False),
        ("Bool", "aws:securetransport", ["true"], True),
        ("Bool", "aws:securetransport", ["false"], False),
        ("ArnLike", "aws:sourcearn", ["arn:aws:events:*:000000000000:rule/*"], True),
        ("ArnLike", "aws:sourcearn", ["arn:aws:*:rule/x"], False),
        ("ArnEquals", "aws:sourcearn", ["arn:aws:events:*:*:rule/?"], True),
        ("ArnNotLike", "aws:sourcearn", ["arn:aws:events:*:*:rule/*"], False),
        ("NumericLessThan", "s3:max-keys", ["11"], True),
        ("NumericLessThan", "s3:max-keys", ["10"], False),
        ("NumericLessThanEquals", "s3:max-keys", ["10.0"], True),
        ("NumericNotEquals", "s3:max-keys", ["10"], False),
        ("NumericGreaterThan", "s3:max-keys", ["many"], False),
        ("DateGreaterThan", "aws:currenttime", ["2026-11-22T11:59:59Z"], True),
        ("DateLessThanEquals", "aws:currenttime", ["2026-11-21"], False),
        ("DateEquals", "aws:currenttime", ["1795348800"], True),
        ("IpAddress", "aws:sourceip", ["127.0.0.0/8"], True),
        ("NotIpAddress", "aws:sourceip", ["10.0.0.0/8"], True),
        # A key that the request does not have.
        ("StringEquals", GONE, ["/"], False),
        ("StringNotEquals", GONE, ["/"], True),
        ("StringEqualsIfExists", GONE, ["/"], True),
        ("StringEqualsIfExists", ONE, ["/"], False),
        ("Bool", GONE, ["false"], False),
        ("Null", GONE, ["true"], True),
        ("Null", GONE, ["false"], False),
        ("Null", ONE, ["true"], False),
        ("Null", ONE, ["false"], True),
        # Several values.
        ("ForAllValues:StringEquals", MANY, ["toy", "other", "third"], True),
        ("ForAllValues:StringEquals", MANY, ["toy"], False),
        ("ForAllValues:StringEquals", GONE, ["toy"], True),
        ("ForAnyValue:StringEquals", MANY, ["toy"], True),
        ("ForAnyValue:StringEquals", GONE, ["toy"], False),
        ("ForAnyValue:StringNotEquals", MANY, ["toy"], True),
        ("ForAnyValue:StringNotEquals", GONE, ["toy"], False),
        ("ForAllValues:StringNotEquals", MANY, ["toy"], False),
        ("ForAllValues:StringLikeIfExists", MANY, ["t*", "o*"], True),
    ],
)
def test_a_condition_holds_as_on_aws(operator: str, key: str, values: list[str], *, expected: bool) -> None:
    """Each operator, with a key that is there, that is not, and that has several values."""
    assert is_met(Condition(operator, key, tuple(values)), REQUEST) is expected


@pytest.mark.parametrize("operator", ["StringIs", "NumericLike", "ForSomeValues:StringEquals", "Date"])
def test_an_operator_that_there_is_not_is_named(operator: str) -> None:
    """It is an error, and no condition that never holds."""
    with pytest.raises(PolicyError, match=operator):
        is_met(Condition(operator, ONE, ("x",)), REQUEST)


@pytest.mark.parametrize("key", ["s3:prefix", "s3:delimiter"])
def test_an_unknown_operator_is_an_error_whatever_the_request_has(key: Any) -> None:
    """A misspelt operator does not hide behind a key that is missing."""
    with pytest.raises(PolicyError):
        is_met(Condition("StringIsIfExists", key, ("x",)), REQUEST)
