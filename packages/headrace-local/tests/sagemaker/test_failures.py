"""How jobs fail: in the words of AWS, naming what is wrong."""

from collections.abc import Callable
from typing import Any

import pytest
from local_jobs import Jobs


def test_a_failed_processing_job_says_so_and_publishes_nothing(jobs: Jobs) -> None:
    """FailureReason has the exit code, ExitMessage the program's words."""
    code = """
(ml / 'processing/output/half').write_text('x')
(ml / 'output/message').write_text('column x is missing')
sys.exit(3)
"""
    request = jobs.processing(
        "fails", code, ProcessingOutputConfig=jobs.outputs("fails"), Environment={"A": "b"}
    )
    description = jobs.run(request)
    assert description["ProcessingJobStatus"] == "Failed"
    assert description["FailureReason"] == "AlgorithmError: See job logs for more information, exit code: 3"
    assert description["ExitMessage"] == "column x is missing"
    assert jobs.keys("fails/") == []


def test_a_failed_training_job_says_what_its_program_said(jobs: Jobs) -> None:
    """The text of /opt/ml/output/failure is the FailureReason, cut to 1024 characters with the exit code kept.

    What it left as output is uploaded, to see why: SageMaker says Uploading before it says Failed.
    """
    code = """
(ml / 'output/data/why').write_text('x')
(ml / 'output/failure').write_text('bad ' * 500)
sys.exit(1)
"""
    description = jobs.run(jobs.training("training-fails", code))
    assert description["TrainingJobStatus"] == description["SecondaryStatus"] == "Failed"
    assert description["FailureReason"].startswith("AlgorithmError: bad bad")
    assert description["FailureReason"].endswith(", exit code: 1")
    assert len(description["FailureReason"]) == 1024
    assert "ModelArtifacts" not in description
    assert jobs.keys("training-fails/out/") == ["training-fails/output/output.tar.gz"]


def test_a_killed_process_has_the_exit_code_of_its_signal(jobs: Jobs) -> None:
    """SIGKILL, as for want of memory, is 137."""
    description = jobs.run(jobs.processing("killed", "os.kill(os.getpid(), 9)"))
    assert description["FailureReason"].endswith(", exit code: 137")


def test_one_failed_instance_fails_the_job_at_once(jobs: Jobs) -> None:
    """The other instances are ended; the job does not wait for them."""
    code = """
if json.loads((ml / 'config/resourceconfig.json').read_text())['current_host'] == 'algo-2':
    sys.exit(7)
time.sleep(60)
"""
    description = jobs.run(jobs.processing("half-fails", code, count=2))
    assert description["FailureReason"].endswith(", exit code: 7")
    assert (description["ProcessingEndTime"] - description["CreationTime"]).total_seconds() < 5


def test_what_a_program_started_ends_with_it(jobs: Jobs) -> None:
    """A container ends with its first process, whatever that one left running."""
    code = "import subprocess; subprocess.Popen(['sleep', '60']); print('started')"
    description = jobs.run(jobs.processing("leaves", code))
    assert description["ProcessingJobStatus"] == "Completed"
    assert (description["ProcessingEndTime"] - description["CreationTime"]).total_seconds() < 5


def _without_program(_jobs: Jobs, request: dict[str, Any]) -> None:
    request["AppSpecification"]["ContainerEntrypoint"] = ["/opt/program/serve"]


def _without_entrypoint(_jobs: Jobs, request: dict[str, Any]) -> None:
    del request["AppSpecification"]["ContainerEntrypoint"]


def _other_image(_jobs: Jobs, request: dict[str, Any]) -> None:
    request["AppSpecification"]["ImageUri"] = "111122223333.dkr.ecr.us-east-1.amazonaws.com/other:latest"


def _no_objects(jobs: Jobs, request: dict[str, Any]) -> None:
    request["ProcessingInputs"] = [jobs.input("i", "nothing/here/")]


def _no_input_bucket(jobs: Jobs, request: dict[str, Any]) -> None:
    request["ProcessingInputs"] = [jobs.input("i", "", S3Uri="s3://no-such-bucket/raw/")]


def _no_output_bucket(jobs: Jobs, request: dict[str, Any]) -> None:
    request["ProcessingOutputConfig"] = jobs.outputs("", S3Uri="s3://no-such-bucket/out")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            _without_program,
            "AlgorithmError: CannotStartContainerError. * '/opt/program/serve' *, exit code: 127",
        ),
        (_without_entrypoint, "ClientError: * give ContainerEntrypoint"),
        (_other_image, "ClientError: Cannot find repository: other in registry ID: 111122223333 *"),
        (_no_objects, 'ClientError: * No S3 objects found under S3 URL "s3://*/nothing/here/" *'),
        (
            _no_input_bucket,
            "ClientError: * ListObjectsV2 failed for s3://no-such-bucket/raw/: NoSuchBucket: *",
        ),
        (_no_output_bucket, "ClientError: * s3://no-such-bucket/out/o: *NoSuchBucket*"),
    ],
)
def test_a_job_that_is_set_up_wrongly_names_the_fault(
    jobs: Jobs, change: Callable[[Jobs, dict[str, Any]], None], reason: str
) -> None:
    """The FailureReason has AWS's class of error, and the name of what is wrong."""
    request = jobs.processing(
        change.__name__.strip("_").replace("_", "-"), "(ml / 'processing/output/o').touch()"
    )
    request["ProcessingOutputConfig"] = jobs.outputs("out")
    change(jobs, request)
    description = jobs.run(request)
    assert description["ProcessingJobStatus"] == "Failed"
    words = iter(reason.split("*"))
    text = description["FailureReason"]
    assert text.startswith(next(words)), text
    for word in words:
        assert word.strip() in text, text


def test_a_failed_job_keeps_what_it_wrote_and_not_what_it_was_brought(jobs: Jobs) -> None:
    """Log, configuration and output help to see why; the inputs are in S3, and would fill the disk."""
    jobs.put("brought/in/rows.csv")
    code = "(ml / 'processing/output/half').write_text('x'); print('log'); sys.exit(1)"
    request = jobs.processing(
        "brought",
        code,
        ProcessingInputs=[jobs.input("i", "brought/in/")],
        ProcessingOutputConfig=jobs.outputs("brought/out"),
    )
    assert jobs.run(request)["ProcessingJobStatus"] == "Failed"
    folder = jobs.home / "jobs" / "brought"
    kept = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert kept == {
        "arn",
        "algo-1.log",
        "algo-1/config/processingjobconfig.json",
        "algo-1/config/resourceconfig.json",
        "algo-1/processing/output/half",
    }


def test_a_job_whose_output_lies_in_its_input_keeps_both(jobs: Jobs) -> None:
    """What a job wrote is never removed with what it was brought."""
    jobs.put("within/in/rows.csv")
    source = jobs.input("i", "within/in/", LocalPath="/opt/ml/processing/")
    code = "(ml / 'processing/output/half').write_text('x'); sys.exit(1)"
    outputs = jobs.outputs("within/out")
    jobs.run(jobs.processing("within", code, ProcessingInputs=[source], ProcessingOutputConfig=outputs))
    assert (jobs.home / "jobs/within/algo-1/processing/output/half").is_file()
