"""A server that was killed: what is kept of it, what is ended of it, and what a person is told."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError
from local_jobs import SETTINGS, Jobs, is_alive, jobs_on, trust
from waiting import wait_for

from headrace_local.__main__ import main
from headrace_local.files import state_file
from headrace_local.leftovers import MARK
from headrace_local.lifecycle import running, start, stop
from headrace_local.saving import last_save_error
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


def executions(aws: LocalAws) -> tuple[str, str, str]:
    """Start three executions; return the ARN of one that has ended, and of two that never will, the last one last."""
    role = aws.client("iam").create_role(RoleName="machines", AssumeRolePolicyDocument=trust("states"))
    states = aws.client("stepfunctions")
    machine = states.create_state_machine(
        name="waits",
        definition=json.dumps({"StartAt": "Wait", "States": STATES}),
        roleArn=role["Role"]["Arn"],
    )["stateMachineArn"]
    endless, short, last = (
        str(
            states.start_execution(stateMachineArn=machine, input=json.dumps({"seconds": seconds}))[
                "executionArn"
            ]
        )
        for seconds in (600, 0, 600)
    )
    wait_for(lambda: bool(states.describe_execution(executionArn=short)["status"] == "SUCCEEDED"))
    return short, endless, last


def heard_ends(aws: LocalAws) -> list[str]:
    """Return the executions whose end by the server a rule has sent to the queue `ends`, which is made where there is none."""
    queues, rules = aws.client("sqs"), aws.client("events")
    url = queues.create_queue(QueueName="ends")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.states"], "detail": {"error": ["LocalAws.Stopped"]}}
    rules.put_rule(Name="ends", EventPattern=json.dumps(pattern))
    rules.put_targets(Rule="ends", Targets=[{"Id": "queue", "Arn": arn}])
    messages = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get(
        "Messages", []
    )
    return [json.loads(message["Body"])["detail"]["executionArn"] for message in messages]


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

    What had just begun is known too, and its end is an event that rules see.

    `server.json` is still there, but counts for nothing; `up` says that the server was killed, and from when its
    content is.
    """
    killed = start(home, SETTINGS)
    aws = LocalAws(killed)
    aws.client("cloudformation").create_stack(StackName="kept", TemplateBody=json.dumps(TOPIC))
    _, request, processes = running_job(aws)
    aws.client("s3").create_bucket(Bucket="kept")
    assert heard_ends(aws) == []
    short, endless, last = executions(aws)
    wait_for(lambda: state_file(home).exists() and last.encode() in state_file(home).read_bytes())
    os.kill(killed.pid, signal.SIGKILL)
    wait_for(lambda: running(home) is None)
    assert (home / "server.json").exists()
    assert [is_alive(number) for number in processes] == [True, True]
    stop(home)
    assert main(["--home", str(home), "up"]) == 0
    told = capsys.readouterr()
    assert told.err.startswith(
        "the last local AWS was killed, or could not save its state; its content is that of 20"
    )
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
    assert sorted(wait_for(lambda: heard_ends(aws), lambda ends: len(ends) == 2)) == sorted([endless, last])
    assert [each["Name"] for each in aws.client("s3").list_buckets()["Buckets"]] == ["job-tests", "kept"]
    job = aws.client("sagemaker").describe_processing_job(ProcessingJobName=request["ProcessingJobName"])
    assert job["ProcessingJobStatus"] == "Failed"
    assert main(["--home", str(home), "up"]) == 0
    assert capsys.readouterr().err == ""


def test_a_server_whose_folder_is_removed_ends(tmp_path: Path) -> None:
    """With the clone its server goes, and what runs on it; into a new folder in its place it writes nothing."""
    folder = tmp_path / "clone"
    server = start(folder, SETTINGS)
    _, _, processes = running_job(LocalAws(server))
    shutil.rmtree(folder)
    folder.mkdir()
    wait_for(lambda: not any(map(is_alive, processes)))
    wait_for(lambda: not is_alive(server.pid))
    assert not list(folder.iterdir())


def test_a_state_that_cannot_be_saved_is_reported(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`save` and `down` end with 1 and the reason, and nothing is lost: the server runs on until it can save.

    One that is killed meanwhile loses it, and the next `status` and `up` say so; then all is well again.

    Half files that a kill has left do not keep a server from starting.
    """
    at = ["--home", str(home)]
    for name in ("server.json", "server.lock", "server.new", "settings.new", "state.new", "change.lock"):
        (home / name).write_text("half")
    server = start(home, SETTINGS)
    in_the_way = state_file(home).with_suffix(".new")
    LocalAws(server).client("s3").create_bucket(Bucket="saved")
    assert main([*at, "save"]) == 0
    in_the_way.mkdir()  # as a full disk, or a folder that is read-only
    LocalAws(server).client("s3").create_bucket(Bucket="lost")
    wait_for(lambda: last_save_error(server.endpoint))
    assert capsys.readouterr().err == ""
    cannot = "the local AWS could not save what it holds (Is a directory: "
    for command, words in {"save": cannot, "down": f"the local AWS was not stopped: {cannot}"}.items():
        assert main([*at, command]) == 1
        assert capsys.readouterr().err.startswith(f"error: {words}")
        assert running(home) == server
    os.kill(server.pid, signal.SIGTERM)
    wait_for(lambda: not is_alive(server.pid))
    assert main([*at, "status"]) == 1
    assert "killed, or could not save its state; its content is that of 20" in capsys.readouterr().out
    in_the_way.rmdir()
    assert main([*at, "up"]) == 0
    assert "could not save its state; its content is that of 20" in capsys.readouterr().err
    restarted = running(home)
    assert restarted
    assert last_save_error(restarted.endpoint) == ""
    assert [each["Name"] for each in LocalAws(restarted).client("s3").list_buckets()["Buckets"]] == ["saved"]


LEFT = {"server.json": '{"port": 1, "pid": PID}', "server.lock": "PID"}


@pytest.mark.parametrize(
    "left",
    [
        LEFT,
        {"server.json": "", "server.lock": ""},
        {"server.json": '{"port": 1, "pi', "server.lock": ""},
        {"server.json": "[]", "server.lock": "\x00\xff"},
        {"server.json": "{}", "server.lock": "no number"},
        {"server.json": '{"port": "x", "pid": "y"}', "server.lock": "-1"},
        LEFT | {"state.new": "half of a st"},
        LEFT | {"server.new": '{"po', "settings.new": "{"},
        LEFT | {"change.lock": "`up` (process PID, since 10:00:00)"},
        LEFT | {"server.log": ""},
        LEFT | {"jobs/job/arn": "", "jobs/job/algo-1.scratch/file": ""},
    ],
    ids=str,
)
def test_what_a_kill_leaves_is_reported_and_in_nobodys_way(
    left: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever files a killed server or command left, or a reboot: `status` and `down` say so in one line, and `reset` works.

    The pid in them, another process's by now, is left alone; a process of a job that was left is ended.
    """
    home, at = tmp_path / "home", ["--home", str(tmp_path / "home")]
    command = [sys.executable, "-c", "input()"]
    marked = {MARK: str(home / "jobs" / "job" / "algo-1")}
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE) as innocent,
        subprocess.Popen(command, stdin=subprocess.PIPE, env=marked) as job,
    ):
        for name, content in left.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(content.replace("PID", str(innocent.pid)), encoding="latin-1")
        words = "the last local AWS was killed, or could not save its state; nothing of it had been saved"
        assert main([*at, "status"]) == 1
        assert capsys.readouterr().out == f"not running ({home}): {words}\n"
        wait_for(lambda: MARK.encode() in Path(f"/proc/{job.pid}/environ").read_bytes())
        assert main([*at, "down"]) == 0
        assert capsys.readouterr().out == (
            f"the local AWS was not running: {words}; ended the processes of jobs that it had left: {job.pid}\n"
        )
        assert job.wait(10) == -signal.SIGKILL
        assert innocent.poll() is None
        assert main([*at, "reset"]) == 0
        assert not home.exists()
        innocent.communicate(b"\n", timeout=10)


def test_no_stack_is_saved_half_way(home: Path) -> None:
    """A server that is killed while a stack is created or updated has it, when it is up again, as it was or as it should be."""
    aws = LocalAws(start(home, SETTINGS))
    cloudformation, s3 = aws.client("cloudformation"), aws.new_client("s3")
    s3.create_bucket(Bucket="others")

    def template(version: int) -> str:
        topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": str(version)}}
        return json.dumps({"Resources": {f"T{number}": topic for number in range(20)}})

    def deploy() -> None:
        with suppress(BotoCoreError):  # the server was killed
            cloudformation.create_stack(StackName="s", TemplateBody=template(0))
            for version in range(1, 1000):
                cloudformation.update_stack(StackName="s", TemplateBody=template(version))

    deploying = threading.Thread(target=deploy)
    deploying.start()
    saved = []
    for _ in range(2):
        s3.put_object(Bucket="others", Key="object", Body=b"")  # has the state saved
        saved.append(state_file(home).stat().st_mtime if state_file(home).exists() else 0)
        wait_for(lambda: state_file(home).exists() and state_file(home).stat().st_mtime > saved[-1])
    os.kill(aws.server.pid, signal.SIGKILL)
    deploying.join(60)
    wait_for(lambda: running(home) is None)
    [stack] = LocalAws(start(home)).client("cloudformation").describe_stacks(StackName="s")["Stacks"]
    assert stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
