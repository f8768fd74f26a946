"""Policies: a JSON document, read into statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from headrace_local import strict_json

_CACHED_DOCUMENTS = 1024
_WITH_VARIABLES = "2012-10-17"  # in a document of another version, ${...} is plain text
_EVERYONE: Mapping[str, tuple[str, ...]] = {"AWS": ("*",)}


class PolicyError(Exception):
    """A policy cannot be read; the message names what is wrong in it."""


@dataclass(frozen=True)
class Condition:
    """One line of a Condition: an operator such as StringLike, a key in lower case, the values to compare with."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Principals:
    """The principals of a statement of a resource's policy, by kind (AWS, Service); `excluding` is NotPrincipal."""

    named: Mapping[str, tuple[str, ...]]
    excluding: bool = False


@dataclass(frozen=True)
class Statement:
    """One statement. `excluding_actions` is NotAction, `excluding_resources` is NotResource."""

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    principals: Principals | None
    excluding_actions: bool
    excluding_resources: bool
    has_variables: bool


@lru_cache(maxsize=_CACHED_DOCUMENTS)
def statements(document: str) -> tuple[Statement, ...]:
    """Return the statements of a policy; raise `PolicyError` when it is none."""
    try:
        policy = strict_json.loads(document)
        has_variables = policy.get("Version") == _WITH_VARIABLES
        return tuple(_statement(each, has_variables=has_variables) for each in listed(policy["Statement"]))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise PolicyError(f"the policy cannot be read ({error!r}): {document[:200]}") from error


def _statement(found: Mapping[str, Any], *, has_variables: bool) -> Statement:
    if found["Effect"] not in ("Allow", "Deny"):
        raise ValueError(f"Effect is {found['Effect']!r}")
    return Statement(
        effect=found["Effect"],
        actions=_texts(found["NotAction"] if "NotAction" in found else found["Action"]),
        # A trust policy has no Resource: it is the role's own.
        resources=_texts(found["NotResource"] if "NotResource" in found else found.get("Resource", "*")),
        conditions=tuple(
            Condition(operator, key.lower(), _texts(values))
            for operator, keys in found.get("Condition", {}).items()
            for key, values in keys.items()
        ),
        principals=_principals(found),
        excluding_actions="NotAction" in found,
        excluding_resources="NotResource" in found,
        has_variables=has_variables,
    )


def _principals(found: Mapping[str, Any]) -> Principals | None:
    for name in ("Principal", "NotPrincipal"):
        if name in found:
            value = found[name]
            named = _EVERYONE if value == "*" else {kind: _texts(members) for kind, members in value.items()}
            return Principals(named, excluding=name == "NotPrincipal")
    return None


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - JSON
    # true and "true" are the same in a policy, and so are 1 and "1".
    return tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in listed(value))


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - a policy has one item or a list of them in many places
    """Return a list of what may be one item, a list of them, or nothing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
