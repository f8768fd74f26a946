"""The IAM actions that a definition needs."""

import pytest

from headrace_aws.asl.checks.actions import actions
from headrace_aws.config.project import load_project
from pipelines.training import definition

PROJECT = load_project()
JOB_RULES = {"events:PutTargets", "events:PutRule", "events:DescribeRule"}


def test_training_needs_exactly_these() -> None:
    """The training pipeline starts two kinds of jobs, passes a role, and calls five services beside."""
    assert actions(definition(PROJECT, next(iter(PROJECT.models)))) == {
        *JOB_RULES,
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "ecr:BatchGetImage",
        "ecr:DescribeImages",
        "iam:PassRole",
        "s3:GetObject",
        "s3:PutObject",
        "sagemaker:AddTags",
        "sagemaker:CreateModelPackage",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateTrainingJob",
        "sagemaker:DescribeModelPackage",
        "sagemaker:DescribeProcessingJob",
        "sagemaker:DescribeTrainingJob",
        "sagemaker:ListModelPackages",
        "sagemaker:ListTags",
        "sagemaker:StopProcessingJob",
        "sagemaker:StopTrainingJob",
        "sns:Publish",
        "states:DescribeExecution",
    }


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("sns:publish", {"sns:Publish"}),
        ("aws-sdk:s3:listObjectsV2", {"s3:ListBucket"}),
        ("aws-sdk:sfn:listExecutions", {"states:ListExecutions"}),
        (
            "aws-sdk:sagemaker:createModelPackage",
            {"sagemaker:CreateModelPackage", "s3:GetObject", "ecr:BatchGetImage", "ecr:DescribeImages"},
        ),
        (
            "states:startExecution.sync:2",
            {"states:StartExecution", "states:DescribeExecution", "states:StopExecution", *JOB_RULES},
        ),
        (
            "sagemaker:createTransformJob.sync",
            {
                "sagemaker:CreateTransformJob",
                "sagemaker:DescribeTransformJob",
                "sagemaker:StopTransformJob",
                "sagemaker:AddTags",
                "sagemaker:ListTags",
                *JOB_RULES,
            },
        ),
    ],
)
def test_actions_of_one_call(resource: str, expected: set[str]) -> None:
    """Each way to call a service needs its actions and no more."""
    states = {"Call": {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": {}}}
    assert actions({"States": states}) == expected


def test_calls_inside_maps_count() -> None:
    """A distributed Map starts executions, and reads its items with a call of its own."""
    inner = {"Call": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {}}}
    states = {
        "Each": {
            "Type": "Map",
            "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2"},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "States": inner},
        }
    }
    assert actions({"States": states}) == {
        "sns:Publish",
        "s3:ListBucket",
        "states:StartExecution",
        "states:DescribeExecution",
        "states:StopExecution",
    }
