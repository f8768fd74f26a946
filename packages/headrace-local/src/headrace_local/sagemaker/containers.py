"""The processes of a job: one per instance, watched until all have ended, one has failed, or all were told to.

The engine's thread sleeps on the job's queue. An instance that exits, a stop request, a spot interruption and the
end of the server are put there by others; a time limit is the sleep's own. Nothing polls.
"""

import signal
import threading
import time
from queue import Empty
from typing import TYPE_CHECKING

from headrace_local import environ
from headrace_local.sagemaker import instance, logs
from headrace_local.sagemaker.handles import Event, Handle, Reason
from headrace_local.sagemaker.job import ask_to_stop, start
from headrace_local.sagemaker.plan import Instance, Plan

if TYPE_CHECKING:
    from subprocess import Popen

_END_SECONDS = 60.0  # for what a killed process had printed to be read
# What takes the place of an interruption while the processes have their notice.
_FINAL_REQUESTS = frozenset({"requested", "server"})


def grace_seconds() -> float:
    """Return how long a job may take to end after SIGTERM: 120 s on AWS, less here, where a user waits."""
    return environ.seconds(environ.STOP_GRACE, 5)


def notice_seconds() -> float:
    """Return how long before its end a spot instance is told: 120 s on AWS."""
    return environ.seconds(environ.SPOT_NOTICE, grace_seconds())


def ran(handle: Handle, plan: Plan, machines: list[Instance], limit: tuple[float, Reason]) -> Event:
    """Run the processes and return how they ended. `limit` is a time of the monotonic clock, and what is over then."""
    if not handle.events.empty():
        return handle.events.get()  # stopped before it began
    start(handle.job)
    processes: list[Popen[bytes]] = []
    watchers = []
    try:
        for machine in machines:
            process, printed = instance.start(plan, machine)
            processes.append(process)
            watched = (handle, machine, process, printed)
            watchers.append(threading.Thread(target=_watch, args=watched, daemon=True))
            watchers[-1].start()
        return _outcome(handle, limit, processes)
    finally:
        for process in processes:
            instance.send(process, signal.SIGKILL)
        for watcher in watchers:
            watcher.join(2 * _END_SECONDS)
        _forget_exits(handle)


def _watch(handle: Handle, machine: Instance, process: "Popen[bytes]", printed: logs.Output) -> None:
    """Keep what a process prints, and tell when it ends."""
    printing = threading.Thread(
        target=logs.pump, args=(printed, machine.log, handle.job, machine.host), daemon=True
    )
    printing.start()
    code = instance.exit_code(process, machine)
    printed.finish()
    printing.join(_END_SECONDS)
    handle.events.put(Event("exited", machine.host, code))


def _outcome(handle: Handle, limit: tuple[float, Reason], processes: list["Popen[bytes]"]) -> Event:
    """Wait until every process has ended well, one has failed, or the job was told to stop and did."""
    deadline: float | None = limit[0]
    running = len(processes)
    stop: Event | None = None
    while running:
        try:
            remaining = None if deadline is None else max(0, deadline - time.monotonic())
            event = handle.events.get(timeout=remaining)
        except Empty:
            event = Event(limit[1])
        if event.reason == "exited":
            running -= 1
            if event.exit_code and not stop:
                return event
        elif stop is None:
            stop = event
            deadline = time.monotonic() + _grace_seconds(handle, event)
            _signal(processes, signal.SIGTERM)
        elif stop.reason == "interrupted" and event.reason in _FINAL_REQUESTS:
            stop = event
        elif event.reason == limit[1]:
            deadline = None  # nothing outlives SIGKILL
            _signal(processes, signal.SIGKILL)
    return stop or Event("exited")


def _grace_seconds(handle: Handle, stop: Event) -> float:
    if stop.reason == "interrupted":
        return notice_seconds()
    ask_to_stop(handle.job)  # a job that reaches a time limit is Stopping too
    return grace_seconds()


def _signal(processes: list["Popen[bytes]"], number: signal.Signals) -> None:
    for process in processes:
        instance.send(process, number)


def _forget_exits(handle: Handle) -> None:
    """Remove the exits that are left from the queue: a restarted job must not take them for its own."""
    kept = []
    while not handle.events.empty():
        kept.append(handle.events.get())
    for event in kept:
        if event.reason != "exited":
            handle.events.put(event)
