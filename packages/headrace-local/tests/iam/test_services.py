"""State machines, jobs, rules: what they do, they do as their role, and no more than it may."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from enforced import ACCOUNT, REGION, USER, Enforced, allow, session_arn

HERE = f"{REGION}:{ACCOUNT}"
BUCKET, BUCKET_ARN = "services", "arn:aws:s3:::services"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/image:x"
MANAGED_RULES = allow(["events:PutRule", "events:PutTargets", "events:DescribeRule"])


def trusting(service: str) -> dict[str, Any]:
    return USER | {"Principal": {"Service": f"{service}.amazonaws.com"}}


def until(found: Callable[[], Any]) -> Any:
    """Return what is found, once there is something."""
    deadline = time.monotonic() + 20
    while not (result := found()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return result


def ran(enforced: Enforced, task: dict[str, Any], *statements: dict[str, Any]) -> dict[str, Any]:
    """Return the description of an ended execution of one task, by a role that may do this."""
    role = enforced.role(*statements, trust=trusting("states"))
    states = enforced.client("stepfunctions")
    definition = {"StartAt": "Task", "States": {"Task": {"Type": "Task", "End": True, **task}}}
    machine = states.create_state_machine(
        name=role.rpartition("/")[2], definition=json.dumps(definition), roleArn=role
    )
    execution = states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]

    def ended() -> Any:
        found = states.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    return dict(until(ended)) | {"role": role}


@pytest.fixture(scope="module")
def bucket(enforced: Enforced) -> Any:
    """S3, with a bucket and an object in it."""
    s3 = enforced.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=BUCKET, Key="in/a", Body=b"x")
    return s3


def job(role: str, name: str, **others: Any) -> dict[str, Any]:
    """Return the request of a processing job that copies its input to its output."""
    code = (
        "import os, pathlib, shutil; ml = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR']) / 'processing'; "
        "print('copying'); shutil.copytree(ml / 'in', ml / 'out', dirs_exist_ok=True)"
    )
    return {
        "ProcessingJobName": name,
        "RoleArn": role,
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python", "-c", code]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
        "ProcessingInputs": [
            {
                "InputName": "in",
                "S3Input": {
                    "S3Uri": f"s3://{BUCKET}/in/",
                    "LocalPath": "/opt/ml/processing/in",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "out",
                    "S3Output": {
                        "S3Uri": f"s3://{BUCKET}/out/{name}/",
                        "LocalPath": "/opt/ml/processing/out",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        **others,
    }


LIST = allow("s3:ListBucket", BUCKET_ARN)
READ = allow("s3:GetObject", f"{BUCKET_ARN}/in/*")
WRITE = allow("s3:PutObject", f"{BUCKET_ARN}/out/*")
LOG = allow("logs:*", f"arn:aws:logs:{HERE}:log-group:/aws/sagemaker/*")


def processed(enforced: Enforced, name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """Return the description of an ended job, by a role that may do this."""
    role = enforced.role(*statements, trust=trusting("sagemaker"))
    sagemaker = enforced.client("sagemaker")
    sagemaker.create_processing_job(**job(role, name))

    def ended() -> Any:
        found = sagemaker.describe_processing_job(ProcessingJobName=name)
        return found if found["ProcessingJobStatus"] in ("Completed", "Failed") else None

    return dict(until(ended))


def test_a_job_reads_writes_and_logs_as_its_role(enforced: Enforced, bucket: Any) -> None:
    """With the three permissions it completes, and its log is there."""
    done = processed(enforced, "allowed", LIST, READ, WRITE, LOG)
    assert done["ProcessingJobStatus"] == "Completed", done
    assert bucket.get_object(Bucket=BUCKET, Key="out/allowed/a")["Body"].read() == b"x"
    assert streams(enforced, "allowed")


def streams(enforced: Enforced, name: str) -> list[Any]:
    found = enforced.client("logs").describe_log_streams(
        logGroupName="/aws/sagemaker/ProcessingJobs", logStreamNamePrefix=name
    )
    return list(found["logStreams"])


@pytest.mark.parametrize(
    ("name", "statements", "action", "resource"),
    [
        ("no-list", [READ, WRITE], "s3:ListBucket", BUCKET_ARN),
        ("no-read", [LIST, WRITE], "s3:GetObject", f"{BUCKET_ARN}/in/a"),
        ("no-write", [LIST, READ], "s3:PutObject", f"{BUCKET_ARN}/out/no-write/a"),
    ],
)
@pytest.mark.usefixtures("bucket")
def test_a_job_that_may_not_fails_with_the_words_of_s3(
    enforced: Enforced, name: str, statements: list[dict[str, Any]], action: str, resource: str
) -> None:
    """AccessDenied, the role, the action, the bucket, the object."""
    done = processed(enforced, name, LOG, *statements)
    assert done["ProcessingJobStatus"] == "Failed"
    reason = done["FailureReason"]
    assert reason.startswith("ClientError: ")
    assert "AccessDenied" in reason
    assert f"s3://{BUCKET}/" in reason
    who = session_arn(done["RoleArn"], "SageMaker")
    assert f'User: {who} is not authorized to perform: {action} on resource: "{resource}"' in reason


@pytest.mark.usefixtures("bucket")
def test_a_job_that_may_not_log_completes_in_silence(enforced: Enforced) -> None:
    """As on AWS: nothing of it is in CloudWatch Logs."""
    processed(enforced, "talks", LIST, READ, WRITE, LOG)  # so that the log group is there
    assert processed(enforced, "silent", LIST, READ, WRITE)["ProcessingJobStatus"] == "Completed"
    assert streams(enforced, "silent") == []


@pytest.mark.usefixtures("bucket")
def test_a_training_job_whose_role_may_not_list_is_refused(enforced: Enforced) -> None:
    """CreateTrainingJob looks at its channels as the job's role."""
    role = enforced.role(READ, WRITE, trust=trusting("sagemaker"))
    with pytest.raises(
        ClientError, match=f'role "{role}" has "s3:ListBucket" permissions on bucket "{BUCKET}"'
    ):
        enforced.client("sagemaker").create_training_job(
            TrainingJobName="no-list",
            RoleArn=role,
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            InputDataConfig=[
                {
                    "ChannelName": "train",
                    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/"}},
                }
            ],
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out/"},
            ResourceConfig={"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
        )


@pytest.mark.usefixtures("bucket")
def test_a_task_acts_as_the_role_of_its_machine(enforced: Enforced) -> None:
    """What the role may, the task may; a session of it is who calls."""
    get = {
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": BUCKET, "Key": "in/a"},
    }
    assert ran(enforced, get, READ)["status"] == "SUCCEEDED"
    whoami = {"Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity", "Parameters": {}}
    done = ran(enforced, whoami)
    assert json.loads(done["output"])["Arn"] == session_arn(done["role"], "states")


CREATE = {
    "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
    "Parameters": job(f"arn:aws:iam::{ACCOUNT}:role/jobs", "refused"),
}
START = allow("sagemaker:CreateProcessingJob", f"arn:aws:sagemaker:{HERE}:processing-job/refused")


REFUSED = [
    # The task, what the role may, the error's name or its beginning, what is refused.
    (
        CREATE,
        [MANAGED_RULES],
        "SageMaker.AmazonSageMakerException",
        f"sagemaker:CreateProcessingJob on resource: arn:aws:sagemaker:{HERE}:processing-job/refused",
    ),
    (
        CREATE,
        [MANAGED_RULES, START],
        "SageMaker.AmazonSageMakerException",
        f"iam:PassRole on resource: arn:aws:iam::{ACCOUNT}:role/jobs",
    ),
    (
        {"Resource": "arn:aws:states:::aws-sdk:s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}},
        [],
        "S3.",
        's3:GetObject on resource: "arn:aws:s3:::b/k"',
    ),
    (
        {
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {"TopicArn": f"arn:aws:sns:{HERE}:t", "Message": "m"},
        },
        [],
        "SNS.AuthorizationErrorException",
        f"SNS:Publish on resource: arn:aws:sns:{HERE}:t",
    ),
    (
        {
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": {"TableName": "t", "Item": {"model": {"S": "toy"}}},
        },
        [],
        "DynamoDB.",
        f"dynamodb:PutItem on resource: arn:aws:dynamodb:{HERE}:table/t",
    ),
]


@pytest.mark.parametrize(("task", "statements", "error", "refused"), REFUSED)
def test_a_task_that_may_not_fails_with_the_words_of_its_service(
    enforced: Enforced, task: dict[str, Any], statements: list[Any], error: str, refused: str
) -> None:
    """The error of the integration, and AWS's sentence in the cause."""
    done = ran(enforced, task, *statements)
    assert done["status"] == "FAILED"
    assert (
        f"User: {session_arn(done['role'], 'states')} is not authorized to perform: {refused} "
        in done["cause"]
    )
    assert done["error"].startswith(error)


def test_a_machine_that_waits_needs_a_rule(enforced: Enforced) -> None:
    """A role that may not make Step Functions' managed rule is refused when the machine is made."""
    with pytest.raises(ClientError, match=r"AccessDeniedException.*not authorized to create managed-rule"):
        ran(enforced, CREATE, START)


def test_a_rule_acts_as_the_role_of_its_target(enforced: Enforced) -> None:
    """A machine is started by a role that may start it, and by no other."""
    states, events = enforced.client("stepfunctions"), enforced.client("events")
    machine = states.create_state_machine(
        name="fired",
        definition='{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
        roleArn=enforced.role(trust=trusting("states")),
    )["stateMachineArn"]
    for name, statements in (("may-not", []), ("may", [allow("states:StartExecution", machine)])):
        role = enforced.role(*statements, trust=trusting("events"))
        events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
        events.put_targets(
            Rule=name, Targets=[{"Id": "1", "Arn": machine, "RoleArn": role, "Input": f'"{name}"'}]
        )
        events.put_events(Entries=[{"Source": name, "DetailType": "d", "Detail": "{}"}])
    started = until(lambda: states.list_executions(stateMachineArn=machine)["executions"])
    inputs = [states.describe_execution(executionArn=each["executionArn"])["input"] for each in started]
    assert inputs == ['"may"']  # deliveries are made in order: the other one was refused before
