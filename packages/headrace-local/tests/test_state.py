"""What a restart keeps, and what happens to a file that cannot be read."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from local_jobs import SETTINGS, is_alive, jobs_on, trust
from waiting import wait_for

from headrace_local import record
from headrace_local.__main__ import main
from headrace_local.errors import LocalAwsError
from headrace_local.files import state_file
from headrace_local.lifecycle import Server, start, stop
from headrace_local.state import header, load

ROOT = Path(__file__).resolve().parents[1]

IGNORES_SIGTERM = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid()); time.sleep(60)"
)
WAITS = "WaitStateEntered"
SESSION = boto3.Session("local", "local", region_name="us-east-1")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    stop(tmp_path)


@cache
def client(server: Server, service: str) -> Any:
    session: Any = SESSION
    return session.client(service, endpoint_url=server.endpoint)


def fill(server: Server) -> str:
    """Put something into each service; return the ARN of an execution that waits."""
    client(server, "s3").create_bucket(Bucket="kept")
    client(server, "s3").put_object(Bucket="kept", Key="a/b", Body=b"content", Metadata={"k": "v"})
    client(server, "kms").create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")
    client(server, "sns").create_topic(Name="kept")
    client(server, "sqs").create_queue(QueueName="kept")
    client(server, "ssm").put_parameter(Name="/kept", Value="v", Type="String")
    client(server, "logs").create_log_group(logGroupName="/kept")
    client(server, "events").put_rule(Name="kept", ScheduleExpression="rate(1 day)")
    client(server, "sagemaker").create_model_package_group(ModelPackageGroupName="kept")
    client(server, "dynamodb").create_table(
        TableName="kept",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "run", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "run", "KeyType": "HASH"}],
    )
    client(server, "dynamodb").put_item(TableName="kept", Item={"run": {"S": "1"}})
    topic = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "of-a-stack"}}}}
    client(server, "cloudformation").create_stack(StackName="kept", TemplateBody=json.dumps(topic))
    iam = client(server, "iam")
    role = iam.create_role(RoleName="kept", AssumeRolePolicyDocument=trust("states"))["Role"]["Arn"]
    states = {"Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "End": True}}
    machine = client(server, "stepfunctions").create_state_machine(
        name="kept", definition=json.dumps({"StartAt": "Wait", "States": states}), roleArn=role
    )["stateMachineArn"]
    started = client(server, "stepfunctions").start_execution(
        stateMachineArn=machine, name="running", input=json.dumps({"seconds": 600})
    )
    wait_for(lambda: WAITS in kinds(server, started["executionArn"]))
    return str(started["executionArn"])


def kinds(server: Server, execution: str) -> list[str]:
    """Return the types of the events of an execution."""
    history = client(server, "stepfunctions").get_execution_history(executionArn=execution)
    return [event["type"] for event in history["events"]]


def test_a_restart_keeps_what_was_there(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every service has after down and up what it had before; what ran is ended, and says so.

    A job is ended by SIGKILL when it ignores SIGTERM. A server that was started from other code is started again by
    `up`, which says it.
    """
    monkeypatch.setenv("HEADRACE_LOCAL_STOP_GRACE_SECONDS", "0.3")
    former = start(home, SETTINGS)
    execution = fill(former)
    jobs = jobs_on(lambda service: client(former, service), home)
    request = jobs.training("interrupted", IGNORES_SIGTERM)
    jobs.create(request)
    jobs.wait_for_log("interrupted", "\n")
    known = record.read(home)
    assert known is not None
    record.write(home, replace(known, source="other code"))
    assert main(["--home", str(home), "up"]) == 0
    assert (
        capsys.readouterr().err
        == "the code or the settings of the local AWS have changed: it was started again, with its content\n"
    )
    server = start(home, SETTINGS)
    assert server.pid != former.pid
    assert not is_alive(int(jobs.log("interrupted")))
    job = client(server, "sagemaker").describe_training_job(TrainingJobName="interrupted")
    assert (job["TrainingJobStatus"], job["RoleArn"]) == ("Failed", request["RoleArn"])
    assert job["FailureReason"].startswith("InternalServerError: the local AWS was stopped")
    stored = client(server, "s3").get_object(Bucket="kept", Key="a/b")
    assert (stored["Body"].read(), stored["Metadata"]) == (b"content", {"k": "v"})
    keys = client(server, "sts").assume_role(
        RoleArn="arn:aws:iam::333333333333:role/other", RoleSessionName="other"
    )["Credentials"]
    other: Any = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name="us-east-1"
    )
    from_elsewhere = other.client("s3", endpoint_url=server.endpoint)
    assert from_elsewhere.get_object(Bucket="kept", Key="a/b")["ContentLength"] == 7
    assert len(client(server, "kms").list_keys()["Keys"]) == 1
    topics = client(server, "sns").list_topics()["Topics"]
    assert [topic["TopicArn"].rsplit(":", 1)[1] for topic in topics] == ["kept", "of-a-stack"]
    assert client(server, "sqs").get_queue_url(QueueName="kept")["QueueUrl"].endswith("/kept")
    assert client(server, "ssm").get_parameter(Name="/kept")["Parameter"]["Value"] == "v"
    assert client(server, "logs").describe_log_groups(logGroupNamePrefix="/k")["logGroups"]
    assert client(server, "events").list_rules()["Rules"][0]["Name"] == "kept"
    assert client(server, "sagemaker").describe_model_package_group(ModelPackageGroupName="kept")
    assert client(server, "dynamodb").scan(TableName="kept")["Count"] == 1
    (stack,) = client(server, "cloudformation").describe_stacks(StackName="kept")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    states = client(server, "stepfunctions")
    described = states.describe_execution(executionArn=execution)
    assert (described["status"], described["error"]) == ("ABORTED", "LocalAws.Stopped")
    assert kinds(server, execution)[:2] == ["ExecutionStarted", WAITS]
    # What was restored works: a new execution of the restored machine, by the restored role.
    again = states.start_execution(stateMachineArn=described["stateMachineArn"], input='{"seconds": 600}')
    states.stop_execution(executionArn=again["executionArn"])
    assert states.describe_execution(executionArn=again["executionArn"])["status"] == "ABORTED"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"\x00" * 100, "damaged", id="damaged"),
        pytest.param(b"", "damaged", id="empty"),
        pytest.param(b'{"moto": "4.0.0"}\n...', r"written by .*4\.0\.0", id="another version"),
        pytest.param(header() + b"\x80\x05no pickle", "does not fit this code", id="no pickle"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes, reason: str) -> None:
    """The message gives the reason, the file and the remedy; nothing is dropped without a word."""
    digest = b"" if reason == "damaged" else hashlib.sha256(content).digest()
    state_file(tmp_path).write_bytes(content + digest)
    with pytest.raises(LocalAwsError, match=rf"(?s){reason}.*command `reset`.*{tmp_path}/state"):
        load(tmp_path)


def test_a_full_disk_leaves_the_former_state(tmp_path: Path) -> None:
    """When the new state cannot be written whole, the former one stands, and no half of the new one is left."""
    state_file(tmp_path).write_bytes(b"former")
    # No file of this process may grow beyond a few bytes, as on a disk without room.
    code = (
        "import resource, signal, sys; from pathlib import Path; from headrace_local import state; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16)); "
        "state.save(Path(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "File too large" in done.stderr
    assert state_file(tmp_path).read_bytes() == b"former"
    assert [file.name for file in tmp_path.iterdir()] == [state_file(tmp_path).name]
