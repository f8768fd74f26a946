"""A check: what was asked, what was found, and what helps where it is not as it should be."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """One answer. `noted` is worth knowing and no fault of the release; only `failed` has a remedy."""

    asked: str
    result: Literal["passed", "noted", "failed"]
    found: str
    remedy: str = ""


def passed(asked: str, found: str) -> Check:
    return Check(asked, "passed", found)


def noted(asked: str, found: str) -> Check:
    return Check(asked, "noted", found)


def failed(asked: str, found: str, remedy: str) -> Check:
    return Check(asked, "failed", found, remedy)


def lines(check: Check) -> list[str]:
    """Return one line for a check, and below it what else was found and the remedy."""
    result = "FAILED" if check.result == "failed" else check.result
    first, *more = check.found.splitlines()
    remedy = [f"remedy: {check.remedy}"] if check.remedy else []
    return [f"{result:<6}  {check.asked:<32}  {first}", *(f"        {line}" for line in (*more, *remedy))]
