"""/opt/ml in the command of a job, and in the drivers of the SageMaker SDK."""

from pathlib import Path

import pytest
from local_jobs import Jobs

from headrace_local.sagemaker.container_paths import DRIVERS, arguments, rewrite_drivers

ROOT = Path("/a folder/algo-1")
SCRIPT = "chmod +x /opt/ml/input/data/sm_drivers/run.sh && /opt/ml/input/data/sm_drivers/run.sh"
DRIVER = """#!/bin/bash
set -e
cp /opt/ml/input/config/hyperparameters.json /opt/ml/model/
echo "$(cat "/opt/ml/input/data/sm_drivers/words.txt")"
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("python3", "/opt/ml/processing/input/code/a.py"), [f"{ROOT}/processing/input/code/a.py"]),
        (("python", "-m", "job", "--from=/opt/ml"), ["-m", "job", f"--from={ROOT}"]),
        (("python", "-m", "job", "/opt/mlflow"), ["-m", "job", "/opt/mlflow"]),
        (("python", "-m", "job", "s3://a/opt/ml/b"), ["-m", "job", "s3://a/opt/ml/b"]),
        (("/bin/bash", "-c", "ls /opt/ml/model"), ["-c", f"ls '{ROOT}'/model"]),
        (("/bin/bash", "/opt/ml/code/a.sh"), [f"{ROOT}/code/a.sh"]),
    ],
)
def test_the_folder_takes_the_place_of_opt_ml(command: tuple[str, ...], expected: list[str]) -> None:
    """As a path of its own it is replaced wherever it stands, quoted in a shell's script, and in no other word."""
    assert arguments(command, ROOT) == expected


def test_a_file_that_is_no_text_is_left_alone(tmp_path: Path) -> None:
    """Only the drivers' programs are rewritten."""
    folder = tmp_path / DRIVERS
    folder.mkdir(parents=True)
    (folder / "a.bin").write_bytes(b"\xff/opt/ml/x")
    (folder / "a.py").write_text("MODEL = '/opt/ml/model'")
    rewrite_drivers(tmp_path)
    assert (folder / "a.bin").read_bytes() == b"\xff/opt/ml/x"
    assert (folder / "a.py").read_text() == f"MODEL = '{tmp_path}/model'"


def test_a_training_job_of_the_sdk_runs_its_drivers(jobs: Jobs) -> None:
    """The script in the channel `sm_drivers` is found, finds its own files, and leaves a model."""
    jobs.put("sdk/drivers/run.sh", DRIVER)
    jobs.put("sdk/drivers/words.txt", "here at /opt/ml")
    request = jobs.training("sdk", "", InputDataConfig=[jobs.channel("sm_drivers", "sdk/drivers")])
    request["AlgorithmSpecification"] |= {
        "ContainerEntrypoint": ["/bin/bash"],
        "ContainerArguments": ["-c", SCRIPT],
    }
    description = jobs.run(request)
    assert description["TrainingJobStatus"] == "Completed", description.get("FailureReason")
    assert jobs.log("sdk") == "here at /opt/ml\n"
    assert jobs.keys("sdk/out/sdk/output/") == ["model.tar.gz"]
