"""The report of real executions, with real jobs, on the local AWS."""

import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from headrace.errors import ConfigurationError
from headrace_aws import naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.runs.report.page import write_run_report
from headrace_aws.runs.snapshot import read_snapshot
from headrace_aws.session import AwsSession, aws_session
from headrace_local.testing import LocalAws

IMAGE = load_project().name
PROJECT = load_project().model_copy(update={"name": "reported"})  # whose bucket no other test makes
MODEL = next(iter(PROJECT.models))
BUCKET = naming.data_bucket(PROJECT, PROJECT.environment(LOCAL))
BASE = "import os, pathlib; base = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])"
REPORT = "(base / 'processing/output/report/report.html').write_text('<h1>What the job found</h1>')"
MESSAGE = "(base / 'output/message').write_text('column \\'age\\' is missing; add it')"
WRITE_REPORT = f"{BASE}; {REPORT}"
BREAK = (
    f"{BASE}; (base / 'output').mkdir(exist_ok=True); {MESSAGE}; print('about to break'); raise SystemExit(1)"
)


def role(local_aws: LocalAws, name: str, service: str) -> str:
    """Return the ARN of a role that a service may assume."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = local_aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)
    return str(made["Role"]["Arn"])


def job(name: str, code: str, job_role: str, **more: Any) -> dict[str, Any]:
    """Return a state that runs Python as a processing job."""
    region = PROJECT.environment(LOCAL).region
    image = f"{PROJECT.environment(LOCAL).account}.dkr.ecr.{region}.amazonaws.com/{IMAGE}:latest"
    parameters = {
        "ProcessingJobName.$": f"States.Format('{name}-{{}}', States.Hash($$.Execution.Id, 'MD5'))",
        "RoleArn": job_role,
        "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": ["python", "-c", code]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
    }
    state = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync"}
    return {**state, "Parameters": parameters, **more}


@pytest.fixture(scope="module")
def aws(local_aws: LocalAws) -> AwsSession:
    """The clients of the project's environment, on the tests' local AWS."""
    return aws_session(PROJECT, LOCAL, local_aws.home)


@pytest.fixture(scope="module")
def pipeline(local_aws: LocalAws) -> str:
    """A pipeline whose first job writes a report, and whose second one fails if the input wants it."""
    name = f"p{uuid4().hex[:8]}"
    local_aws.client("s3").create_bucket(Bucket=BUCKET)
    job_role = role(local_aws, f"{name}-jobs", "sagemaker")
    evaluate = job("evaluate", WRITE_REPORT, job_role, ResultPath=None, Next="Go on?")
    uri = f"States.Format('s3://{BUCKET}/{MODEL}/runs/{name}/{{}}/evaluate/report/', $$.Execution.Name)"
    output = {"S3Uri.$": uri, "LocalPath": "/opt/ml/processing/output/report", "S3UploadMode": "EndOfJob"}
    evaluate["Parameters"]["ProcessingOutputConfig"] = {
        "Outputs": [{"OutputName": "report", "S3Output": output}]
    }
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Run failed"}]
    states = {
        "Evaluate": evaluate,
        "Go on?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.break", "IsPresent": True, "Next": "Break"}],
            "Default": "Each item",
        },
        "Break": job("break", BREAK, job_role, Catch=catch, Next="Done"),
        "Each item": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {
                "StartAt": "Item",
                "States": {"Item": {"Type": "Wait", "SecondsPath": "$", "End": True}},
            },
            "ResultPath": None,
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
        "Run failed": {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"},
    }
    machine = naming.state_machine_arn(PROJECT, PROJECT.environment(LOCAL), MODEL, name)
    local_aws.client("stepfunctions").create_state_machine(
        name=machine.rpartition(":")[2],
        definition=json.dumps({"StartAt": "Evaluate", "States": states}),
        roleArn=role(local_aws, f"{name}-machine", "states"),
    )
    return name


def started(aws: AwsSession, pipeline: str, **given: Any) -> tuple[str, str]:
    """Start an execution; return its name and its ARN."""
    name = f"run-{uuid4().hex[:8]}"
    machine = naming.state_machine_arn(PROJECT, aws.environment, MODEL, pipeline)
    states = aws.client("stepfunctions")
    arn = states.start_execution(stateMachineArn=machine, name=name, input=json.dumps(given))["executionArn"]
    return name, arn


def written(aws: AwsSession, pipeline: str, name: str, folder: Path) -> Path:
    """Write the page of an execution, and return the file."""
    return write_run_report(read_snapshot(DeployedPipeline(aws, PROJECT, MODEL, pipeline), name), folder)


def ended(aws: AwsSession, arn: str) -> tuple[str, str]:
    """Return the status that an execution ends with, and the cause."""
    deadline = time.monotonic() + 30
    while True:
        described = aws.client("stepfunctions").describe_execution(executionArn=arn)
        if described["status"] != "RUNNING":
            return described["status"], described.get("cause", "")
        assert time.monotonic() < deadline, "the execution did not end"
        time.sleep(0.05)


def test_a_run_that_passed_tells_what_it_did(aws: AwsSession, pipeline: str, tmp_path: Path) -> None:
    """States, items, jobs, files, and the job's own report inside of the page."""
    name, arn = started(aws, pipeline, items=[0, 0])
    assert ended(aws, arn) == ("SUCCEEDED", "")
    file = written(aws, pipeline, name, tmp_path)
    assert file == tmp_path / "run.html"
    page = file.read_text()
    report = f"s3://{BUCKET}/{MODEL}/runs/{pipeline}/{name}/evaluate/report/report.html"
    for text in (">Succeeded<", "2 of 2", "Item 1", "Completed", "make logs JOB=evaluate-", report):
        assert text in page
    assert "<iframe sandbox" in page
    assert "srcdoc='<h1>What the job found</h1>'" in page
    target = DeployedPipeline(aws, PROJECT, MODEL, pipeline)
    (run,) = read_snapshot(target, name).jobs
    assert (run.state, run.status, run.instances) == (
        "Evaluate",
        "Completed",
        "1 \N{MULTIPLICATION SIGN} ml.m5.large",
    )
    assert run.seconds is not None
    assert run.outputs == [report.removesuffix("report.html")]


def test_a_run_that_failed_tells_why(aws: AwsSession, pipeline: str, tmp_path: Path) -> None:
    """The job's own words, the end of its log, and the states marked: one done, one failed, one not reached."""
    name, arn = started(aws, pipeline, **{"break": True})
    assert ended(aws, arn)[0] == "FAILED"
    page = written(aws, pipeline, name, tmp_path).read_text()
    for text in (">Failed<", "Break: column &#39;age&#39; is missing; add it", "Remedy: ", "about to break"):
        assert text in page
    assert '<g class="job state succeeded" data-node="Evaluate"' in page
    assert '<g class="job state failed" data-node="Break"' in page
    assert '<g class="map state not-reached" data-node="Each item"' in page


def test_a_run_that_goes_on_and_is_stopped(aws: AwsSession, pipeline: str, tmp_path: Path) -> None:
    """While it runs the page says where it is, and later who stopped it and where."""
    name, arn = started(aws, pipeline, items=[600])
    deadline = time.monotonic() + 30
    target = DeployedPipeline(aws, PROJECT, MODEL, pipeline)
    while not any(visit.state == "Item" for visit in read_snapshot(target, name).visits):
        assert time.monotonic() < deadline, "the execution did not reach its map"
        time.sleep(0.05)
    page = written(aws, pipeline, name, tmp_path).read_text()
    assert ">Running<" in page
    assert '<g class="wait state running" data-node="Item"' in page
    aws.client("stepfunctions").stop_execution(
        executionArn=arn, error="Stopped", cause="Stopped by a person."
    )
    assert ended(aws, arn)[0] == "ABORTED"
    page = written(aws, pipeline, name, tmp_path).read_text()
    for text in (">Stopped<", "Item: Stopped by a person.", '<g class="wait state failed" data-node="Item"'):
        assert text in page


def test_an_unknown_run_is_reported(aws: AwsSession, pipeline: str, tmp_path: Path) -> None:
    """A name that no execution bears, and a pipeline that is not deployed; nothing is written."""
    for where in (pipeline, "nowhere"):
        with pytest.raises(ConfigurationError, match="nobody does not exist"):
            written(aws, where, "nobody", tmp_path)
    assert not list(tmp_path.iterdir())
