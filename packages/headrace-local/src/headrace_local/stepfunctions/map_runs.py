"""Map runs: the executions that a distributed Map starts, and what the API says of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser import api
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from headrace_local.patching import replace
from headrace_local.stepfunctions.record import status

_KEPT = "_map_runs"


@dataclass
class MapRun:
    """A run of a distributed Map. It is kept by the execution whose Map it is, and saved with it."""

    arn: str
    execution_arn: str
    state_machine_arn: str  # of the executions: that of the machine, and the label
    max_concurrency: int
    tolerated_count: int | None
    tolerated_percentage: float | None
    items: int  # all of them, those in batches too
    pending: int  # executions that were not started yet
    status: str = "RUNNING"
    executions: list[Any] = field(default_factory=list)
    batch_sizes: list[int] = field(
        default_factory=list
    )  # items of each execution, in the order of `executions`
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None

    def is_beyond_tolerance(self) -> bool:
        """Return whether more items have failed than the Map tolerates; it tolerates none when it does not say."""
        failed = self._items()
        lost = failed["FAILED"] + failed["TIMED_OUT"] + failed["ABORTED"]
        if self.tolerated_count is None and self.tolerated_percentage is None:
            return lost > 0
        return lost > (self.items if self.tolerated_count is None else self.tolerated_count) or (
            self.tolerated_percentage is not None and lost * 100 > self.tolerated_percentage * self.items
        )

    def end(self, status: str) -> None:
        self.status, self.ended = status, datetime.now(UTC)

    def _items(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for execution, size in zip(self.executions, self.batch_sizes, strict=True):
            found[status(execution)] += size
        return found

    def described(self) -> dict[str, Any]:
        """Return what DescribeMapRun says."""
        executions = Counter(status(execution) for execution in self.executions)
        items = self._items()
        waiting = self.items - sum(self.batch_sizes)
        return self.listed() | {
            "status": self.status,
            "maxConcurrency": self.max_concurrency,
            "toleratedFailureCount": self.tolerated_count or 0,
            "toleratedFailurePercentage": self.tolerated_percentage or 0.0,
            "itemCounts": _counts(items, waiting),
            "executionCounts": _counts(executions, self.pending),
            "redriveCount": 0,
        }

    def listed(self) -> dict[str, Any]:
        """Return what ListMapRuns says."""
        found = {
            "executionArn": self.execution_arn,
            "mapRunArn": self.arn,
            "stateMachineArn": self.state_machine_arn,
            "startDate": self.started,
        }
        return found | ({"stopDate": self.ended} if self.ended else {})


def _counts(statuses: Counter[str], pending: int) -> dict[str, int]:
    return {
        "pending": pending,
        "running": statuses["RUNNING"],
        "succeeded": statuses["SUCCEEDED"],
        "failed": statuses["FAILED"],
        "timedOut": statuses["TIMED_OUT"],
        "aborted": statuses["ABORTED"],
        "total": pending + statuses.total(),
        "resultsWritten": statuses["SUCCEEDED"],
    }


def of_execution(execution: Any) -> list[MapRun]:
    """Return the Map runs of an execution, the oldest first."""
    runs: list[MapRun] = execution.__dict__.setdefault(_KEPT, [])
    return runs


def all_executions(backend: Any) -> Iterator[Any]:
    """Yield every execution of a backend, and those that their Maps started."""
    for machine in list(backend.state_machines):
        for execution in list(machine.executions):
            yield from _with_children(execution)


def is_child(execution: Any) -> bool:
    """Return whether an execution is one of a Map run: its state machine is named <machine>/<label>."""
    return "/" in execution.state_machine_arn


def _with_children(execution: Any) -> Iterator[Any]:
    yield execution
    for run in of_execution(execution):
        for child in list(run.executions):
            yield from _with_children(child)


def map_run(backend: Any, arn: str) -> MapRun:
    """Return the Map run of an ARN; raise AWS's `ResourceNotFound` when there is none."""
    for execution in all_executions(backend):
        for run in of_execution(execution):
            if run.arn == arn:
                return run
    raise api.ResourceNotFound(f"Resource not found: '{arn}'")


def install() -> None:
    """Correct what the API knows of Map runs."""
    find_executions_of_maps()
    answer_for_map_runs()


def find_executions_of_maps() -> None:
    """Find the executions that a Map started; for moto/stepfunctions/models.py:843 a Map starts none."""

    def describe(backend: Any, execution_arn: str) -> Any:
        if "/" not in execution_arn:
            return stock(backend, execution_arn)
        for execution in all_executions(backend):
            if execution.execution_arn == execution_arn:
                return execution
        raise api.ExecutionDoesNotExist(f"Execution Does Not Exist: '{execution_arn}'")

    stock = replace(StepFunctionsParserBackend, "describe_execution", describe)


def answer_for_map_runs() -> None:
    """Answer ListMapRuns, DescribeMapRun and UpdateMapRun from our own records; parser/models.py:269-318 has moto's."""

    def find(response: Any) -> MapRun:
        return map_run(response.stepfunction_backend, response._get_param("mapRunArn"))

    def list_runs(response: Any) -> ActionResult:
        execution = response.stepfunction_backend.describe_execution(response._get_param("executionArn"))
        return ActionResult({"mapRuns": [run.listed() for run in reversed(of_execution(execution))]})

    def describe_run(response: Any) -> ActionResult:
        return ActionResult(find(response).described())

    def update_run(response: Any) -> ActionResult:
        find(response)
        raise api.ValidationException("The local AWS does not know UpdateMapRun: a Map run keeps its limits.")

    replace(StepFunctionResponse, "list_map_runs", list_runs)
    replace(StepFunctionResponse, "describe_map_run", describe_run)
    replace(StepFunctionResponse, "update_map_run", update_run)
