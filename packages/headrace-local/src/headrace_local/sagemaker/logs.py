"""What a job prints: into a file of the job's folder, and into CloudWatch Logs as SageMaker does."""

import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from moto.logs.exceptions import ResourceAlreadyExistsException
from moto.logs.models import LogsBackend, logs_backends

from headrace_local.iam.services import may
from headrace_local.sagemaker.job import Job
from headrace_local.sagemaker.s3 import SESSION_NAME

_LONGEST_EVENT = 256 << 10  # bytes: the limit of CloudWatch Logs


logger = logging.getLogger(__name__)


def _unlike_any_line() -> bytes:
    return f"{uuid4()}\n".encode()


@dataclass(frozen=True)
class Output:
    """The pipe that an instance prints into. The server holds its writing end too, to say when all is printed.

    The end of the file would not say it: what the job started holds the pipe as well, and may outlive it.
    """

    pipe: tuple[int, int] = field(default_factory=os.pipe)
    end: bytes = field(default_factory=_unlike_any_line)

    @property
    def writing(self) -> int:
        """The file descriptor to print to."""
        return self.pipe[1]

    def finish(self) -> None:
        """Tell the reader, once it has read all that was printed until now, that nothing more counts."""
        with suppress(BrokenPipeError), os.fdopen(self.writing, "wb") as output:
            output.write(self.end)

    def drop(self) -> None:
        """Close both ends: no process prints."""
        for end in self.pipe:
            os.close(end)


def open_stream(job: Job, host: str) -> tuple[LogsBackend, str, str] | None:
    """Create the log stream `<job>/<host>-<epoch>` of an instance; return where to put its events.

    None when the job's role may not write there: as on AWS, the job goes on, and what it prints is in its file only.
    """
    backend: LogsBackend = logs_backends[job.account][job.region]
    group, stream = f"/aws/sagemaker/{job.kind}Jobs", f"{job.name}/{host}-{int(time.time())}"
    arn = f"arn:aws:logs:{job.region}:{job.account}:log-group:{group}:log-stream:"
    needed = {"logs:CreateLogStream": f"{arn}{stream}", "logs:PutLogEvents": f"{arn}{stream}"}
    if group not in backend.groups:
        needed["logs:CreateLogGroup"] = arn
    if not all(may(job.role, SESSION_NAME, action, resource) for action, resource in needed.items()):
        return None
    with suppress(ResourceAlreadyExistsException):
        backend.create_log_group(group, {})
    backend.ensure_log_stream(group, stream)
    return backend, group, stream


def pump(printed: Output, file: Path, job: Job, host: str) -> None:
    """Copy all that an instance prints, line by line as it comes, until its output is finished.

    It is read to its end although it cannot be kept, on a full disk: the process would wait for a reader forever.
    """
    try:
        opened = open_stream(job, host)
    except Exception:
        logger.exception("no log stream for job %s", job.name)
        opened = None
    with file.open("ab", buffering=0) as log, os.fdopen(printed.pipe[0], "rb") as output:
        is_over = False
        while not is_over:
            line = output.readline(_LONGEST_EVENT)
            is_over = not line or line.endswith(printed.end)
            line = line.removesuffix(printed.end)
            with suppress(OSError):
                log.write(line)
            message = line.decode(errors="replace").rstrip("\r\n")
            if message and opened:
                backend, group, stream = opened
                event = {"timestamp": int(time.time() * 1000), "message": message}
                backend.put_log_events(group, stream, [event])
