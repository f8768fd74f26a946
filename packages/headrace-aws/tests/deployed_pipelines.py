"""Pipelines that are deployed, to be run."""

import json
from typing import Any

from headrace_aws.runs.pipeline import DeployedPipeline

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def deployed(pipeline: DeployedPipeline, **state: Any) -> None:
    """Deploy a state machine of one state, called Only."""
    name = pipeline.machine.rpartition(":")[2]
    role = pipeline.aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    pipeline.states.create_state_machine(
        name=name,
        definition=json.dumps({"StartAt": "Only", "States": {"Only": state}}),
        roleArn=role["Role"]["Arn"],
    )
