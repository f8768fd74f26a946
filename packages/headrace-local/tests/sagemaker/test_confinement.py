"""What a job may write, and how much."""

import errno
import os
import sys
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from local_jobs import Jobs

from headrace_local.sagemaker.confinement import temporary_folders, version
from headrace_local.sagemaker.job import Job
from headrace_local.sagemaker.logs import Output, pump
from headrace_local.sagemaker.volume import full_disk

ROOT = Path(__file__).resolve().parents[2]

_IS_CONFINED = sys.platform == "linux" and version() > 0


@pytest.mark.skipif(not _IS_CONFINED, reason="this system cannot forbid a process to write, short of root")
@pytest.mark.parametrize("place", ["src", ".", "tests"])
def test_a_job_cannot_write_into_the_project(jobs: Jobs, place: str) -> None:
    """A path outside of its folders is not written; the error names it, and the job has failed by it."""
    path = ROOT / place / f"written-by-a-job-{uuid4()}"
    code = f"""
try:
    pathlib.Path({str(path)!r}).write_text('x')
except OSError as error:
    (ml / 'output/message').write_text(str(error))
    sys.exit(1)
"""
    name = f"outside-{['src', '.', 'tests'].index(place)}"
    try:
        description = jobs.run(jobs.processing(name, code))
        assert not path.exists()
    finally:
        path.unlink(missing_ok=True)
    assert description["ExitMessage"] == f"[Errno 13] Permission denied: '{path}'"


def test_a_job_writes_where_any_program_does(jobs: Jobs) -> None:
    """Its folders, its home, temporary files, devices, shared memory; files move between its folders."""
    temporary = [str(folder) for folder in temporary_folders([ROOT])]
    code = f"""
import multiprocessing, tempfile
(ml / 'processing').mkdir(exist_ok=True)
for folder in [None, *{temporary!r}]:
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(b'x')
pathlib.Path('/dev/null').write_text('x')
pathlib.Path.home().joinpath('f').write_text('x')
pathlib.Path.home().joinpath('f').rename(ml / 'processing/f')
multiprocessing.Lock()
print('all is well')
"""
    jobs.run(jobs.processing("inside", code))
    assert jobs.log("inside") == "all is well\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_full_disk_holds_no_job_up(tmp_path: Path) -> None:
    """What a job prints is read to its end although its log cannot be written: it would wait forever."""
    job = Job("Processing", "full", "arn", "000000000000", "us-east-1", {}, [])
    log = tmp_path / "log"
    log.symlink_to("/dev/full")
    printed = Output()

    def write() -> None:
        for _ in range(100):
            os.write(printed.writing, b"x" * 4095 + b"\n")
        printed.finish()

    threads = [
        threading.Thread(target=pump, args=(printed, log, job, "algo-1"), daemon=True),
        threading.Thread(target=write, daemon=True),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [thread.is_alive() for thread in threads] == [False, False]


def test_a_full_disk_is_named() -> None:
    """The failure has AWS's words and the file; another error is no matter of the disk."""
    failure = full_disk(OSError(errno.ENOSPC, "No space left on device", "/home/model.tar.gz"))
    assert str(failure) == (
        "ClientError: Insufficient disk space on the machine of the local AWS: "
        "[Errno 28] No space left on device: '/home/model.tar.gz'"
    )
    assert full_disk(OSError(errno.EACCES, "Permission denied")) is None


def test_output_that_does_not_fit_fails_the_job(jobs: Jobs) -> None:
    """VolumeSizeInGB holds for what lies on an instance; the words are those of AWS, and nothing is published."""
    code = """
with (ml / 'processing/output/large').open('wb') as file:
    file.truncate(3 << 30)  # a hole: nothing is written
"""
    request = jobs.processing("large", code, ProcessingOutputConfig=jobs.outputs("large"))
    request["ProcessingResources"]["ClusterConfig"]["VolumeSizeInGB"] = 2
    description = jobs.run(request)
    assert description["FailureReason"] == (
        "ClientError: Artifact upload failed:Insufficient disk space. "
        "3.00 GB do not fit on the volume of algo-1: VolumeSizeInGB is 2"
    )
    assert jobs.keys("large/") == []
