"""A check of what is deployed: its subject, its result with details, and a remedy where it failed."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """A result. `noted` is worth knowing and no fault of the release; only `failed` has a remedy."""

    subject: str
    result: Literal["passed", "noted", "failed"]
    details: str
    remedy: str = ""


def passed(subject: str, details: str) -> Check:
    return Check(subject, "passed", details)


def noted(subject: str, details: str) -> Check:
    return Check(subject, "noted", details)


def failed(subject: str, details: str, remedy: str) -> Check:
    return Check(subject, "failed", details, remedy)


def lines(check: Check) -> list[str]:
    """Return one line for a check, and below it further details and the remedy."""
    result = "FAILED" if check.result == "failed" else check.result
    first, *more = check.details.splitlines()
    remedy = [f"remedy: {check.remedy}"] if check.remedy else []
    return [f"{result:<6}  {check.subject:<32}  {first}", *(f"        {line}" for line in (*more, *remedy))]
