"""Runs parts of a pipeline by the local AWS's state machine, on real tables and topics, without its jobs.

An image of another name fails as on AWS, and what jobs would leave behind is given instead, by starting at the state
that reads it.
"""

import json
import time
from itertools import count
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from headrace_aws.asl.placeholders import NAMES
from headrace_aws.config.project import load_project

if TYPE_CHECKING:
    from headrace_local.testing import LocalAws

ACCOUNT = "000000000000"
_LIMIT_SECONDS = 60.0
_numbers = count(1)


class Runs:
    """A pipeline of the first model, and what it needs, in the local AWS, all of it under a name."""

    def __init__(self, local_aws: "LocalAws", pipeline: ModuleType, name: str) -> None:
        self.aws = local_aws
        self.name = name
        self.bucket = f"{name}-data-{ACCOUNT}"
        project = load_project()
        self.model = next(iter(project.models))
        local_aws.client("s3").create_bucket(Bucket=self.bucket)
        key = local_aws.client("kms").create_key()["KeyMetadata"]["Arn"]
        self.topic = local_aws.client("sns").create_topic(Name=name)["TopicArn"]
        local_aws.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": "model", "KeyType": "HASH"},
                {"AttributeName": "run", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("model", "run")],
            BillingMode="PAY_PER_REQUEST",
        )
        local_aws.client("sagemaker").create_model_package_group(ModelPackageGroupName=name)
        self.values = {
            "ImageUri": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/no-such-image:1",
            "DataBucket": self.bucket,
            "KeyArn": key,
            "JobRoleArn": self._role(f"{name}-jobs", "sagemaker.amazonaws.com"),
            "SubnetIds": "subnet-00000000,subnet-00000001",
            "SecurityGroupIds": "sg-00000000",
            "ModelPackageGroup": name,
            "ModelApprovalStatus": "Approved",
            "RunTable": name,
            "TopicArn": self.topic,
            "GitCommit": "0123abc",
            "TrainingArn": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:{name}-training",
        }
        self.role = self._role(f"{name}-machines", "states.amazonaws.com")
        self.states = cast("dict[str, Any]", pipeline.definition(project, self.model)["States"])

    def run(self, start: str, given: dict[str, Any], **how: Any) -> dict[str, Any]:
        """Return how an execution ended that `start` starts."""
        return self.ended(self.start(start, given, **how))

    def start(
        self,
        start: str,
        given: dict[str, Any],
        *,
        until: str | None = None,
        name: str | None = None,
        retries: bool = True,
        **values: str,
    ) -> str:
        """Start an execution at one state that ends after `until`, if that is given; return its ARN."""
        assert set(self.values) == NAMES
        states = _reachable(self.states, start, until)
        if not retries:
            for called in states:
                states[called] = {key: value for key, value in states[called].items() if key != "Retry"}
        text = json.dumps({"StartAt": start, "States": states})
        for placeholder, value in {**self.values, **values}.items():
            text = text.replace(f"${{{placeholder}}}", value)
        api = self.aws.client("stepfunctions")
        number = next(_numbers)
        machine = api.create_state_machine(name=f"{self.name}-{number}", definition=text, roleArn=self.role)
        execution = api.start_execution(
            stateMachineArn=machine["stateMachineArn"], name=name or f"run-{number}", input=json.dumps(given)
        )
        return str(execution["executionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        """Return how an execution ended."""
        api = self.aws.client("stepfunctions")
        deadline = time.monotonic() + _LIMIT_SECONDS
        while (ended := api.describe_execution(executionArn=execution))["status"] == "RUNNING":
            assert time.monotonic() < deadline, ended
            time.sleep(0.05)
        return cast("dict[str, Any]", ended)

    def record(self, execution: str) -> dict[str, str]:
        """Return the attributes of an execution's record."""
        items = self.aws.client("dynamodb").scan(TableName=self.name)["Items"]
        (found,) = (item for item in items if item.get("execution", {}).get("S") == execution)
        return {name: value["S"] for name, value in found.items()}

    def _role(self, name: str, service: str) -> str:
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = self.aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy)
        return str(role["Role"]["Arn"])


def _reachable(states: dict[str, Any], start: str, until: str | None) -> dict[str, Any]:
    """Return the states that can be reached from one, in its order; `until` is made an end."""
    if until:
        ended = {key: value for key, value in states[until].items() if key not in {"Next", "Catch"}}
        states = states | {until: ended | {"End": True}}
    found: list[str] = []
    ahead = [start]
    while ahead:
        name = ahead.pop(0)
        if name in found:
            continue
        found.append(name)
        state = states[name]
        entries = [state, *state.get("Choices", ()), *state.get("Catch", ())]
        ahead += [entry[key] for entry in entries for key in ("Next", "Default") if key in entry]
    return {name: states[name] for name in found}
