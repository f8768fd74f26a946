"""Jobs that are ended: by request, by their time limit. Those that end with the server are in test_state."""

import os
import signal
import sys
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError
from local_jobs import Jobs, is_alive

_SAVES_IN_GRACE = """
import signal
def save(number, frame):
    (ml / 'model/saved').write_text('s')
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
print('running')
time.sleep(60)
"""


def test_a_stopped_training_job_keeps_the_model_that_it_saves(jobs: Jobs) -> None:
    """SIGTERM gives a grace; StopTrainingJob is not there in moto (moto/sagemaker/responses.py)."""
    request = jobs.training("stopped", _SAVES_IN_GRACE)
    jobs.create(request)
    jobs.wait_for_log("stopped", "running")
    jobs.api.stop_training_job(TrainingJobName="stopped")
    assert jobs.describe(request)["TrainingJobStatus"] in {"Stopping", "Stopped"}
    description = jobs.ended(request)
    assert description["TrainingJobStatus"] == description["SecondaryStatus"] == "Stopped"
    assert "FailureReason" not in description
    assert jobs.keys("stopped/out/") == ["stopped/output/model.tar.gz"]
    with pytest.raises(ClientError, match="the training job is in status Stopped"):
        jobs.api.stop_training_job(TrainingJobName="stopped")


def test_a_stopped_processing_job_publishes_nothing(jobs: Jobs) -> None:
    """Half an output is no output; and the children of the process are ended with it."""
    code = """
import subprocess
(ml / 'processing/output/half').write_text('x')
print(subprocess.Popen(['sleep', '60']).pid)
print('running')
time.sleep(60)
"""
    request = jobs.processing("stopped-half", code, ProcessingOutputConfig=jobs.outputs("stopped-half"))
    jobs.create(request)
    jobs.wait_for_log("stopped-half", "running")
    jobs.api.stop_processing_job(ProcessingJobName="stopped-half")
    assert jobs.ended(request)["ProcessingJobStatus"] == "Stopped"
    assert jobs.keys("stopped-half/") == []
    assert not is_alive(int(jobs.log("stopped-half").split()[0]))


@pytest.mark.parametrize("environment", ["None", "{}"])
def test_a_child_in_a_session_of_its_own_holds_nothing_up(jobs: Jobs, environment: str) -> None:
    """A job ends with its process, and can be stopped, although a child of it left the session and has its output.

    On Linux such a child is ended as well, by the environment that it has from the job.
    """
    name = f"left-{len(environment)}"
    code = f"""
import subprocess
print(subprocess.Popen(['/bin/sleep', '20'], start_new_session=True, env={environment}).pid, flush=True)
print('no end of line', end='')
"""
    try:
        description = jobs.run(jobs.processing(name, code))
        child, last = jobs.log(name).splitlines()
        took = description["ProcessingEndTime"] - description["CreationTime"]
        assert (description["ProcessingJobStatus"], last) == ("Completed", "no end of line")
        assert took.total_seconds() < 10
        if sys.platform == "linux" and environment == "None":
            assert not is_alive(int(child))
    finally:
        with suppress(ProcessLookupError):
            os.kill(int(jobs.log(name).split()[0]), signal.SIGKILL)


def test_the_time_limit_stops_a_training_job(jobs: Jobs) -> None:
    """Stopped, with MaxRuntimeExceeded as the reason; the model saved in the grace is kept."""
    condition = {"MaxRuntimeInSeconds": 1}
    description = jobs.run(jobs.training("slow", _SAVES_IN_GRACE, StoppingCondition=condition))
    assert description["TrainingJobStatus"] == "Stopped"
    assert description["SecondaryStatus"] == "MaxRuntimeExceeded"
    assert jobs.keys("slow/out/") == ["slow/output/model.tar.gz"]


def test_the_time_limit_stops_a_processing_job(jobs: Jobs) -> None:
    """Stopped, as the API's documentation of ProcessingStoppingCondition says."""
    condition = {"MaxRuntimeInSeconds": 1}
    description = jobs.run(jobs.processing("slow-processing", "time.sleep(60)", StoppingCondition=condition))
    assert description["ProcessingJobStatus"] == "Stopped"
