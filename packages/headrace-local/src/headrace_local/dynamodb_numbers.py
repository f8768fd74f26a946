"""Numbers of DynamoDB, which are texts: refused as AWS does where they are none, at any depth of an item.

Moto (dynamodb/models/table.py:545) looks at the items of PutItem, and not into sets, lists and the values of updates.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,4})?", re.ASCII)
_DIGITS = 38
_LARGEST, _SMALLEST = Decimal("9.9999999999999999999999999999999999999E+125"), Decimal("1E-130")


def fault(request: object) -> str | None:
    """Return what DynamoDB says of the first value in a request that is no number of its own, or None."""
    return next(filter(None, map(_fault, _numbers(request))), None)


def _numbers(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        for element in value:
            yield from _numbers(element)
    elif isinstance(value, dict):
        if isinstance(number := value.get("N"), str) and len(value) == 1:
            yield number
        elif isinstance(numbers := value.get("NS"), list) and len(value) == 1:
            yield from (each for each in numbers if isinstance(each, str))
        for member in value.values():
            yield from _numbers(member)


def _fault(text: str) -> str | None:
    if not _NUMBER.fullmatch(text):
        return f"The parameter cannot be converted to a numeric value: {text}"
    number = Decimal(text)
    if abs(number) > _LARGEST:
        return "Number overflow. Attempting to store a number with magnitude larger than supported range"
    if number and abs(number) < _SMALLEST:
        return "Number underflow. Attempting to store a number with magnitude smaller than supported range"
    if len("".join(map(str, number.as_tuple().digits)).strip("0")) > _DIGITS:
        return "Attempting to store more than 38 significant digits in a Number"
    return None
