"""How things are written for people: moments, durations, sizes, figures."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

_MINUTE = 60
_HOUR = 3600
_KILO = 1000
_DECIMALS = 4


def moment(when: datetime) -> str:
    """Return a moment in UTC, to the second."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def duration(seconds: float) -> str:
    """Return a duration with a unit that suits it."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _HOUR:
        return f"{int(seconds) // _MINUTE} min {int(seconds) % _MINUTE:02} s"
    return f"{int(seconds) // _HOUR} h {int(seconds) % _HOUR // _MINUTE:02} min"


def size(count: int) -> str:
    """Return a number of bytes with a unit that suits it."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < _KILO:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= _KILO
    return f"{amount:,.1f} GB"


def figure(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Return a figure as it is read; what is no number is written as it is, and nothing as a dash."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.{_DECIMALS}f}"


def difference(value: float) -> str:
    """Return a difference with its sign; one too small for four decimals is not rounded to nothing."""
    if isinstance(value, int):
        return f"{value:+,}"
    return f"{value:+.{_DECIMALS}f}" if abs(value) >= 10**-_DECIMALS else f"{value:+.1e}"


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it must be."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with aligned columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
