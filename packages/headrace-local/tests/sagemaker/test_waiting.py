"""Waiting for a job's end, and jobs that an earlier process lost. In this process: no server is needed."""

import pickle
import threading

import pytest
from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.models import sagemaker_backends

from headrace_local.sagemaker import handles, jobs
from headrace_local.sagemaker.job import Job, enter, finish


def _job(name: str) -> Job:
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:processing-job/{name}"
    job = Job("Processing", name, arn, "000000000000", "us-east-1", {"ProcessingJobName": name}, [])
    enter(job, "Starting")
    vars(sagemaker_backends["000000000000"]["us-east-1"])["processing_jobs"][name] = job
    return job


def test_a_wait_ends_with_the_job() -> None:
    """Whoever waits goes on when the job is marked as ended, and a wait for an ended job is none."""
    job = _job("waited-for")
    handle = handles.add(job)
    waiter = threading.Thread(target=jobs.wait, args=(job.arn,))
    waiter.start()
    finish(job, "Completed")
    assert waiter.is_alive()
    handles.remove(handle)
    waiter.join(5)
    assert not waiter.is_alive()
    jobs.wait(job.arn)


def test_a_wait_that_is_too_long_says_so() -> None:
    """TimeoutError names the job; the job goes on."""
    job = _job("endless")
    handle = handles.add(job)
    with pytest.raises(TimeoutError, match="endless"):
        jobs.wait(job.arn, timeout_seconds=0.01)
    assert job.status == "InProgress"
    handles.remove(handle)


def test_a_wait_for_no_job_is_an_error() -> None:
    """An ARN that never was does not look like a job that has ended."""
    with pytest.raises(AWSValidationException):
        jobs.wait("arn:aws:sagemaker:us-east-1:000000000000:training-job/never")


def test_a_job_of_a_killed_server_has_failed() -> None:
    """A saved job that runs in no thread of this process cannot be in progress."""
    job = _job("lost")
    backend = sagemaker_backends["000000000000"]["us-east-1"]
    vars(backend)["processing_jobs"]["lost"] = pickle.loads(pickle.dumps(job))  # noqa: S301 - our own bytes
    found = jobs.find(backend, "Processing", "lost")
    assert found.status == "Failed"
    assert found.facts["FailureReason"].startswith("InternalServerError: the local AWS was stopped")
