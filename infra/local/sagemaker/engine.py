"""How a job runs: a thread per job, a process per instance, and one queue of what happens to it.

The thread sleeps on the queue. An instance that exits, a stop request and the end of the server are put there
by others; the time limit is the sleep's own. Nothing polls.
"""

import logging
import os
import shutil
import signal
import threading
import time
from queue import Empty
from typing import TYPE_CHECKING

from infra.local.sagemaker import instance, logs, processing, training
from infra.local.sagemaker.errors import JobFailedError
from infra.local.sagemaker.handles import Event, Handle, add, everything, remove
from infra.local.sagemaker.instance import Instance
from infra.local.sagemaker.job import Job, enter, finish, start
from infra.local.sagemaker.metrics import final_metrics
from infra.local.sagemaker.plan import Plan
from infra.local.sagemaker.s3 import Store, store

if TYPE_CHECKING:
    from subprocess import Popen

_KINDS = {"Processing": processing, "Training": training}
_ENDED_WITH_SERVER = "InternalServerError: the local AWS was stopped while the job ran; start the job again"

logger = logging.getLogger(__name__)


def grace_seconds() -> float:
    """Return how long a job may take to end after SIGTERM: 120 s on AWS, less for a person who waits."""
    return float(os.environ.get("HEADRACE_LOCAL_STOP_GRACE_SECONDS", "5"))


def launch(job: Job) -> None:
    """Run a job in a thread of its own."""
    handle = add(job)
    threading.Thread(target=_run, args=(handle,), name=job.name, daemon=True).start()


def end_all() -> None:
    """End every running job, as the server is about to; return when each is recorded as failed."""
    handles = everything()
    for handle in handles:
        handle.events.put(Event("server"))
    for handle in handles:
        handle.finished.wait(grace_seconds() + 10)


def settle_lost(job: Job) -> None:
    """Record the end of a job that an earlier server process left unfinished, having been killed."""
    finish(job, "Failed", FailureReason=_ENDED_WITH_SERVER)


def _run(handle: Handle) -> None:
    job = handle.job
    try:
        _execute(handle)
    except JobFailedError as failure:
        finish(job, "Failed", FailureReason=str(failure))
    except Exception as error:
        logger.exception("job %s", job.name)
        finish(job, "Failed", FailureReason=f"InternalServerError: {error!r}")
    finally:
        remove(handle)


def _execute(handle: Handle) -> None:
    job = handle.job
    plan = _KINDS[job.kind].plan(job)
    instance.check_image(plan.image)
    machines = instance.instances(instance.work_folder(job.name, job.arn), plan.hosts)
    bucket = store(job)
    try:
        end = _ran(handle, plan, machines, bucket)
    finally:
        for machine in machines:
            shutil.rmtree(machine.scratch, ignore_errors=True)
            instance.drop_inputs(plan, machine)
    _conclude(job, end, bucket, machines)


def _ran(handle: Handle, plan: Plan, machines: list[Instance], bucket: Store) -> Event:
    """Bring the inputs, run the processes, keep the checkpoints; return how it ended."""
    enter(handle.job, "Downloading")
    for machine in machines:
        instance.prepare(plan, machine, bucket)
    started_at = time.time()
    try:
        return _compute(handle, plan, machines)
    finally:
        if handle.job.kind == "Training":
            training.save_checkpoints(handle.job, bucket, [machine.root for machine in machines], started_at)


def _compute(handle: Handle, plan: Plan, machines: list[Instance]) -> Event:
    """Run the processes and return how they ended."""
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
        return _outcome(handle, plan, processes)
    finally:
        for process in processes:
            instance.send(process, signal.SIGKILL)
        for watcher in watchers:
            watcher.join()


def _watch(handle: Handle, machine: Instance, process: "Popen[bytes]", printed: logs.Output) -> None:
    """Keep what a process prints, and tell when it ends."""
    printing = threading.Thread(
        target=logs.pump, args=(printed, machine.log, handle.job, machine.host), daemon=True
    )
    printing.start()
    code = instance.exit_code(process, machine)
    printed.finish()
    printing.join()
    handle.events.put(Event("exited", machine.host, code))


def _outcome(handle: Handle, plan: Plan, processes: list["Popen[bytes]"]) -> Event:
    """Wait until every process has ended well, one has failed, or the job was told to stop and did."""
    deadline: float | None = time.monotonic() + plan.max_runtime_seconds
    running = len(processes)
    stop: Event | None = None
    while running:
        try:
            remaining = None if deadline is None else max(0, deadline - time.monotonic())
            event = handle.events.get(timeout=remaining)
        except Empty:
            event = Event("runtime")
        if event.reason == "exited":
            running -= 1
            if event.exit_code and not stop:
                return event
        elif stop is None:
            stop = event
            deadline = time.monotonic() + grace_seconds()
            _signal(processes, signal.SIGTERM)
        elif event.reason == "runtime":
            deadline = None  # nothing outlives SIGKILL
            _signal(processes, signal.SIGKILL)
    return stop or Event("exited")


def _signal(processes: list["Popen[bytes]"], number: signal.Signals) -> None:
    for process in processes:
        instance.send(process, number)


def _conclude(job: Job, end: Event, bucket: Store, machines: list[Instance]) -> None:
    """Publish what there is to publish, and record the end."""
    roots = [machine.root for machine in machines]
    kind = _KINDS[job.kind]
    words = processing.last_words(roots) if job.kind == "Processing" else {}
    if end.reason == "server":
        finish(job, "Failed", FailureReason=_ENDED_WITH_SERVER, **words)
        return
    if end.exit_code:
        finish(job, "Failed", FailureReason=str(kind.failure(roots, end.exit_code)), **words)
        return
    completed = end.reason == "exited"
    enter(job, "Uploading")
    facts = kind.publish(job, bucket, roots, completed=completed)
    if job.kind == "Training":
        definitions = job.request["AlgorithmSpecification"].get("MetricDefinitions", [])
        logs_written = [machine.log for machine in machines if machine.log.is_file()]
        facts["FinalMetricDataList"] = final_metrics(definitions, logs_written)
    if completed:
        for root in roots:
            shutil.rmtree(root, ignore_errors=True)
        finish(job, "Completed", **facts, **words)
    elif end.reason == "runtime":
        finish(job, "Stopped", "MaxRuntimeExceeded", **facts, **words)
    else:
        finish(job, "Stopped", **facts, **words)
