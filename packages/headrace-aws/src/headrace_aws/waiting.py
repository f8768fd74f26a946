"""Wait until AWS has ended what it does. Each wait knows every status that the API's model lists, and has a time limit.

A status is under way or ended; `STATUSES` divides each enumeration. One that is in neither is an error that names it.
"""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from headrace.errors import WaitError

FIRST_PAUSE_SECONDS = 0.05  # the local AWS is ready at once, AWS after minutes
LONGEST_PAUSE_SECONDS = 3.0
_SAID_AFTER_SECONDS = 10.0
_MINUTE = 60


@dataclass(frozen=True)
class Statuses:
    """The statuses of one kind of thing. `enumerations` are those of botocore's model that they are from: service, shape.

    A status that no model lists stands for what has no status: a thing that is gone, a change that has not begun.
    """

    enumerations: tuple[tuple[str, str], ...]
    under_way: frozenset[str]
    ended: frozenset[str]


_STACK_AT_WORK = frozenset(
    {
        "CREATE_IN_PROGRESS",
        "DELETE_IN_PROGRESS",
        "IMPORT_IN_PROGRESS",
        "IMPORT_ROLLBACK_IN_PROGRESS",
        "REVIEW_IN_PROGRESS",
        "ROLLBACK_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
    }
)
_STACK_DELETED = frozenset({"DELETE_COMPLETE", "DELETE_FAILED"})
_STACK_AT_REST = frozenset(
    {
        "CREATE_COMPLETE",
        "CREATE_FAILED",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
        "IMPORT_ROLLBACK_FAILED",
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
        "UPDATE_COMPLETE",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
    }
)
_STACK = ("cloudformation", "StackStatus")
_EXECUTION_OF_CHANGE_SET = ("cloudformation", "ExecutionStatus")

# A change set while it is computed: its status, and once that is CREATE_COMPLETE its execution status.
CHANGE_SET = Statuses(
    (("cloudformation", "ChangeSetStatus"), _EXECUTION_OF_CHANGE_SET),
    frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UNAVAILABLE"}),
    frozenset(
        {
            "AVAILABLE",
            "DELETE_COMPLETE",
            "DELETE_FAILED",
            "DELETE_IN_PROGRESS",
            "DELETE_PENDING",
            "EXECUTE_COMPLETE",
            "EXECUTE_FAILED",
            "EXECUTE_IN_PROGRESS",
            "FAILED",
            "OBSOLETE",
        }
    ),
)
# A stack after ExecuteChangeSet: the execution status of the change set until the stack has an event, then its own.
EXECUTED_STACK = Statuses(
    (_STACK, _EXECUTION_OF_CHANGE_SET),
    _STACK_AT_WORK | {"AVAILABLE", "EXECUTE_IN_PROGRESS", "EXECUTE_COMPLETE"},
    _STACK_AT_REST | _STACK_DELETED | {"EXECUTE_FAILED", "OBSOLETE", "UNAVAILABLE"},
)
# A stack after DeleteStack, which may show its former status for a while.
DELETED_STACK = Statuses((_STACK,), _STACK_AT_WORK | _STACK_AT_REST, _STACK_DELETED)
DRIFT_DETECTION = Statuses(
    (("cloudformation", "StackDriftDetectionStatus"),),
    frozenset({"DETECTION_IN_PROGRESS"}),
    frozenset({"DETECTION_COMPLETE", "DETECTION_FAILED"}),
)
EXECUTION = Statuses(
    (("stepfunctions", "ExecutionStatus"),),
    frozenset({"RUNNING", "PENDING_REDRIVE"}),
    frozenset({"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}),
)
GONE = "gone"
JOB = Statuses(
    (
        ("sagemaker", "ProcessingJobStatus"),
        ("sagemaker", "TrainingJobStatus"),
        ("sagemaker", "TransformJobStatus"),
        ("sagemaker", "HyperParameterTuningJobStatus"),
    ),
    frozenset({"InProgress", "Stopping", "Deleting"}),
    frozenset({"Completed", "Failed", "Stopped", "DeleteFailed", GONE}),
)
_TABLE = ("dynamodb", "TableStatus")
_TABLE_AT_WORK = frozenset({"CREATING", "UPDATING", "DELETING", "ARCHIVING"})
_TABLE_AT_REST = frozenset(
    {"ACTIVE", "ARCHIVED", "INACCESSIBLE_ENCRYPTION_CREDENTIALS", "REPLICATION_NOT_AUTHORIZED"}
)
CHANGED_TABLE = Statuses((_TABLE,), _TABLE_AT_WORK, _TABLE_AT_REST | {GONE})
# A table after DeleteTable, which may show its former status for a while.
DELETED_TABLE = Statuses((_TABLE,), _TABLE_AT_WORK | _TABLE_AT_REST, frozenset({GONE}))

STATUSES = (
    CHANGE_SET,
    EXECUTED_STACK,
    DELETED_STACK,
    DRIFT_DETECTION,
    EXECUTION,
    JOB,
    CHANGED_TABLE,
    DELETED_TABLE,
)


def say_beside(text: str) -> None:
    """Say a line beside the output of the command."""
    with suppress(OSError):  # nobody reads it any more
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def has_ended(what: str, status: str, statuses: Statuses) -> bool:
    """Return whether a status is an end; raise `WaitError` when it is not known."""
    if status in statuses.ended:
        return True
    if status in statuses.under_way:
        return False
    raise WaitError(
        f"{what} has the status {status!r}, which this version does not know; look at it in the console, and "
        "repeat the command when it is at rest"
    )


def wait_until_ended(
    what: str,
    look: Callable[[], str],
    statuses: Statuses,
    minutes: float,
    say: Callable[[str], None] = say_beside,
) -> str:
    """Return the status in which something ended.

    Args:
        what: names it, such as "stack shop-data".
        look: returns its status, or raises the error that ends the wait.
        statuses: those that it may have.
        minutes: the longest that it may take.
        say: is given one line when the wait is a long one: what for, and for how long.

    Raises:
        WaitError: it is still under way after so many minutes, or its status is not known.
    """
    begun = time.monotonic()
    pause, is_said = FIRST_PAUSE_SECONDS, False
    while not has_ended(what, status := look(), statuses):
        waited = time.monotonic() - begun
        if waited >= minutes * _MINUTE:
            raise WaitError(
                f"{what} is still {status} after {minutes:g} minutes; it may go on, so look at it in the console, and "
                "repeat the command when it has ended"
            )
        if waited >= _SAID_AFTER_SECONDS and not is_said:
            say(f"waiting for {what}, which is {status}; {minutes:g} minutes at most")
            is_said = True
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    return status
