"""The structure of a definition, by statelint: missing and unreachable states, bad paths, unknown fields."""

import re
from collections.abc import Iterator

from statelint.config import Config
from statelint.linter import Linter
from statelint.problem import ProblemType

from headrace_aws.asl.checks.findings import Definition, Finding

# statelint calls an integer BackoffRate an error, and Step Functions takes it.
IGNORED = {ProblemType.FLOAT}


_STATE = re.compile(r"State Machine\.States\.(?P<state>[^.\"]+)")


def structure(definition: Definition) -> Iterator[Finding]:
    """Yield what statelint finds."""
    for problem in Linter.validate(definition, Config(IGNORED)):
        found = _STATE.search(problem)
        yield Finding(found["state"] if found else "-", "structure", None, problem)
