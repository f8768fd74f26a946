"""Jobs for tests: their program is a few lines of Python, their role and bucket are made for them."""

import hashlib
import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore import xform_name
from waiting import wait_for

from headrace_local.settings import Image, Settings

_IMAGE = Path(__file__).parent / "image"
# The image carries PyYAML alone: what else is installed on this machine, its jobs do not see.
SETTINGS = Settings(images=(Image("image", (str(_IMAGE),), str(_IMAGE / "requirements.txt")),))
IMAGE = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/image@sha256:{'0' * 64}"
# The folder that stands for /opt/ml, in a job's program.
_PRELUDE = "import os, sys, json, pathlib, time; ml = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])\n"


def trust(*services: str) -> str:
    """Return the policy of a role that services may assume, such as `sagemaker`."""
    principal = {"Service": [f"{service}.amazonaws.com" for service in services]}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True)
class Jobs:
    """Runs jobs on a local AWS. A name belongs to one job, of whichever kind: it names folders in the bucket too."""

    client: Callable[[str], Any]
    api: Any
    s3: Any
    home: Path
    role: str
    bucket: str
    kinds: dict[str, str] = field(default_factory=dict)  # of the jobs, by name

    def uri(self, key: str) -> str:
        """Return the URI of a key of the bucket."""
        return f"s3://{self.bucket}/{key}"

    def input(self, name: str, key: str, **source: str) -> dict[str, Any]:
        """Return an input of a processing job, from a prefix of the bucket to `/opt/ml/processing/input/<name>`."""
        known = {"S3Uri": self.uri(key), "LocalPath": f"/opt/ml/processing/input/{name}"}
        kind = {"S3DataType": "S3Prefix", "S3InputMode": "File"}
        return {"InputName": name, "S3Input": known | kind | source}

    def outputs(self, key: str, path: str = "output", **output: str) -> dict[str, Any]:
        """Return the output configuration of a processing job: one folder of `/opt/ml/processing`."""
        known = {
            "S3Uri": self.uri(key),
            "LocalPath": f"/opt/ml/processing/{path}",
            "S3UploadMode": "EndOfJob",
        }
        return {"Outputs": [{"OutputName": "o", "S3Output": known | output}]}

    def channel(self, name: str, key: str, **source: str) -> dict[str, Any]:
        """Return a channel of a training job, from a prefix of the bucket."""
        found = {"S3DataType": "S3Prefix", "S3Uri": self.uri(key)} | source
        return {"ChannelName": name, "DataSource": {"S3DataSource": found}}

    def processing(self, name: str, code: str, count: int = 1, **request: object) -> dict[str, Any]:
        """Return the request of a processing job."""
        cluster = {"InstanceCount": count, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 10}
        return {
            "ProcessingJobName": name,
            "RoleArn": self.role,
            "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": self._entrypoint(code)},
            "ProcessingResources": {"ClusterConfig": cluster},
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
            "OutputDataConfig": {"S3OutputPath": self.uri(f"{name}/out/")},
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

    def program(self, name: str, code: str) -> str:
        """Make a program of an image, `train` or `serve`, of lines of Python; return its folder, for a job's PATH."""
        _, file = self._entrypoint(code)
        program = Path(file).with_suffix("") / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\nexec {shlex.join([sys.executable, file])}\n", encoding="utf-8")
        program.chmod(0o755)
        return str(program.parent)

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create the job, wait for its end, return its description."""
        self.create(request)
        return self.ended(request)

    def create(self, request: dict[str, Any]) -> None:
        kind = _kind(request)
        getattr(self.api, f"create_{xform_name(kind)}_job")(**request)
        assert (
            self.kinds.setdefault(request[f"{kind}JobName"], kind) == kind
        ), "another test's job has the name"

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        kind = _kind(request)
        name = f"{kind}JobName"
        return dict(getattr(self.api, f"describe_{xform_name(kind)}_job")(**{name: request[name]}))

    def ended(self, request: dict[str, Any]) -> dict[str, Any]:
        return self.until(request, {"Completed", "Failed", "Stopped"})

    def until(self, request: dict[str, Any], statuses: set[str], member: str = "JobStatus") -> dict[str, Any]:
        """Return the job's description once `<kind><member>`, or a member of that name, has one of the values."""
        name = member if member == "SecondaryStatus" else f"{_kind(request)}{member}"
        return wait_for(lambda: self.describe(request), lambda description: description[name] in statuses)

    def log(self, name: str, host: str = "algo-1") -> str:
        return (self.home / "jobs" / name / f"{host}.log").read_text(encoding="utf-8")

    def wait_for_log(self, name: str, text: str) -> None:
        """Return when the job has printed the text."""
        path = self.home / "jobs" / name / "algo-1.log"
        wait_for(lambda: path.is_file() and self.log(name), lambda log: log and text in log)

    def put(self, key: str, text: str = "x") -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def get(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def keys(self, prefix: str) -> list[str]:
        """Return the keys below a prefix, without it."""
        answer = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"].removeprefix(prefix) for entry in answer.get("Contents", [])]


def _kind(request: dict[str, Any]) -> str:
    kinds = ("Processing", "Training", "Transform", "HyperParameterTuning")
    return next(kind for kind in kinds if f"{kind}JobName" in request)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and that nobody has collected yet does not."""
    command = ["/bin/ps", "-o", "stat=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip()[:1] not in {"", "Z"}


def jobs_on(client: Callable[[str], Any], home: Path, bucket: str = "job-tests") -> Jobs:
    """Return a way to run jobs on the local AWS of that home: a role and a bucket are made."""
    role = client("iam").create_role(RoleName="job-tests", AssumeRolePolicyDocument=trust("sagemaker"))
    client("s3").create_bucket(Bucket=bucket)
    return Jobs(client, client("sagemaker"), client("s3"), home, role["Role"]["Arn"], bucket)
