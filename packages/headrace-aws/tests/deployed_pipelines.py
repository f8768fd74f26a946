"""Pipelines that are deployed, to be run."""

import json
from typing import Any
from uuid import uuid4

import pytest

from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.session import aws_session
from headrace_local.testing import LocalAws

PROJECT = load_project()


MODEL = next(iter(PROJECT.models))


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture
def pipeline(local_aws: LocalAws) -> DeployedPipeline:
    """A pipeline with a name of its own, that is not deployed."""
    return DeployedPipeline(
        aws_session(PROJECT, LOCAL, local_aws.home), PROJECT, MODEL, f"p{uuid4().hex[:8]}"
    )


def deployed(pipeline: DeployedPipeline, **state: Any) -> None:
    """Deploy a state machine of one state, called Only."""
    name = pipeline.machine.rpartition(":")[2]
    role = pipeline.aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    pipeline.states.create_state_machine(
        name=name,
        definition=json.dumps({"StartAt": "Only", "States": {"Only": state}}),
        roleArn=role["Role"]["Arn"],
    )
