"""Patterns of policies: wildcards, ARNs, variables."""

import pytest

from headrace_local.iam.matching import matches_action, matches_arn, with_values

KEYS = {"aws:username": ("ann",), "aws:principaltag/team": ("a*",), "many": ("1", "2")}


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("s3:GetObject", "s3:getobject", True),
        ("S3:Get*", "s3:GetObject", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("*", "s3:GetObject", True),
        ("s3:Get", "s3:GetObject", False),
        ("s3:Get.*", "s3:GetObject", False),
    ],
)
def test_actions_match_in_any_case(pattern: str, action: str, *, expected: bool) -> None:
    """An asterisk is any text, a question mark any character, a dot a dot."""
    assert matches_action(pattern, action) is expected


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        ("*", "*", True),
        ("*", "arn:aws:s3:::bucket/key", True),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b:c", True),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", False),
        ("arn:aws:s3:::Bucket", "arn:aws:s3:::bucket", False),
        ("arn:aws:s3:::bucket", "*", False),
        ("arn:*:bucket", "arn:aws:s3:::bucket", False),
        ("arn:aws:s3", "arn:aws:s3:::bucket", True),
        (
            "arn:aws:states:*:*:stateMachine:x",
            "arn:aws:states:eu-central-1:000000000000:stateMachine:x",
            True,
        ),
        ("arn:aws:logs:*:*:log-group:g:*", "arn:aws:logs:r:000000000000:log-group:g:log-stream:s", True),
        ("arn:aws:logs:*:*:log-group:g", "arn:aws:logs:r:000000000000:log-group:g:log-stream:s", False),
    ],
)
def test_an_arn_matches_part_by_part(pattern: str, arn: str, *, expected: bool) -> None:
    """No wildcard reaches from one part of an ARN into the next; the last part may have colons of its own."""
    assert matches_arn(pattern, arn) is expected


@pytest.mark.parametrize(
    ("pattern", "filled"),
    [
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/ann/*"),
        ("${AWS:UserName}", "ann"),
        ("${aws:PrincipalTag/none}", None),
        ("${aws:PrincipalTag/none, 'all'}", "all"),
        ("${many}", None),
    ],
)
def test_variables_take_the_values_of_the_request(pattern: str, filled: str | None) -> None:
    """Without a value, or with several, nothing matches; a default stands in."""
    assert with_values(pattern, KEYS) == filled


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        ("arn:aws:s3:::b/${aws:PrincipalTag/team}", "arn:aws:s3:::b/a*", True),
        ("arn:aws:s3:::b/${aws:PrincipalTag/team}", "arn:aws:s3:::b/ab", False),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", False),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True),
    ],
)
def test_a_value_is_no_pattern(pattern: str, arn: str, *, expected: bool) -> None:
    """An asterisk in a tag's value stands for itself: nobody widens a policy by a tag."""
    filled = with_values(pattern, KEYS)
    assert filled is not None
    assert matches_arn(filled, arn) is expected
