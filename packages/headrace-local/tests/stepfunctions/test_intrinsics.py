"""Intrinsic functions."""

import base64
import uuid
from typing import Any

import pytest

DATA = {
    "items": [1, 2, 3, 4, 5],
    "pairs": [{"a": 1}, {"a": 1}, {"b": 2}],
    "flags": [1, True],
    "index": 2,
    "text": "a,b;c",
    "word": "Zürich",
    "template": "at {}",
    "braces": "{x} {}",
    "one": {"a": {"x": 1}, "b": 2},
    "two": {"a": {"y": 2}, "c": 3},
    "nested": {"list": [1, "b", {"c": None}]},
}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("States.Array($.index, 'x', 1.5, true, null)", [2, "x", 1.5, True, None]),
        ("States.ArrayGetItem($.items, $.index)", 3),
        ("States.ArrayLength($.items)", 5),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayPartition($.items, 2)", [[1, 2], [3, 4], [5]]),
        ("States.ArrayContains($.items, 3)", True),
        ("States.ArrayContains($.items, 9)", False),
        ("States.ArrayContains($.items, true)", False),
        ("States.ArrayContains($.pairs, $.pairs[2])", True),
        ("States.ArrayUnique($.pairs)", [{"a": 1}, {"b": 2}]),
        ("States.ArrayUnique($.flags)", [1, True]),
        ("States.StringSplit($.text, ',;')", ["a", "b", "c"]),
        ("States.StringSplit('2026-11-22', '-')", ["2026", "11", "22"]),
        ("States.MathAdd($.index, -5)", -3),
        ("States.MathAdd(1.5, 1)", 3),
        ("States.JsonMerge($.one, $.two, false)", {"a": {"y": 2}, "b": 2, "c": 3}),
        ("States.StringToJson('{\"a\": [1]}')", {"a": [1]}),
        ("States.JsonToString($.one)", '{"a":{"x":1},"b":2}'),
        (
            "States.Hash('text', 'SHA-256')",
            "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1",
        ),
        ("States.Hash('text', 'MD5')", "1cb251ec0d568de6a929b520c4aed8d1"),
        ("States.Base64Encode($.word)", base64.b64encode("Zürich".encode()).decode()),
        ("States.Base64Decode(States.Base64Encode($.word))", "Zürich"),
        ("States.Format('{}/{}', $.index, 'x')", "2/x"),
        ("States.Format($.template, 'noon')", "at noon"),
        ("States.Format($.braces, 1)", "{x} 1"),
        (r"States.Format('it\'s \{\} {}', 1)", "it's {} 1"),
        (r"States.Format('{}', 'back\\slash')", "back\\slash"),
        ("States.Format('{}', $.nested)", "{list=[1, b, {c=null}]}"),
        ("States.Format('{}', States.ArrayGetItem(States.StringSplit($.text, ','), 0))", "a"),
        ("States.ArrayGetItem($.items, States.MathAdd(States.ArrayLength($.items), -1))", 5),
    ],
)
def test_a_function_gives_what_aws_documents(machines: Any, function: str, expected: object) -> None:
    """Each function, by AWS's own examples and at its edges."""
    states = {"Do": {"Type": "Pass", "Parameters": {"found.$": function}, "End": True}}
    found = machines.output(states, DATA)["found"]
    assert (found, type(found)) == (expected, type(expected))
    if isinstance(expected, list):
        assert [type(item) for item in found] == [type(item) for item in expected]


def test_random_numbers_stay_below_the_end(machines: Any) -> None:
    """MathRandom takes the start and leaves the end out; a seed gives the same number again."""
    numbers = ", ".join(["States.MathRandom(1, 3)"] * 40)
    seeded = "States.Array(States.MathRandom(0, 1000000, 7), States.MathRandom(0, 1000000, 7))"
    parameters = {"many.$": f"States.Array({numbers})", "seeded.$": seeded, "id.$": "States.UUID()"}
    found = machines.output({"Do": {"Type": "Pass", "Parameters": parameters, "End": True}})
    assert set(found["many"]) == {1, 2}
    assert found["seeded"][0] == found["seeded"][1]
    assert uuid.UUID(found["id"]).version == 4


@pytest.mark.parametrize(
    "function",
    [
        "States.ArrayGetItem($.items, 9)",
        "States.ArrayGetItem($.items, -1)",
        "States.StringToJson($.text)",
        "States.ArrayPartition($.items, 0)",
        "States.JsonMerge($.one, $.two, true)",
        "States.Format('{} {}', 1)",
        "States.Format('{}', 1, 2)",
        "States.Hash($.items, 'MD5')",
    ],
)
@pytest.mark.parametrize("kind", ["Pass", "Task"])
def test_a_function_that_fails_is_named(machines: Any, function: str, kind: str) -> None:
    """The error is States.IntrinsicFailure, which a Task can catch, and the cause holds the function."""
    state: dict[str, Any] = {"Type": "Pass", "Parameters": {"found.$": function}, "End": True}
    if kind == "Task":
        state = {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
            "Parameters": {"Bucket": "b", "Key.$": function},
            "Catch": [{"ErrorEquals": ["States.IntrinsicFailure"], "Next": "Caught"}],
            "End": True,
        }
    states = {"Do": state} | ({"Caught": {"Type": "Pass", "End": True}} if kind == "Task" else {})
    ended = machines.run(states, DATA)
    name = function.partition("(")[0]
    if kind == "Task":
        assert name in ended["output"]
    else:
        assert (ended["error"], name in ended["cause"]) == ("States.IntrinsicFailure", True)
