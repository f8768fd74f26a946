"""Paths into the parameters of a request: `Target.RoleArn`, `Targets[].Arn`, `EncryptionContext.keys()`."""

from typing import Any

_EACH = "[]"
_KEYS = "keys()"


def values(parameters: Any, path: str) -> tuple[str, ...]:  # noqa: ANN401 - JSON
    """Return the values at a path as texts, in order; none when the request has nothing there."""
    if isinstance(parameters, dict) and path in parameters:  # the query protocol writes a path as one name
        return _texts(parameters[path])
    head, _, rest = path.partition(".")
    if head == _KEYS:
        return tuple(parameters) if isinstance(parameters, dict) else ()
    found = parameters.get(head.removesuffix(_EACH)) if isinstance(parameters, dict) else None
    if found is None:
        return ()
    if not rest:
        return _texts(found)
    members = found if head.endswith(_EACH) and isinstance(found, list) else [found]
    return tuple(text for member in members for text in values(member, rest))


def _texts(found: Any) -> tuple[str, ...]:  # noqa: ANN401 - JSON
    if isinstance(found, list):
        return tuple(text for each in found for text in _texts(each))
    if isinstance(found, dict):
        return ()
    return (str(found).lower() if isinstance(found, bool) else str(found),)
