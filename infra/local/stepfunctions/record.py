"""The history of an execution: in its worker while the server runs, beside it once it is restored."""

from typing import Any

from moto.stepfunctions.parser.backend.execution import Execution

_KEPT = "_kept_history"


def history(execution: Any) -> list[dict[str, Any]]:
    """Return the events of an execution, the oldest first."""
    kept: list[dict[str, Any]] | None = execution.__dict__.get(_KEPT)
    return list(execution.to_history_output()["events"] if kept is None else kept)


def savable(execution: Execution) -> dict[str, Any]:
    """Return what is saved of an execution: the worker holds threads and locks, so its events only are kept."""
    return execution.__dict__ | {"exec_worker": EndedWorker(), _KEPT: history(execution)}


class EndedWorker:
    """Stands for the worker of an execution that an earlier server ran: nothing in it waits for anything."""

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
