"""The history of an execution: in its worker while the server runs, beside it once it is restored."""

from typing import Any

from moto.stepfunctions.parser.backend.execution import Execution

KEPT = "_kept_history"
REDRIVES = "_redrives"
REDRIVEN_AT = "_redriven_at"


def history(execution: Any) -> list[dict[str, Any]]:
    """Return the events of an execution, the oldest first."""
    kept: list[dict[str, Any]] | None = execution.__dict__.get(KEPT)
    return list(execution.to_history_output()["events"] if kept is None else kept)


def status(execution: Any) -> str:
    """Return the status of an execution; it runs until all that is told of its end is there.

    parser/backend/execution.py:66-80 sets the status first, and then the output or the error.
    """
    is_complete = KEPT in execution.__dict__ or execution.status == "ABORTED"
    return str(execution.status) if is_complete else "RUNNING"


def redrive_count(execution: Any) -> int:
    """Return how often an execution was redriven."""
    return int(execution.__dict__.get(REDRIVES, 0))


def redrivable(execution: Any) -> dict[str, str]:
    """Return what DescribeExecution says of whether an execution can be redriven."""
    now = status(execution)
    if now in {"RUNNING", "SUCCEEDED"}:
        reason = f"Execution is {now} and cannot be redriven"
        return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    if "map_run_arn" in execution.__dict__:
        return {"redriveStatus": "REDRIVABLE_BY_MAP_RUN"}
    return {"redriveStatus": "REDRIVABLE"}


def keep_the_history_only(execution: Any) -> None:
    """Drop the worker of an execution that has ended, with all that it evaluated; its events stay."""
    execution.__dict__[KEPT] = history(execution)
    execution.exec_worker = EndedWorker()


def savable(execution: Execution) -> dict[str, Any]:
    """Return what is saved of an execution: the worker holds threads and locks, so its events only are kept."""
    return execution.__dict__ | {"exec_worker": EndedWorker(), KEPT: history(execution)}


class EndedWorker:
    """Stands for the worker of an execution that has ended, or that an earlier server ran: nothing in it waits."""

    @property
    def env(self) -> "EndedWorker":
        return self

    callback_pool_manager = map_run_record_pool_manager = env

    def notify(self, **_: Any) -> bool:
        return False

    heartbeat = notify

    def get(self, _arn: str) -> None:
        return None

    def get_all(self) -> list[Any]:
        return []
