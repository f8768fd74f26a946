"""Protected stacks, on the local AWS: what can no longer happen to them, and how it can again."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from headrace.errors import DeployError
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.stacks.change_set import DesiredStack, deploy_stack
from headrace_local.testing import LocalAws

TEMPLATE = """
Parameters: {Name: {Type: String}}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Ref Name}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Ref Name}
"""


@pytest.fixture
def aws(local_aws: LocalAws) -> AwsSession:
    return aws_session(load_project(), LOCAL, local_aws.home)


@pytest.fixture
def stack(aws: AwsSession, tmp_path: Path) -> DesiredStack:
    """A protected stack that is there, with a bucket, which has state, and a queue."""
    name = f"test-{uuid4().hex[:8]}"
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    made = DesiredStack(name, template, {"Name": name}, {}, protected=True)
    deploy_stack(aws, made, lambda _: None)
    return made


def renamed(stack: DesiredStack) -> DesiredStack:
    """Return the stack with new names for all in it, which replaces all in it."""
    return replace(stack, parameters={"Name": f"{stack.name}-2"})


def test_a_protected_stack_cannot_be_deleted(aws: AwsSession, stack: DesiredStack) -> None:
    """From its creation on CloudFormation refuses, whoever asks."""
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        aws.client("cloudformation").delete_stack(StackName=stack.name)


def test_what_has_state_is_not_replaced(aws: AwsSession, stack: DesiredStack) -> None:
    """The update is rolled back with the reason, and the bucket is the one that it was."""
    with pytest.raises(DeployError, match=r"(?s)UPDATE_ROLLBACK_COMPLETE.*Bucket .*denied by stack policy"):
        deploy_stack(aws, renamed(stack), lambda _: None)
    aws.client("s3").head_bucket(Bucket=stack.name)


def test_what_has_no_state_is_replaced_as_ever(aws: AwsSession, stack: DesiredStack) -> None:
    """Protection hinders no deployment that loses nothing."""
    text = stack.template.read_text().replace("QueueName: !Ref Name", "QueueName: !Sub '${Name}-other'")
    stack.template.write_text(text)
    said: list[str] = []
    deploy_stack(aws, stack, said.append)
    assert any("Queue" in line and "replaced" in line for line in said)
    assert not any("state" in line or "deleted" in line for line in said)  # it was protected already


def test_protection_ends_when_it_is_no_longer_wanted(aws: AwsSession, stack: DesiredStack) -> None:
    """It ends before the update, which may then replace; it is reported once, and the stack can be deleted."""
    open_stack = replace(renamed(stack), protected=False)
    said: list[str] = []
    deploy_stack(aws, open_stack, said.append)
    assert said[:2] == [
        f"{stack.name}: can be deleted again",
        f"{stack.name}: what has state may be replaced again",
    ]
    said.clear()
    deploy_stack(aws, open_stack, said.append)
    assert said == [f"{stack.name}: no change"]
    aws.client("cloudformation").delete_stack(StackName=stack.name)


def test_protection_begins_before_the_update(aws: AwsSession, stack: DesiredStack) -> None:
    """An environment that becomes protected is so from the very next deployment on, which may replace nothing."""
    deploy_stack(aws, replace(stack, protected=False), lambda _: None)
    with pytest.raises(DeployError, match="denied by stack policy"):
        deploy_stack(aws, renamed(stack), lambda _: None)
