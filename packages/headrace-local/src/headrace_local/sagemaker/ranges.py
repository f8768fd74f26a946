"""Values of tuned hyperparameters, drawn from their ranges or taken from a grid.

Scales as in "Define Hyperparameter Ranges" of the SageMaker developer guide; `Auto`, where AWS chooses, is linear.
"""

import itertools
import math
import random
from collections.abc import Iterator
from typing import Any

from moto.sagemaker.exceptions import AWSValidationException

_KINDS = ("IntegerParameterRanges", "ContinuousParameterRanges", "CategoricalParameterRanges")


def check(ranges: dict[str, Any], strategy: str) -> None:
    """Refuse ranges that hold nothing, or that the strategy cannot take."""
    if ranges.get("AutoParameters"):
        raise AWSValidationException("parameterRanges.autoParameters: the local AWS does not know Autotune")
    if not any(ranges.get(kind) for kind in _KINDS):
        raise AWSValidationException("parameterRanges: at least one range of a hyperparameter is needed")
    if strategy == "Grid" and (ranges.get(_KINDS[0]) or ranges.get(_KINDS[1])):
        raise AWSValidationException("The Grid strategy supports categorical hyperparameters only.")
    for kind in _KINDS[:2]:
        for entry in ranges.get(kind, ()):
            _check_bounds(entry, is_integer=kind == _KINDS[0])


def size(ranges: dict[str, Any]) -> int:
    """Return how many combinations a grid has."""
    return math.prod(len(entry["Values"]) for entry in ranges[_KINDS[2]])


def grid(ranges: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Return every combination, the last range's values changing first."""
    entries = ranges[_KINDS[2]]
    for values in itertools.product(*(entry["Values"] for entry in entries)):
        yield {entry["Name"]: value for entry, value in zip(entries, values, strict=True)}


def draws(ranges: dict[str, Any], seed: int | None) -> Iterator[dict[str, str]]:
    """Return combinations drawn at random, forever; the same for the same seed."""
    source = random.Random(seed)  # noqa: S311 - no secret is made
    while True:
        yield (
            {entry["Name"]: str(_integer(entry, source)) for entry in ranges.get(_KINDS[0], ())}
            | {entry["Name"]: repr(_number(entry, source)) for entry in ranges.get(_KINDS[1], ())}
            | {entry["Name"]: source.choice(entry["Values"]) for entry in ranges.get(_KINDS[2], ())}
        )


def _integer(entry: dict[str, str], source: random.Random) -> int:
    low, high = int(entry["MinValue"]), int(entry["MaxValue"])
    if entry.get("ScalingType") == "Logarithmic":
        return min(high, int(math.exp(source.uniform(math.log(low), math.log(high + 1)))))
    return source.randint(low, high)


def _number(entry: dict[str, str], source: random.Random) -> float:
    low, high = float(entry["MinValue"]), float(entry["MaxValue"])
    if entry.get("ScalingType") == "Logarithmic":
        value = math.exp(source.uniform(math.log(low), math.log(high)))
    elif entry.get("ScalingType") == "ReverseLogarithmic":
        value = 1 - math.exp(source.uniform(math.log(1 - high), math.log(1 - low)))
    else:
        value = source.uniform(low, high)
    return min(high, max(low, value))  # rounding must not lead out


def _check_bounds(entry: dict[str, str], *, is_integer: bool) -> None:
    name, scale = entry["Name"], entry.get("ScalingType", "Auto")
    convert = int if is_integer else float
    try:
        low, high = convert(entry["MinValue"]), convert(entry["MaxValue"])
    except ValueError as error:
        raise AWSValidationException(f"The range of hyperparameter {name} is not valid: {error}") from error
    if low > high:
        raise AWSValidationException(
            f"MinValue {low} of hyperparameter {name} is greater than MaxValue {high}"
        )
    if scale == "Logarithmic" and low <= 0:
        raise AWSValidationException(f"The Logarithmic scale of hyperparameter {name} needs a range above 0")
    if scale == "ReverseLogarithmic" and (is_integer or not 0 <= low <= high < 1):
        raise AWSValidationException(
            f"The ReverseLogarithmic scale of hyperparameter {name} needs a continuous range within 0 <= x < 1"
        )
