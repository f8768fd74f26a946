"""What a job prints: into a file of the job's folder, and into CloudWatch Logs as SageMaker does."""

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from moto.logs.exceptions import ResourceAlreadyExistsException
from moto.logs.models import LogsBackend, logs_backends

from infra.local.sagemaker.job import Job

if TYPE_CHECKING:
    from subprocess import Popen

_LONGEST_EVENT = 256 << 10  # bytes: the limit of CloudWatch Logs


def open_stream(job: Job, host: str) -> tuple[LogsBackend, str, str]:
    """Create the log stream `<job>/<host>-<epoch>` of an instance; return where to put its events."""
    backend: LogsBackend = logs_backends[job.account][job.region]
    group, stream = f"/aws/sagemaker/{job.kind}Jobs", f"{job.name}/{host}-{int(time.time())}"
    with suppress(ResourceAlreadyExistsException):
        backend.create_log_group(group, {})
    backend.ensure_log_stream(group, stream)
    return backend, group, stream


def pump(process: "Popen[bytes]", file: Path, job: Job, host: str) -> None:
    """Copy all that the process prints, line by line as it comes, until it closes its output."""
    backend, group, stream = open_stream(job, host)
    if process.stdout is None:
        return
    with file.open("ab", buffering=0) as log, process.stdout as output:
        while line := output.readline(_LONGEST_EVENT):
            log.write(line)
            message = line.decode(errors="replace").rstrip("\r\n")
            if message:
                event = {"timestamp": int(time.time() * 1000), "message": message}
                backend.put_log_events(group, stream, [event])
