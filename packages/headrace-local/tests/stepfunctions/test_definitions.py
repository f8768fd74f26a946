"""What stands in a definition is what a state gives."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    "value",
    [
        'a "quoted" text',
        "two\nlines\tand a tab",
        "back\\slash",
        "Zürich \u2603",
        "it's",
        "{}",
        "$ 5",
        1.5,
        -2,
        1e-7,
        10**15,
        {"a b": [None, True, {"c-d": []}], "Type": "x", "States": {}, "End": False},
    ],
)
@pytest.mark.parametrize("field", ["Result", "Parameters"])
def test_a_value_is_given_as_it_is_written(machines: Any, field: str, value: object) -> None:
    """Texts, numbers, and keys that are also words of the language, literally in Result and in Parameters."""
    assert machines.output({"Do": {"Type": "Pass", field: {"value": value}, "End": True}}) == {"value": value}
