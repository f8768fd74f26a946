"""What a job prints: into a file of the job's folder, and into CloudWatch Logs as SageMaker does."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from moto.logs.exceptions import ResourceAlreadyExistsException
from moto.logs.models import LogsBackend, logs_backends

from infra.local.sagemaker.job import Job

_LONGEST_EVENT = 256 << 10  # bytes: the limit of CloudWatch Logs


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
        """Close both ends: nobody prints."""
        for end in self.pipe:
            os.close(end)


def open_stream(job: Job, host: str) -> tuple[LogsBackend, str, str]:
    """Create the log stream `<job>/<host>-<epoch>` of an instance; return where to put its events."""
    backend: LogsBackend = logs_backends[job.account][job.region]
    group, stream = f"/aws/sagemaker/{job.kind}Jobs", f"{job.name}/{host}-{int(time.time())}"
    with suppress(ResourceAlreadyExistsException):
        backend.create_log_group(group, {})
    backend.ensure_log_stream(group, stream)
    return backend, group, stream


def pump(printed: Output, file: Path, job: Job, host: str) -> None:
    """Copy all that an instance prints, line by line as it comes, until its output is finished."""
    backend, group, stream = open_stream(job, host)
    with file.open("ab", buffering=0) as log, os.fdopen(printed.pipe[0], "rb") as output:
        is_over = False
        while not is_over:
            line = output.readline(_LONGEST_EVENT)
            is_over = not line or line.endswith(printed.end)
            line = line.removesuffix(printed.end)
            log.write(line)
            message = line.decode(errors="replace").rstrip("\r\n")
            if message:
                event = {"timestamp": int(time.time() * 1000), "message": message}
                backend.put_log_events(group, stream, [event])
