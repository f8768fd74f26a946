"""How a part of moto is replaced."""

from typing import Any


def replace(owner: Any, name: str, correction: Any) -> Any:
    """Put a correction in the place of an attribute of a class or a module of moto; return what stood there.

    Raises `AttributeError` when nothing does: this moto is another one than the correction was written for.
    """
    stock = getattr(owner, name)
    setattr(owner, name, correction)
    return stock
