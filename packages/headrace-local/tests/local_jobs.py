"""Jobs for tests: their program is a few lines of Python, their role and bucket are made for them."""

import hashlib
import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore import xform_name

from headrace_local.settings import Image, Settings

_ROOT = Path(__file__).resolve().parents[3]
# Jobs of these images are those of Headrace's runtime, which has the most of SageMaker's contract.
SETTINGS = Settings(
    images=(Image("headrace", (str(_ROOT / "packages/headrace/src"),), str(_ROOT / "requirements/jobs.txt")),)
)
IMAGE = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/headrace@sha256:{'0' * 64}"
BUCKET = "job-tests"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}
# The folder that stands for /opt/ml, in a job's program.
_PRELUDE = "import os, sys, json, pathlib, time; ml = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])\n"


@dataclass(frozen=True)
class Jobs:
    """Runs jobs on a local AWS."""

    client: Callable[[str], Any]
    api: Any
    s3: Any
    home: Path
    role: str

    def processing(self, name: str, code: str, count: int = 1, **request: object) -> dict[str, Any]:
        """Return the request of a processing job."""
        specification = {"ImageUri": IMAGE, "ContainerEntrypoint": self._entrypoint(code)}
        return {
            "ProcessingJobName": name,
            "RoleArn": self.role,
            "AppSpecification": specification,
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": count,
                    "InstanceType": "ml.m5.xlarge",
                    "VolumeSizeInGB": 10,
                }
            },
            **request,
        }

    def training(self, name: str, code: str, count: int = 1, **request: object) -> dict[str, Any]:
        """Return the request of a training job."""
        return {
            "TrainingJobName": name,
            "RoleArn": self.role,
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": self._entrypoint(code),
            },
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/{name}/out/"},
            "ResourceConfig": {"InstanceCount": count, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            **request,
        }

    def _entrypoint(self, code: str) -> list[str]:
        """Return the command of a program, in a file: an argument has one line of 256 characters at most."""
        folder = self.home / "programs"
        folder.mkdir(exist_ok=True)
        path = folder / f"{hashlib.sha256(code.encode()).hexdigest()[:16]}.py"
        path.write_text(_PRELUDE + code, encoding="utf-8")
        return ["python", str(path)]

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create the job, wait for its end, return its description."""
        self.create(request)
        return self.ended(request)

    def create(self, request: dict[str, Any]) -> None:
        getattr(self.api, f"create_{xform_name(_kind(request))}_job")(**request)

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        kind = _kind(request)
        name = f"{kind}JobName"
        return dict(getattr(self.api, f"describe_{xform_name(kind)}_job")(**{name: request[name]}))

    def ended(self, request: dict[str, Any]) -> dict[str, Any]:
        return self.until(request, {"Completed", "Failed", "Stopped"})

    def until(self, request: dict[str, Any], statuses: set[str], member: str = "JobStatus") -> dict[str, Any]:
        """Return the job's description once `<kind><member>`, or a member of that name, has one of the values."""
        name = member if member == "SecondaryStatus" else f"{_kind(request)}{member}"
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            description = self.describe(request)
            if description[name] in statuses:
                return description
            time.sleep(0.02)
        raise AssertionError(f"has not come to {statuses}: {description}")

    def log(self, name: str, host: str = "algo-1") -> str:
        return (self.home / "jobs" / name / f"{host}.log").read_text(encoding="utf-8")

    def wait_for_log(self, name: str, text: str, times: int = 1) -> None:
        """Return when the job has printed the text so many times."""
        deadline = time.monotonic() + 20
        path = self.home / "jobs" / name / "algo-1.log"
        while not (path.is_file() and path.read_text(encoding="utf-8").count(text) >= times):
            assert time.monotonic() < deadline, f"{name} has not printed {text!r}"
            time.sleep(0.02)

    def put(self, key: str, text: str = "x") -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())

    def get(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def keys(self, prefix: str) -> list[str]:
        """Return the keys below a prefix, without it."""
        answer = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [entry["Key"].removeprefix(prefix) for entry in answer.get("Contents", [])]


def _kind(request: dict[str, Any]) -> str:
    kinds = ("Processing", "Training", "Transform", "HyperParameterTuning")
    return next(kind for kind in kinds if f"{kind}JobName" in request)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and that nobody has collected yet does not."""
    command = ["/bin/ps", "-o", "stat=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip()[:1] not in {"", "Z"}


def jobs_on(client: Callable[[str], Any], home: Path, bucket: str = BUCKET) -> Jobs:
    """Return a way to run jobs on the local AWS of that home: a role and a bucket are made."""
    role = client("iam").create_role(RoleName="job-tests", AssumeRolePolicyDocument=json.dumps(_TRUST))
    client("s3").create_bucket(Bucket=bucket)
    return Jobs(client, client("sagemaker"), client("s3"), home, role["Role"]["Arn"])
