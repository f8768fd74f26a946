"""Features: named expressions over one row, so that training and serving cannot compute them differently."""

from dataclasses import dataclass
from typing import Literal

import narwhals as nw


@dataclass(frozen=True)
class Feature:
    """One column of the model's input.

    `expression` may use only the row's own columns: no aggregate, no window, no shift. A number is fed to
    the model as a float, a category as one of the values that training saw (any other is missing). Where
    `monotone` is 1 the score never falls as the number grows, where it is -1 it never rises.
    """

    name: str
    kind: Literal["number", "category"]
    expression: nw.Expr
    monotone: Literal[-1, 0, 1] = 0

    @property
    def definition(self) -> str:
        """The expression in words, by which one feature is told from another of the same name."""
        return repr(self.expression)


def number(name: str, expression: nw.Expr | None = None, *, monotone: Literal[-1, 0, 1] = 0) -> Feature:
    """Return a numeric feature; without an expression, the column of that name."""
    return Feature(name, "number", (nw.col(name) if expression is None else expression).alias(name), monotone)


def category(name: str, expression: nw.Expr | None = None) -> Feature:
    """Return a categorical feature; without an expression, the column of that name."""
    return Feature(name, "category", (nw.col(name) if expression is None else expression).alias(name))
