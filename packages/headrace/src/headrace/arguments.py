"""Numbers and paths on a command line, as types of argparse's options, which are refused in words."""

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path

_MOST = 10**9


def whole_number(what: str, least: int = 0, most: int = _MOST) -> Callable[[str], int]:
    """Return what reads a whole number; `what` says what it is, such as `a number of files, 1 or more`."""

    def read(text: str) -> int:
        number = int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None
        if number is None or not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not {what}")
        return number

    return read


def number(what: str, least: float = 0, most: float = _MOST) -> Callable[[str], float]:
    """Return what reads a number, which may have decimals."""

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not least <= found <= most:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not {what}")
        return found

    return read


def path_argument(text: str) -> Path:
    """Return a path; an empty one, as of a variable that is not set, would be the working directory."""
    if not text.strip():
        raise argparse.ArgumentTypeError(
            "the path is empty; name a file or a folder, or leave the option out"
        )
    return Path(text)


MINUTES = number("a number of minutes, 0 to 10080", most=10_080)
PULL_REQUEST = whole_number("the number of a pull request, such as 12", least=1)
HOW_MANY = whole_number("how many to list, such as 20; 0 lists all")
