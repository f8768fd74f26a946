"""How a part of moto is replaced. A moto that is not the one a correction was written for is an error, not a silence."""

from typing import Any


def replace(owner: Any, name: str, correction: Any) -> Any:  # noqa: ANN401 - any part of moto
    """Put a correction in the place of an attribute of a class or a module of moto; return what stood there.

    Raises `AttributeError` when nothing does: this moto has another name for it.
    """
    stock = getattr(owner, name)
    setattr(owner, name, correction)
    return stock


def replace_item(mapping: Any, key: str, correction: Any) -> None:  # noqa: ANN401 - any part of moto
    """Put a correction in the place of an item of a dictionary of moto; raise `KeyError` when there is none."""
    mapping.pop(key)
    mapping[key] = correction


def add(owner: Any, name: str, addition: Any) -> None:  # noqa: ANN401 - any part of moto
    """Give a class or a module of moto what it lacks.

    Raises `AttributeError` when it is there: this moto has its own, which is to be looked at first.
    """
    if hasattr(owner, name):
        raise AttributeError(f"{owner.__name__} has {name} of its own now")
    setattr(owner, name, addition)
