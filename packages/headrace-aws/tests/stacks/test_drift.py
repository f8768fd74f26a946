"""What was changed by hand in the stacks, on the local AWS and as CloudFormation answers."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from headrace.errors import ConfigurationError, DeployError
from headrace_aws import naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project, load_project
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.stacks import stack_status
from headrace_aws.stacks.change_set import DesiredStack, deploy_stack
from headrace_aws.stacks.deployed import deployed_stack
from headrace_aws.stacks.drift import (
    Difference,
    DriftReport,
    detect_drift,
    differences_of,
    markdown,
    write_report,
)
from headrace_local.testing import LocalAws

PROJECT = load_project()
TEMPLATE = """
Parameters: {Name: {Type: String}}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Ref Name, VersioningConfiguration: {Status: Enabled}}
  Other:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "${Name}-other"}
"""


@pytest.fixture
def aws(local_aws: LocalAws) -> AwsSession:
    return aws_session(PROJECT, LOCAL, local_aws.home)


@pytest.fixture
def project(aws: AwsSession, tmp_path: Path) -> Project:
    """A project that has one stack, under the name of its data stack."""
    project = PROJECT.model_copy(update={"name": f"t{uuid4().hex[:9]}"})
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    stack = DesiredStack(
        naming.data_stack(project), template, {"Name": project.name}, {"project": project.name}
    )
    deploy_stack(aws, stack, lambda _: None)
    return project


def test_without_a_change_by_hand_there_is_no_drift(
    aws: AwsSession, project: Project, tmp_path: Path
) -> None:
    """The exit status is 0, and the stacks that were compared are named."""
    said: list[str] = []
    assert write_report(detect_drift(aws, project), "local", tmp_path / "drift.md", said.append) == 0
    assert said == [f"no drift in {project.name}-data"]


def test_what_was_changed_or_deleted_by_hand_is_reported(
    aws: AwsSession, project: Project, tmp_path: Path
) -> None:
    """The exit status is 1; stack, resource, property, both values and the remedy are reported and written."""
    s3 = aws.client("s3")
    s3.put_bucket_versioning(Bucket=project.name, VersioningConfiguration={"Status": "Suspended"})
    s3.delete_bucket(Bucket=f"{project.name}-other")
    said: list[str] = []
    assert write_report(detect_drift(aws, project), "local", tmp_path / "dist" / "drift.md", said.append) == 1
    stack = f"{project.name}-data"
    assert said[:6] == [
        f"{stack}: Bucket (AWS::S3::Bucket) /VersioningConfiguration/Status",
        "  expected Enabled",
        "  actual   Suspended",
        f"{stack}: Other (AWS::S3::Bucket)",
        f"  expected {project.name}-other",
        "  actual   deleted",
    ]
    assert said[-1].startswith("remedy: A deploy leaves it as it is")
    text = (tmp_path / "dist" / "drift.md").read_text()
    row = f"| {stack} | Bucket (AWS::S3::Bucket) | `/VersioningConfiguration/Status` | `Enabled` | `Suspended` |"
    assert row in text


def test_a_stack_that_is_not_complete_is_no_good_news(
    aws: AwsSession, project: Project, tmp_path: Path
) -> None:
    """A stack that stands in between is named with its status, and fails the check: nobody knows what it has."""
    stack = naming.data_stack(project)
    deployed = deployed_stack(aws, stack)
    assert deployed
    aws.client("s3").put_object(Bucket=project.name, Key="kept", Body=b"")
    with pytest.raises(DeployError, match=r"is DELETE_FAILED .* and repeat the command"):
        stack_status.delete(aws, deployed, then="repeat the command")
    said: list[str] = []
    assert write_report(detect_drift(aws, project), "local", tmp_path / "drift.md", said.append) == 1
    assert said == [
        f"could not be compared: {stack}: it is DELETE_FAILED, and is compared when it is complete"
    ]


def test_a_value_is_reported_on_one_line_and_cut() -> None:
    """A policy comes as JSON with its layout, and may be long."""
    policy = json.dumps({"Statement": [{"Action": f"s3:Action{number}"} for number in range(50)]}, indent=2)
    [difference] = differences_of(
        "stack",
        {
            "StackId": "arn",
            "LogicalResourceId": "Role",
            "ResourceType": "AWS::IAM::Role",
            "StackResourceDriftStatus": "MODIFIED",
            "Timestamp": "2026-11-22",
            "PropertyDifferences": [
                {
                    "PropertyPath": "/Policies/0",
                    "ExpectedValue": policy,
                    "ActualValue": "null",
                    "DifferenceType": "REMOVE",
                }
            ],
        },
    )
    assert difference.actual == "null"
    assert difference.expected.startswith('{"Statement":[{"Action":"s3:Action0"},')
    assert len(difference.expected) == 300


def test_what_could_not_be_compared_is_no_good_news(tmp_path: Path) -> None:
    """Without a difference, a stack that CloudFormation could not read still fails the check, and is reported."""
    found = DriftReport(("a-data",), (), ("a-data: no permission",))
    assert write_report(found, "dev", tmp_path / "drift.md", lambda _: None) == 1
    assert "Could not be compared:\n\n- a-data: no permission" in (tmp_path / "drift.md").read_text()


def test_a_value_cannot_break_the_table() -> None:
    """A bar would end a cell in Markdown, and a backtick would end code."""
    found = DriftReport(("s",), (Difference("s", "r", "/p", "a|b", "c`d"),), ())
    assert r"| s | r | `/p` | `a\|b` | ``c`d`` |" in markdown(found, "dev")


def test_that_there_is_nothing_is_no_good_news(aws: AwsSession) -> None:
    """Where no stack is, by a wrong name or region perhaps, the check says so and does not pass."""
    with pytest.raises(ConfigurationError, match="local has no stack of nobody in account"):
        detect_drift(aws, PROJECT.model_copy(update={"name": "nobody"}))
