"""A server that was killed: what is kept of it, what is ended of it, and what a person is told."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_jobs import SETTINGS, Jobs, is_alive, jobs_on, trust
from waiting import wait_for

from headrace_local.__main__ import main
from headrace_local.files import state_file
from headrace_local.lifecycle import running, start, stop
from headrace_local.testing import LocalAws

TOPIC = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "of-a-stack"}}}}
STATES = {"Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "End": True}}
FOR_EVER = """
import subprocess
child = subprocess.Popen(['sleep', '60'], start_new_session=True)
print(os.getpid(), child.pid)
time.sleep(60)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    stop(tmp_path)


def executions(aws: LocalAws) -> tuple[str, str]:
    """Start two executions; return the ARN of one that has ended, and of one that never will."""
    role = aws.client("iam").create_role(RoleName="machines", AssumeRolePolicyDocument=trust("states"))
    states = aws.client("stepfunctions")
    machine = states.create_state_machine(
        name="waits",
        definition=json.dumps({"StartAt": "Wait", "States": STATES}),
        roleArn=role["Role"]["Arn"],
    )["stateMachineArn"]
    endless, short = (
        str(
            states.start_execution(stateMachineArn=machine, input=json.dumps({"seconds": seconds}))[
                "executionArn"
            ]
        )
        for seconds in (600, 0)
    )
    wait_for(lambda: bool(states.describe_execution(executionArn=short)["status"] == "SUCCEEDED"))
    return short, endless


def running_job(aws: LocalAws) -> tuple[Jobs, dict[str, Any], list[int]]:
    """Start a job; return its request, its process and one that left its session."""
    jobs = jobs_on(aws.client, aws.home)
    jobs.put("in/rows.csv")
    request = jobs.processing("endless", FOR_EVER, ProcessingInputs=[jobs.input("raw", "in/")])
    jobs.create(request)
    jobs.wait_for_log("endless", "\n")
    return jobs, request, [int(number) for number in jobs.log("endless").split()]


def test_a_killed_server_keeps_what_had_ended(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After kill -9: stacks and executions that had ended are there, what ran has failed, no process is left of it.

    `server.json` is still there, but counts for nothing; `up` says that the server was killed, and from when its
    content is.
    """
    killed = start(home, SETTINGS)
    aws = LocalAws(killed)
    aws.client("cloudformation").create_stack(StackName="kept", TemplateBody=json.dumps(TOPIC))
    _, request, processes = running_job(aws)
    short, endless = executions(aws)
    wait_for(lambda: state_file(home).exists() and b"SUCCEEDED" in state_file(home).read_bytes())
    os.kill(killed.pid, signal.SIGKILL)
    wait_for(lambda: running(home) is None)
    assert (home / "server.json").exists()
    assert [is_alive(number) for number in processes] == [True, True]
    stop(home)
    assert main(["--home", str(home), "up"]) == 0
    told = capsys.readouterr()
    assert told.err.startswith("the last local AWS was killed; its content is that of 20")
    assert told.err.count("\n") == 1
    assert [is_alive(number) for number in processes] == [False, False]
    kept = sorted(path.name for path in (home / "jobs" / "endless").rglob("*") if path.is_file())
    assert kept == ["algo-1.log", "arn", "processingjobconfig.json", "resourceconfig.json"]
    server = running(home)
    assert server is not None
    assert server.pid != killed.pid
    aws = LocalAws(server)
    (stack,) = aws.client("cloudformation").describe_stacks(StackName="kept")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    states = aws.client("stepfunctions")
    assert states.describe_execution(executionArn=short)["status"] == "SUCCEEDED"
    lost = states.describe_execution(executionArn=endless)
    assert (lost["status"], lost["error"]) == ("ABORTED", "LocalAws.Stopped")
    job = aws.client("sagemaker").describe_processing_job(ProcessingJobName=request["ProcessingJobName"])
    assert job["ProcessingJobStatus"] == "Failed"
    assert main(["--home", str(home), "up"]) == 0
    assert capsys.readouterr().err == ""
