"""Which events a pattern is for, by the rules that AWS documents."""

from typing import Any

import pytest

from headrace_local.events.pattern import PatternError, check, matches

EVENT = {
    "source": "aws.s3",
    "resources": ["arn:1", "arn:2"],
    "detail": {
        "state": "Running",
        "count": 5,
        "flag": True,
        "nothing": None,
        "address": "10.0.0.7",
        "path": "raw/2026/manifest.json",
        "star": "a*b",
        "inner": {"name": "x"},
        "items": [{"kind": "a", "size": 1}, {"kind": "b", "size": 9}],
    },
}


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"state": ["Stopped", "Running"]}, True),
        ({"state": ["running"]}, False),
        ({"state": [{"prefix": "Run"}]}, True),
        ({"state": [{"prefix": {"equals-ignore-case": "rUN"}}]}, True),
        ({"state": [{"suffix": "ing"}]}, True),
        ({"state": [{"suffix": {"equals-ignore-case": "ING"}}]}, True),
        ({"state": [{"equals-ignore-case": "running"}]}, True),
        ({"state": [{"anything-but": "Running"}]}, False),
        ({"state": [{"anything-but": ["Stopped", "Failed"]}]}, True),
        ({"state": [{"anything-but": {"prefix": "Run"}}]}, False),
        ({"state": [{"anything-but": {"suffix": ["x", "y"]}}]}, True),
        ({"state": [{"anything-but": {"wildcard": "*nn*"}}]}, False),
        ({"state": [{"anything-but": {"equals-ignore-case": "RUNNING"}}]}, False),
        ({"absent": [{"anything-but": "x"}]}, False),
        ({"count": [5]}, True),
        ({"count": [5.0]}, True),
        ({"count": ["5"]}, False),
        ({"count": [{"numeric": [">", 0, "<=", 5]}]}, True),
        ({"count": [{"numeric": [">", 5]}]}, False),
        ({"count": [{"numeric": ["=", 5]}]}, True),
        ({"count": [{"anything-but": [5]}]}, False),
        ({"state": [{"numeric": [">", 0]}]}, False),
        ({"flag": [True]}, True),
        ({"flag": [1]}, False),
        ({"nothing": [None]}, True),
        ({"absent": [None]}, False),
        ({"state": [{"exists": True}]}, True),
        ({"absent": [{"exists": False}]}, True),
        ({"inner": [{"exists": True}]}, False),
        ({"inner": {"name": ["x"], "absent": [{"exists": False}]}}, True),
        ({"absent": {"name": [{"exists": False}]}}, True),
        ({"address": [{"cidr": "10.0.0.0/24"}]}, True),
        ({"state": [{"cidr": "10.0.0.0/24"}]}, False),
        ({"path": [{"wildcard": "raw/*/manifest.json"}]}, True),
        ({"path": [{"wildcard": "raw/*/manifest"}]}, False),
        ({"star": [{"wildcard": "a\\*b"}]}, True),
        ({"path": [{"wildcard": "raw\\*"}]}, False),
        ({"items": {"kind": ["b"]}}, True),
        ({"items": {"kind": ["a"], "size": [1]}}, True),
        ({"$or": [{"state": ["Stopped"]}, {"count": [5]}]}, True),
        ({"$or": [{"state": ["Stopped"]}, {"count": [6]}], "flag": [True]}, False),
        ({"state": ["Running"], "count": [6]}, False),
    ],
)
def test_a_pattern_is_for_an_event(detail: Any, *, expected: bool) -> None:
    """Each row is a pattern of the event's detail, and whether the event is one that it is for."""
    check({"detail": detail})
    assert matches({"detail": detail}, EVENT) is expected


def test_an_array_matches_by_one_element_and_no_pattern_by_nothing() -> None:
    """One of several resources is enough; a rule that has a schedule and no pattern is for no event."""
    assert matches({"resources": ["arn:2"], "source": [{"prefix": "aws."}]}, EVENT)
    assert not matches({"resources": ["arn:3"]}, EVENT)
    assert not matches({}, EVENT)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ([], "must be a JSON object"),
        ({}, "must be a JSON object"),
        ({"source": "aws.s3"}, '"source" must be an object or an array'),
        ({"detail": {"state": []}}, 'Empty arrays are not allowed: "detail.state"'),
        ({"source": [{"postfix": "x"}]}, "Unrecognized match type postfix"),
        ({"source": [{"prefix": "x", "suffix": "y"}]}, "Only one key allowed"),
        ({"detail": {"n": [{"numeric": [">"]}]}}, '"numeric" of "detail.n"'),
        ({"detail": {"n": [{"numeric": [">", "1"]}]}}, "must compare with numbers"),
        ({"$or": [{"source": ["x"]}]}, "at least two"),
        ({"source": [["x"]]}, "array in an array"),
    ],
)
def test_a_pattern_that_aws_would_refuse_is_named(pattern: Any, said: str) -> None:
    """The message says which field is wrong, and how."""
    with pytest.raises(PatternError, match=said):
        check(pattern)
