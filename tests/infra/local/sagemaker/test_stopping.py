"""Jobs that are ended: by request, by their time limit, by the end of the server."""

import json
import subprocess
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from infra.local.lifecycle import start, stop
from tests.conftest import LocalAws
from tests.infra.local.sagemaker.running import BUCKET, Jobs, jobs_on

_SAVES_IN_GRACE = """
import signal
def save(number, frame):
    (ml / 'model/saved').write_text('s')
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
print('running')
time.sleep(60)
"""


def _is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and that nobody has collected yet does not."""
    command = ["/bin/ps", "-o", "stat=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip()[:1] not in {"", "Z"}


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

from tests.conftest import LocalAws
from tests.infra.local.sagemaker.running import BUCKET, Jobs, jobs_on
(ml / 'processing/output/half').write_text('x')
print(subprocess.Popen(['sleep', '60']).pid)
print('running')
time.sleep(60)
"""
    output = {"S3Uri": f"s3://{BUCKET}/stopped-half", "LocalPath": "/opt/ml/processing/output"}
    outputs = {"Outputs": [{"OutputName": "o", "S3Output": output | {"S3UploadMode": "EndOfJob"}}]}
    request = jobs.processing("stopped-half", code, ProcessingOutputConfig=outputs)
    jobs.create(request)
    jobs.wait_for_log("stopped-half", "running")
    jobs.api.stop_processing_job(ProcessingJobName="stopped-half")
    assert jobs.ended(request)["ProcessingJobStatus"] == "Stopped"
    assert jobs.keys("stopped-half/") == []
    assert not _is_alive(int(jobs.log("stopped-half").split()[0]))


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
    description = jobs.run(jobs.processing("slow", "time.sleep(60)", StoppingCondition=condition))
    assert description["ProcessingJobStatus"] == "Stopped"


def test_a_job_does_not_outlive_its_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended (by SIGKILL when SIGTERM is ignored), recorded as failed with the reason, and kept so."""
    monkeypatch.setenv("HEADRACE_LOCAL_STOP_GRACE_SECONDS", "0.3")
    try:
        jobs = jobs_on(LocalAws(start(tmp_path)).client, tmp_path)
        code = (
            "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid()); time.sleep(60)"
        )
        request = jobs.training("interrupted", code)
        jobs.create(request)
        jobs.wait_for_log("interrupted", "\n")
        pid = int(jobs.log("interrupted"))
        stop(tmp_path)
        assert not _is_alive(pid)
        api = LocalAws(start(tmp_path)).client("sagemaker")
        description = api.describe_training_job(TrainingJobName="interrupted")
    finally:
        stop(tmp_path)
    assert description["TrainingJobStatus"] == "Failed"
    assert description["FailureReason"].startswith("InternalServerError: the local AWS was stopped")
    assert json.loads(json.dumps(description, default=str))["RoleArn"] == request["RoleArn"]
