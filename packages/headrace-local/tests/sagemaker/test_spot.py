"""Managed spot training: instances that are taken away, and what is left of a job then."""

import io
import json
import os
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_jobs import BUCKET, SETTINGS, Jobs, jobs_on
from toy.example_data import visits

from headrace_local.__main__ import main
from headrace_local.files import state_file
from headrace_local.lifecycle import start, stop
from headrace_local.sagemaker.handles import Event, Handle
from headrace_local.sagemaker.job import Job
from headrace_local.sagemaker.spot import interrupt_later
from headrace_local.testing import LocalAws

ROOT = Path(__file__).resolve().parents[4]

_TOY = {
    "PYTHONPATH": os.pathsep.join(
        [str(ROOT / "packages/headrace/src"), str(ROOT / "packages/headrace/src/headrace/testing")]
    )
}
_SPOT = {"EnableManagedSpotTraining": True}
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


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
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
        CheckpointConfig={"S3Uri": f"s3://{BUCKET}/{name}/checkpoints/"},
        Environment={"INTERRUPTIONS": str(interruptions)},
        StoppingCondition={"MaxRuntimeInSeconds": runtime, "MaxWaitTimeInSeconds": wait},
        **_SPOT,
    )


def _interrupt(jobs: Jobs, name: str) -> int:
    return main(["--home", str(jobs.home), "interrupt", name])


def test_an_interrupted_job_begins_anew_with_its_checkpoints(hasty: Jobs) -> None:
    """SIGTERM, after the notice SIGKILL; then new, empty instances that have the checkpoints and nothing else."""
    request = _request(hasty, "spot", interruptions=1)
    hasty.create(request)
    hasty.wait_for_log("spot", "attempt 0")
    assert _interrupt(hasty, "spot") == 0
    description = hasty.ended(request)
    assert description["TrainingJobStatus"] == "Completed"
    stages = [transition["Status"] for transition in description["SecondaryStatusTransitions"]]
    attempt = ["Starting", "Downloading", "Training"]
    assert stages == [*attempt, "Interrupted", *attempt, "Uploading", "Completed"]
    first, told, second = hasty.log("spot").splitlines()
    assert (first, told, second) == (first, "told", first.replace("attempt 0", "attempt 1"))
    assert hasty.keys("spot/checkpoints/") == ["0", "1"]
    assert hasty.keys("spot/out/spot/output/") == ["model.tar.gz"]


def test_time_without_instances_is_not_counted(hasty: Jobs) -> None:
    """TrainingTimeInSeconds and BillableTimeInSeconds are the time with instances; MaxRuntime counts that too."""
    request = _request(hasty, "waits", interruptions=2, runtime=30)
    hasty.create(request)
    for number in range(2):
        hasty.wait_for_log("waits", f"attempt {number}")
        assert _interrupt(hasty, "waits") == 0
    description = hasty.ended(request)
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


def test_waiting_has_an_end(hasty: Jobs) -> None:
    """Past MaxWaitTimeInSeconds the job is Stopped: MaxWaitTimeExceeded, its checkpoints kept."""
    request = _request(hasty, "too-long", interruptions=9, runtime=2, wait=2)
    hasty.create(request)
    hasty.wait_for_log("too-long", "attempt 0")
    assert _interrupt(hasty, "too-long") == 0
    description = hasty.ended(request)
    assert description["TrainingJobStatus"] == "Stopped"
    assert description["SecondaryStatus"] == "MaxWaitTimeExceeded"
    assert hasty.keys("too-long/checkpoints/") == ["0", "1"]
    assert "Stopping" in [transition["Status"] for transition in description["SecondaryStatusTransitions"]]


def test_an_interrupted_job_can_be_stopped(hasty: Jobs) -> None:
    """A stop during the wait for instances ends the job."""
    request = _request(hasty, "stopped-spot", interruptions=9)
    hasty.create(request)
    hasty.wait_for_log("stopped-spot", "attempt 0")
    assert _interrupt(hasty, "stopped-spot") == 0
    hasty.until(request, {"Interrupted"}, "SecondaryStatus")
    hasty.api.stop_training_job(TrainingJobName="stopped-spot")
    assert hasty.ended(request)["TrainingJobStatus"] == "Stopped"


def test_checkpoints_are_copied_while_the_job_runs(hasty: Jobs) -> None:
    """A job whose machine dies of a sudden has lost nothing that it had written before, nor has a killed server."""
    request = _request(hasty, "copied", interruptions=1)
    hasty.create(request)
    hasty.wait_for_log("copied", "attempt 0")
    saved = state_file(hasty.home)
    while not (saved.exists() and b"copied/checkpoints/0" in saved.read_bytes()):
        assert hasty.describe(request)["SecondaryStatus"] == "Training"
        time.sleep(0.05)
    hasty.api.stop_training_job(TrainingJobName="copied")
    hasty.ended(request)


def test_an_interrupted_training_gives_the_same_model(hasty: Jobs) -> None:
    """`headrace.jobs.train`, cut in the middle of its rounds, ends with the very files of one that was not."""
    _prepare(hasty)
    models = []
    for name, is_cut in (("whole", False), ("cut", True)):
        request = _training(hasty, name)
        hasty.create(request)
        if is_cut:
            hasty.wait_for_log(name, "search round 50:")
            assert _interrupt(hasty, name) == 0
        assert hasty.ended(request)["TrainingJobStatus"] == "Completed", hasty.log(name)
        assert ("resumed search after round" in hasty.log(name)) is is_cut
        with tarfile.open(fileobj=io.BytesIO(hasty.get(f"{name}/out/{name}/output/model.tar.gz"))) as tar:
            files = {member.name: tar.extractfile(member) for member in tar.getmembers()}
            models.append({path: file.read() for path, file in files.items() if file})
    documents = [json.loads(model.pop("model.json")) for model in models]
    for (
        document
    ) in documents:  # when it was made, and by which state of a folder that somebody may be editing
        del document["facts"]["created_at"], document["facts"]["code_fingerprint"]
    assert documents[0] == documents[1]
    assert models[0].keys() == models[1].keys()
    assert [path for path in models[0] if models[0][path] != models[1][path]] == []


def _prepare(jobs: Jobs) -> None:
    """Run the toy's prepare job, whose outputs are the channels of its training."""
    jobs.put("toy/raw/visits.csv", visits().write_csv())
    root = "/opt/ml/processing"
    source = {"S3Uri": f"s3://{BUCKET}/toy/raw/", "LocalPath": f"{root}/input/raw", "S3DataType": "S3Prefix"}
    outputs = [
        {
            "OutputName": name,
            "S3Output": {
                "S3Uri": f"s3://{BUCKET}/toy/{name}/",
                "LocalPath": f"{root}/output/{name}",
                "S3UploadMode": "EndOfJob",
            },
        }
        for name in ("train", "validation", "profile")
    ]
    request = jobs.processing(
        "toy-prepare",
        "",
        ProcessingInputs=[{"InputName": "raw", "S3Input": source | {"S3InputMode": "File"}}],
        ProcessingOutputConfig={"Outputs": outputs},
        Environment=_TOY,
    )
    request["AppSpecification"]["ContainerEntrypoint"] = ["python", "-m", "headrace.jobs.prepare"]
    request["AppSpecification"]["ContainerArguments"] = ["--model", "toy"]
    assert jobs.run(request)["ProcessingJobStatus"] == "Completed", jobs.log("toy-prepare")


def _training(jobs: Jobs, name: str) -> dict[str, Any]:
    """Return the request of a training of the toy that lasts long enough to be cut."""
    channels = [
        {
            "ChannelName": channel,
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/toy/{channel}/"}
            },
        }
        for channel in ("train", "validation", "profile")
    ]
    rounds = "300"
    request = jobs.training(
        name,
        "",
        HyperParameters={"max_rounds": rounds, "early_stopping_rounds": rounds, "refit": "false"},
        InputDataConfig=channels,
        Environment=_TOY,
        CheckpointConfig={"S3Uri": f"s3://{BUCKET}/toy/checkpoints/{name}/"},
        StoppingCondition={"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 120},
        **_SPOT,
    )
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = ["python", "-m", "headrace.jobs.train"]
    request["AlgorithmSpecification"]["ContainerArguments"] = ["--model", "toy"]
    return request


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
