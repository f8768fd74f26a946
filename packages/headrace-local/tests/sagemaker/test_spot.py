"""Managed spot training: instances that are taken away, and what is left of a job then."""

import io
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_jobs import SETTINGS, Jobs, jobs_on

from headrace_local.__main__ import main
from headrace_local.files import state_file
from headrace_local.lifecycle import start, stop
from headrace_local.sagemaker.handles import Event, Handle
from headrace_local.sagemaker.job import Job
from headrace_local.sagemaker.spot import interrupt_later
from headrace_local.testing import LocalAws

_SPOT = {"EnableManagedSpotTraining": True}
_LIMITS = {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 120}}
# Each attempt adds a checkpoint; the first one would never end.
_ATTEMPTS = """
import signal
folder = ml / 'checkpoints'
count = len(list(folder.iterdir()))
(folder / f'{count}').write_text('c')
print('attempt', count, sorted(path.name for path in ml.iterdir()))
if count < int(os.environ['INTERRUPTIONS']):
    signal.signal(signal.SIGTERM, lambda *_: print('told'))
    while True:
        time.sleep(0.01)
(ml / 'model/m').write_text(str(count))
"""
# The sum of 1 to 50, a round for each number, with a checkpoint after it.
_ROUNDS = """
checkpoint = ml / 'checkpoints/state.json'
done, weights = json.loads(checkpoint.read_text()) if checkpoint.exists() else (0, 0)
if done:
    print('resumed after round', done)
for number in range(done + 1, 51):
    weights += number
    temporary = ml / 'checkpoints/state.new'
    temporary.write_text(json.dumps([number, weights]))
    temporary.replace(checkpoint)
    print('round', number)
    time.sleep(0.05)
(ml / 'model/weights').write_text(str(weights))
"""


@pytest.fixture(scope="module")
def spot_jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    """A local AWS whose notice of an interruption is short, and whose new instances come soon."""
    home = tmp_path_factory.mktemp("spot")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HEADRACE_LOCAL_SPOT_NOTICE_SECONDS", "0.3")
        environment.setenv("HEADRACE_LOCAL_STOP_GRACE_SECONDS", "0.3")
        environment.setenv("HEADRACE_LOCAL_SPOT_WAIT_SECONDS", "0.5")
        aws = LocalAws(start(home, SETTINGS), SETTINGS.region)
    yield jobs_on(aws.client, home)
    stop(home)


def _request(jobs: Jobs, name: str, interruptions: int, runtime: int = 60, wait: int = 60) -> dict[str, Any]:
    return jobs.training(
        name,
        _ATTEMPTS,
        CheckpointConfig={"S3Uri": jobs.uri(f"{name}/checkpoints/")},
        Environment={"INTERRUPTIONS": str(interruptions)},
        StoppingCondition={"MaxRuntimeInSeconds": runtime, "MaxWaitTimeInSeconds": wait},
        **_SPOT,
    )


def _interrupt(jobs: Jobs, name: str) -> int:
    return main(["--home", str(jobs.home), "interrupt", name])


def test_an_interrupted_job_begins_anew_with_its_checkpoints(spot_jobs: Jobs) -> None:
    """SIGTERM, after the notice SIGKILL; then new, empty instances that have the checkpoints and nothing else."""
    request = _request(spot_jobs, "spot", interruptions=1)
    spot_jobs.create(request)
    spot_jobs.wait_for_log("spot", "attempt 0")
    assert _interrupt(spot_jobs, "spot") == 0
    description = spot_jobs.ended(request)
    assert description["TrainingJobStatus"] == "Completed"
    stages = [transition["Status"] for transition in description["SecondaryStatusTransitions"]]
    attempt = ["Starting", "Downloading", "Training"]
    assert stages == [*attempt, "Interrupted", *attempt, "Uploading", "Completed"]
    first, told, second = spot_jobs.log("spot").splitlines()
    assert (first, told, second) == (first, "told", first.replace("attempt 0", "attempt 1"))
    assert spot_jobs.keys("spot/checkpoints/") == ["0", "1"]
    assert spot_jobs.keys("spot/out/spot/output/") == ["model.tar.gz"]


def test_time_without_instances_is_not_counted(spot_jobs: Jobs) -> None:
    """TrainingTimeInSeconds and BillableTimeInSeconds are the time with instances; MaxRuntime counts that too."""
    request = _request(spot_jobs, "waits", interruptions=2, runtime=30)
    spot_jobs.create(request)
    for number in range(2):
        spot_jobs.wait_for_log("waits", f"attempt {number}")
        assert _interrupt(spot_jobs, "waits") == 0
    description = spot_jobs.ended(request)
    assert description["TrainingJobStatus"] == "Completed"
    elapsed = (description["TrainingEndTime"] - description["TrainingStartTime"]).total_seconds()
    waits = [
        (transition["EndTime"] - transition["StartTime"]).total_seconds()
        for transition in description["SecondaryStatusTransitions"]
        if transition["Status"] == "Interrupted"
    ]
    assert [wait >= 0.4 for wait in waits] == [True, True]
    assert description["TrainingTimeInSeconds"] == max(1, round(elapsed - sum(waits)))
    assert description["BillableTimeInSeconds"] == description["TrainingTimeInSeconds"]


def test_waiting_has_an_end(spot_jobs: Jobs) -> None:
    """Past MaxWaitTimeInSeconds the job is Stopped: MaxWaitTimeExceeded, its checkpoints kept."""
    request = _request(spot_jobs, "too-long", interruptions=9, runtime=8, wait=8)
    spot_jobs.create(request)
    spot_jobs.wait_for_log("too-long", "attempt 0")
    assert _interrupt(spot_jobs, "too-long") == 0
    spot_jobs.wait_for_log("too-long", "attempt 1")
    description = spot_jobs.ended(request)
    assert description["TrainingJobStatus"] == "Stopped"
    assert description["SecondaryStatus"] == "MaxWaitTimeExceeded"
    assert spot_jobs.keys("too-long/checkpoints/") == ["0", "1"]
    assert "Stopping" in [transition["Status"] for transition in description["SecondaryStatusTransitions"]]


def test_an_interrupted_job_can_be_stopped(spot_jobs: Jobs) -> None:
    """A stop during the wait for instances ends the job."""
    request = _request(spot_jobs, "stopped-spot", interruptions=9)
    spot_jobs.create(request)
    spot_jobs.wait_for_log("stopped-spot", "attempt 0")
    assert _interrupt(spot_jobs, "stopped-spot") == 0
    spot_jobs.until(request, {"Interrupted"}, "SecondaryStatus")
    spot_jobs.api.stop_training_job(TrainingJobName="stopped-spot")
    assert spot_jobs.ended(request)["TrainingJobStatus"] == "Stopped"


def test_checkpoints_are_copied_while_the_job_runs(spot_jobs: Jobs) -> None:
    """A job whose machine dies of a sudden has lost nothing that it had written before, nor has a killed server."""
    request = _request(spot_jobs, "copied", interruptions=1)
    spot_jobs.create(request)
    spot_jobs.wait_for_log("copied", "attempt 0")
    saved = state_file(spot_jobs.home)
    while not (saved.exists() and b"copied/checkpoints/0" in saved.read_bytes()):
        assert spot_jobs.describe(request)["SecondaryStatus"] == "Training"
        time.sleep(0.05)
    spot_jobs.api.stop_training_job(TrainingJobName="copied")
    spot_jobs.ended(request)


def test_an_interrupted_training_gives_the_same_model(spot_jobs: Jobs) -> None:
    """A program that goes on from its last checkpoint, cut in the middle, ends with the model of one that was not."""
    models = []
    for name in ("whole", "cut"):
        request = spot_jobs.training(
            name,
            _ROUNDS,
            CheckpointConfig={"S3Uri": spot_jobs.uri(f"{name}/checkpoints/")},
            **_LIMITS,
            **_SPOT,
        )
        spot_jobs.create(request)
        if name == "cut":
            spot_jobs.wait_for_log(name, "round 20\n")
            assert _interrupt(spot_jobs, name) == 0
        assert spot_jobs.ended(request)["TrainingJobStatus"] == "Completed", spot_jobs.log(name)
        models.append(spot_jobs.get(f"{name}/out/{name}/output/model.tar.gz"))
    assert ["resumed after" in spot_jobs.log(name) for name in ("whole", "cut")] == [False, True]
    with (
        tarfile.open(fileobj=io.BytesIO(models[0])) as whole,
        tarfile.open(fileobj=io.BytesIO(models[1])) as cut,
    ):
        assert [tar.extractfile("weights").read() for tar in (whole, cut)] == [b"1275"] * 2  # type: ignore[union-attr]


def test_a_server_may_interrupt_every_spot_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """HEADRACE_LOCAL_INTERRUPT_AFTER_SECONDS takes the instances of each away once, and leaves other jobs alone."""
    monkeypatch.setenv("HEADRACE_LOCAL_INTERRUPT_AFTER_SECONDS", "0.01")
    spot, own = (
        Handle(Job("Training", "job", "arn", "000000000000", "us-east-1", request, []))
        for request in (_SPOT, {})
    )
    for handle in (own, spot):
        interrupt_later(handle)
    assert spot.events.get(timeout=5) == Event("interrupted")
    assert own.events.empty()


def test_only_spot_instances_are_taken_away(jobs: Jobs, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says why it cannot interrupt a job: it is none of spot, has ended, or is not there."""
    request = jobs.training("own", "time.sleep(60)")
    jobs.create(request)
    assert _interrupt(jobs, "own") == 1
    assert "own cannot be interrupted: EnableManagedSpotTraining is false" in capsys.readouterr().err
    jobs.api.stop_training_job(TrainingJobName="own")
    jobs.ended(request)
    assert _interrupt(jobs, "own") == 1
    assert "the training job own is in status Stopped" in capsys.readouterr().err
    assert _interrupt(jobs, "nobody") == 1
    assert "Could not find requested job with name: nobody" in capsys.readouterr().err


def test_no_server_is_no_interruption(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command names the way out."""
    assert main(["--home", str(tmp_path), "interrupt", "any"]) == 1
    assert "start it first" in capsys.readouterr().err
