"""The checkpoints of a training job: a folder that is kept in S3 while the job runs, however it ends.

SageMaker copies new and changed files while the job runs, so that an instance that is taken away takes nothing with
it. A file may be copied half written; it is copied again once it has changed.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from headrace_local.context import current
from headrace_local.sagemaker.errors import JobFailedError
from headrace_local.sagemaker.job import Job
from headrace_local.sagemaker.s3 import Store, files
from headrace_local.sagemaker.training import checkpoint_folder

_SECONDS = 0.5  # between two looks at the folder

logger = logging.getLogger(__name__)


@contextmanager
def kept(job: Job, store: Store, roots: list[Path]) -> Iterator[None]:
    """Copy the checkpoints to S3 while the block runs and once more at its end; none are asked for: do nothing."""
    configuration = job.request.get("CheckpointConfig")
    if not configuration:
        yield
        return
    folders = [root / checkpoint_folder(job.request) for root in roots]
    key = job.request["OutputDataConfig"].get("KmsKeyId")
    copies = _Copies(store, folders, configuration["S3Uri"].rstrip("/"), key)
    copies.know()
    ended = threading.Event()
    copying = threading.Thread(
        target=_copy, args=(copies, ended), name=f"{job.name} checkpoints", daemon=True
    )
    copying.start()
    try:
        yield
    finally:
        ended.set()
        copying.join()
        copies.bring_up_to_date()


def _copy(copies: "_Copies", ended: threading.Event) -> None:
    while not ended.wait(_SECONDS):
        try:
            if copies.bring_up_to_date():
                current().unsaved.set()  # a killed server must not lose them
        except JobFailedError as error:
            logger.warning("checkpoints: %s", error)  # tried again; the last time it fails the job


@dataclass(frozen=True)
class _Copies:
    """Which files are in S3, by time and size."""

    store: Store
    folders: list[Path]
    uri: str
    kms_key: str | None
    known: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def know(self) -> None:
        """Take all files that are there for copied: they came from S3."""
        self.known.update(self._states())

    def bring_up_to_date(self) -> bool:
        """Copy what is new or changed; return whether anything is."""
        changed = [(file, state) for file, state in self._states() if self.known.get(file) != state]
        for file, state in changed:
            folder = next(folder for folder in self.folders if file.is_relative_to(folder))
            try:
                self.store.upload(file, f"{self.uri}/{file.relative_to(folder).as_posix()}", self.kms_key)
            except JobFailedError:
                if file.exists():  # one under a name for the time being may be gone
                    raise
            self.known[file] = state
        return bool(changed)

    def _states(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        for folder in self.folders:
            for file in files(folder):
                try:
                    found = file.stat()
                except FileNotFoundError:
                    continue
                yield file, (found.st_mtime_ns, found.st_size)
