"""The running jobs of this process. Kept apart from the jobs themselves, which are saved: a thread cannot be."""

import threading
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Literal

from infra.local.sagemaker.job import Job

Reason = Literal["exited", "requested", "runtime", "server"]


@dataclass(frozen=True)
class Event:
    """What the engine waits for: an instance has exited, or the job is to stop, and why."""

    reason: Reason
    host: str = ""
    exit_code: int = 0


@dataclass(frozen=True)
class Handle:
    """A running job: what happens to it, and the mark that it has ended."""

    job: Job
    events: "SimpleQueue[Event]" = field(default_factory=SimpleQueue)
    finished: threading.Event = field(default_factory=threading.Event)


_running: dict[str, Handle] = {}


def add(job: Job) -> Handle:
    """Keep a job as running and return its handle."""
    handle = _running[job.arn] = Handle(job)
    return handle


def find(arn: str) -> Handle | None:
    """Return the handle of a running job."""
    return _running.get(arn)


def remove(handle: Handle) -> None:
    """Mark the job as ended; whoever waits for it goes on."""
    _running.pop(handle.job.arn, None)
    handle.finished.set()


def everything() -> list[Handle]:
    """Return the handles of all running jobs."""
    return list(_running.values())
