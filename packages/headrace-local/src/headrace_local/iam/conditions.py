"""Conditions: whether a request has the values that a statement asks for.

An operator is AWS's name, with `IfExists` behind it or `ForAllValues:` or `ForAnyValue:` before it. A key that the
request does not have fulfils no operator, save the negated ones, `IfExists`, `ForAllValues:` and Null.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from headrace_local.iam.matching import Context, matches_arn, matches_text, with_values
from headrace_local.iam.policies import Condition, PolicyError

_ALL, _ANY = "ForAllValues:", "ForAnyValue:"
_IF_EXISTS = "IfExists"
_NULL = "Null"

Comparison = Callable[[str, str], bool]  # of a pattern of the policy and a value of the request


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan  # equals nothing, and is less and more than nothing


def _moment(text: str) -> float:
    """Return seconds of the epoch for an ISO 8601 text, or for such seconds."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _number(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _is_in_network(network: str, address: str) -> bool:
    return ip_address(address) in ip_network(network, strict=False)


_TEXTS: dict[str, Comparison] = {
    "StringEquals": lambda pattern, text: pattern == text,
    "StringEqualsIgnoreCase": lambda pattern, text: pattern.casefold() == text.casefold(),
    "StringLike": matches_text,
    "ArnEquals": matches_arn,  # on AWS too it is the same as ArnLike
    "ArnLike": matches_arn,
    "BinaryEquals": lambda pattern, text: pattern == text,
    "Bool": lambda pattern, text: pattern.lower() == text.lower(),
    "IpAddress": _is_in_network,
}
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda limit, value: value == limit,
    "LessThan": lambda limit, value: value < limit,
    "LessThanEquals": lambda limit, value: value <= limit,
    "GreaterThan": lambda limit, value: value > limit,
    "GreaterThanEquals": lambda limit, value: value >= limit,
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}


def is_met(condition: Condition, context: Context) -> bool:
    """Tell whether a request meets a condition; raise `PolicyError` for an operator that there is not."""
    name, values = condition.operator, context.get(condition.key)
    if name == _NULL:
        return any((values is None) == (wanted.lower() == "true") for wanted in condition.values)
    quantifier = next((each for each in (_ALL, _ANY) if name.startswith(each)), "")
    is_optional = name.endswith(_IF_EXISTS)
    name = name.removeprefix(quantifier).removesuffix(_IF_EXISTS)
    compare = _comparison(_NEGATED.get(name, name), condition.operator)
    is_negated = name in _NEGATED
    if not values:
        return is_optional or quantifier == _ALL or (is_negated and quantifier != _ANY)
    patterns = [filled for text in condition.values if (filled := with_values(text, context)) is not None]
    fitting = (any(compare(pattern, value) for pattern in patterns) != is_negated for value in values)
    # Of several values without a quantifier one has to fit, or, negated, all.
    return all(fitting) if quantifier == _ALL or (is_negated and not quantifier) else any(fitting)


def _comparison(name: str, operator: str) -> Comparison:
    if name in _TEXTS:
        return _TEXTS[name]
    for prefix, measure in (("Numeric", _number), ("Date", _moment)):
        order = _ORDERS.get(name.removeprefix(prefix)) if name.startswith(prefix) else None
        if order is not None:
            return _measured(measure, order)
    raise PolicyError(f"a policy has a Condition with the operator '{operator}', which there is not")


def _measured(measure: Callable[[str], float], order: Callable[[float, float], bool]) -> Comparison:
    return lambda pattern, text: order(measure(pattern), measure(text))
