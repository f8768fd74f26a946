"""The running jobs of this process. Kept apart from the jobs themselves, which are saved: a thread cannot be."""

import threading
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Literal

from headrace_local.sagemaker.job import Job

# wait: MaxWaitTimeInSeconds is over; ended: a training of a tuning job has.
Reason = Literal["exited", "requested", "runtime", "wait", "interrupted", "server", "ended"]


@dataclass(frozen=True)
class Event:
    """What the engine waits for: an instance has exited, or the job is to stop, and why.

    `host` is the instance that has exited, or the ARN of the training that has ended.
    """

    reason: Reason
    host: str = ""
    exit_code: int = 0


@dataclass(frozen=True)
class Handle:
    """A running job: what happens to it, and the mark that it has ended."""

    job: Job
    events: "SimpleQueue[Event]" = field(default_factory=SimpleQueue)
    finished: threading.Event = field(default_factory=threading.Event)
    listeners: "list[SimpleQueue[Event]]" = field(default_factory=list)


_running: dict[str, Handle] = {}
_ending = threading.Lock()


def add(job: Job) -> Handle:
    """Keep a job as running and return its handle."""
    handle = _running[job.arn] = Handle(job)
    return handle


def find(arn: str) -> Handle | None:
    """Return the handle of a running job."""
    return _running.get(arn)


def remove(handle: Handle) -> None:
    """Mark the job as ended; threads that wait for it go on."""
    with _ending:
        _running.pop(handle.job.arn, None)
        handle.finished.set()
        for listener in handle.listeners:
            listener.put(Event("ended", handle.job.arn))


def tell_when_ended(arn: str, listener: "SimpleQueue[Event]") -> None:
    """Put an event into the queue once the job has ended, at once if it has."""
    with _ending:
        handle = _running.get(arn)
        if handle is None:
            listener.put(Event("ended", arn))
        else:
            handle.listeners.append(listener)


def everything() -> list[Handle]:
    """Return the handles of all running jobs."""
    return list(_running.values())
