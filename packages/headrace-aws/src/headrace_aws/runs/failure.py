"""Why a task of an execution failed, in the words of the job that it ran."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headrace import strict_json

_MILLISECONDS = 1000
_KILLED = "its process was killed (exit code 137, signal 9), as for want of memory"


@dataclass(frozen=True)
class Failure:
    """Why a task failed, as Step Functions tells it. The cause of a job is its description, as JSON."""

    error: str
    cause: str

    @property
    def words(self) -> str:
        """What the job itself said, or how it was ended; where neither is reported, the cause as it is."""
        job = self._job
        # A processing job's own message is ExitMessage; its FailureReason says only that it failed.
        message = job.get("ExitMessage") or job.get("FailureReason")
        if message:
            return _KILLED if _is_killed(str(message)) else str(message)
        ended = self._ended
        return ended[0] if ended else self.cause

    @property
    def remedy(self) -> str | None:
        """What helps against the way in which the job was ended; None when it ended by itself."""
        ended = self._ended
        return ended[1] if ended else None

    @property
    def _job(self) -> dict[str, Any]:
        try:
            described = strict_json.loads(self.cause, "Cause")
        except ValueError:
            return {}
        return described if isinstance(described, dict) else {}

    @property
    def _ended(self) -> tuple[str, str] | None:
        """How a job was ended from outside, and what helps; None when it was not."""
        job = self._job
        if _is_killed(str(job.get("FailureReason"))) and not job.get("ExitMessage"):
            return _KILLED, "give the step a larger instance_type in project.toml"
        if "Stopped" not in {job.get("ProcessingJobStatus"), job.get("TrainingJobStatus")}:
            return None
        condition = job.get("StoppingCondition", {})
        limit = condition.get("MaxRuntimeInSeconds", 0)
        if job.get("SecondaryStatus") == "MaxWaitTimeExceeded":
            return (
                f"not done within {condition.get('MaxWaitTimeInSeconds', 0):,} seconds, the wait for spot capacity in it",
                "raise spot_wait_seconds of the step in project.toml, or set spot = false",
            )
        if job.get("SecondaryStatus") == "MaxRuntimeExceeded" or _ran_out(job, limit):
            return (
                f"stopped at its limit of {limit:,} seconds",
                "raise timeout_seconds of the step in project.toml, or give it a larger instance_type",
            )
        return "stopped by a person or a program", "run again"


def execution_failure(described: Mapping[str, Any]) -> Failure | None:
    """Return why an execution failed, was stopped or ran out of time, as DescribeExecution says; None when it did not."""
    status: str = described["status"]
    if status not in {"FAILED", "ABORTED", "TIMED_OUT"}:
        return None
    return Failure(described.get("error", status), described.get("cause", "no cause was given"))


def _is_killed(reason: str) -> bool:
    return reason.startswith("AlgorithmError: ") and reason.endswith("exit code: 137")


def _ran_out(job: dict[str, Any], limit_seconds: int) -> bool:
    """Tell whether a processing job ran as long as it may, which no status of it tells."""
    start, end = job.get("ProcessingStartTime"), job.get("ProcessingEndTime")
    if not (isinstance(start, int | float) and isinstance(end, int | float)):
        return "ProcessingJobStatus" in job and bool(limit_seconds)
    return end - start >= limit_seconds * _MILLISECONDS
