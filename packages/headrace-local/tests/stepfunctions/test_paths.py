"""Paths give what AWS gives."""

from typing import Any

import pytest

DATA = {"items": [{"name": "a", "tags": ["x"]}, {"name": "b", "tags": []}], "none": []}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.items[0].name", "a"),
        ("$.items[0].tags", ["x"]),
        ("$.items[0].tags[0]", "x"),
        ("$.items[1]", {"name": "b", "tags": []}),
        ("$.items[*].name", ["a", "b"]),
        ("$.items[0:1].name", ["a"]),
        ("$.none[*].name", []),
    ],
)
def test_a_path_gives_one_value_or_a_list(machines: Any, path: str, expected: object) -> None:
    """A path that can name one value only gives it; stock moto wraps `$.items[0].name` in a list."""
    states = {"Pick": {"Type": "Pass", "Parameters": {"found.$": path}, "End": True}}
    assert machines.output(states, DATA) == {"found": expected}
