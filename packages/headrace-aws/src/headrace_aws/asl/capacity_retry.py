"""Retry of a job that AWS had no machine for, or that a fault inside SageMaker ended.

Both come as `States.TaskFailed`, as does a failure of our own code: only the cause tells them apart, and a
retrier cannot read it. So the error goes to a choice that can. It waits 5, 10, 20, then 40 minutes, and
goes back to the job; the job's new name counts the waits. Everything else goes on to the failure path at once.
"""

from headrace_aws.asl.expressions import Payload, path, text, total
from headrace_aws.asl.states import (
    Rule,
    State,
    all_of,
    any_of,
    choice,
    compute,
    is_less,
    is_like,
    is_present,
    wait,
)

FIRST_WAIT_SECONDS = 300
WAITS = 4

# How SageMaker's FailureReason begins when neither the data nor the code is at fault.
# Anchored, since a job's own words come after "AlgorithmError: ".
PASSING_CAUSES = ('*"FailureReason":"CapacityError: *', '*"FailureReason":"InternalServerError: *')

# The data under `$.capacity` before any wait. The suffix is part of each job's name.
START: dict[str, Payload] = {"waits": 0, "seconds": FIRST_WAIT_SECONDS, "suffix": ""}


def capacity_states(*resume: Rule, otherwise: str, failed: str, of: str = "") -> tuple[State, ...]:
    """Return the states that wait and go back.

    Args:
        resume: which job to go back to, by what the data already holds, the furthest job first.
        otherwise: the job to go back to when no rule holds: the first, or the only one.
        failed: where an error goes that waiting does not help.
        of: what ends the states' names inside a loop, where they must differ from those outside.

    """
    cause = "$.error.Cause"
    passing = all_of(
        is_present(cause),
        any_of(*(is_like(cause, pattern) for pattern in PASSING_CAUSES)),
        is_less("$.capacity.waits", WAITS),
    )
    waits = total(path("$.capacity.waits"), 1)
    seconds = path("$.capacity.seconds")
    states = (
        choice(question(of), Rule(passing, then=f"Wait for capacity{of}"), otherwise=failed),
        wait(f"Wait for capacity{of}", seconds),
        compute(
            f"Count the wait{of}",
            {"waits": waits, "seconds": total(seconds, seconds), "suffix": text("-{}", waits)},
            at="$.capacity",
            then=None if resume else otherwise,
        ),
    )
    return (*states, choice(f"Which job waited{of}?", *resume, otherwise=otherwise)) if resume else states


def question(of: str = "") -> str:
    """Return the name of the state that an error of a job goes to."""
    return f"Out of capacity{of}?"
