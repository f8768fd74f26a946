"""Firing a schedule by hand."""

import contextlib
import json
from typing import Any

import pytest

from headrace.errors import ConfigurationError
from headrace_aws.config.project import load_project
from headrace_aws.naming import schedule_group
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.runs.result import SUCCEEDED
from headrace_aws.runs.trigger_schedule import main, trigger

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": ["states.amazonaws.com", "scheduler.amazonaws.com"]},
    "Action": "sts:AssumeRole",
}


def schedule(pipeline: DeployedPipeline, **given: Any) -> None:
    """Give the pipeline a schedule that is years away, for a machine that is not made."""
    name = pipeline.machine.rpartition(":")[2]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    role = pipeline.aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy)
    scheduler, group = pipeline.aws.client("scheduler"), schedule_group(PROJECT, MODEL)
    with contextlib.suppress(scheduler.exceptions.ConflictException):
        scheduler.create_schedule_group(Name=group)
    scheduler.create_schedule(
        Name=name,
        GroupName=group,
        ScheduleExpression="cron(0 0 1 1 ? 2199)",
        State="DISABLED",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": pipeline.machine, "RoleArn": role["Role"]["Arn"], **given},
    )


def machine(pipeline: DeployedPipeline) -> None:
    name = pipeline.machine.rpartition(":")[2]
    definition = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}}
    role = pipeline.aws.client("iam").get_role(RoleName=name)["Role"]["Arn"]
    pipeline.states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)


def test_a_schedule_is_fired_with_its_own_input(pipeline: DeployedPipeline) -> None:
    """The machine of the schedule starts with its input, placeholders filled in, though it is disabled."""
    schedule(pipeline, Input='{"model": "m", "at": "<aws.scheduler.scheduled-time>"}')
    machine(pipeline)
    said: list[str] = []
    assert trigger(pipeline, said.append) == SUCCEEDED
    (execution,) = pipeline.states.list_executions(stateMachineArn=pipeline.machine)["executions"]
    assert said[0] == f"execution {execution['name']}"
    assert execution["name"] in said[1]
    given = json.loads(pipeline.states.describe_execution(executionArn=execution["executionArn"])["input"])
    assert given["model"] == "m"
    assert given["at"][:2] + given["at"][-1] == "20Z"


def test_a_schedule_without_an_input_gives_none(pipeline: DeployedPipeline) -> None:
    """An execution that is given nothing runs on its defaults."""
    schedule(pipeline)
    machine(pipeline)
    trigger(pipeline, lambda _: None)
    (execution,) = pipeline.states.list_executions(stateMachineArn=pipeline.machine)["executions"]
    assert pipeline.states.describe_execution(executionArn=execution["executionArn"])["input"] == "{}"


def test_what_is_missing_is_named(pipeline: DeployedPipeline) -> None:
    """No schedule, no machine, another kind of target: each error names the schedule or the machine."""
    name = pipeline.machine.rpartition(":")[2]
    with pytest.raises(ConfigurationError, match=f"no schedule {name} in environment local"):
        trigger(pipeline, lambda _: None)
    schedule(pipeline)
    with pytest.raises(ConfigurationError, match=f"{name}, which the schedule {name} starts, does not exist"):
        trigger(pipeline, lambda _: None)
    scheduler = pipeline.aws.client("scheduler")
    group = schedule_group(PROJECT, MODEL)
    found = scheduler.get_schedule(Name=name, GroupName=group)
    scheduler.update_schedule(
        Name=name,
        GroupName=group,
        ScheduleExpression=found["ScheduleExpression"],
        FlexibleTimeWindow=found["FlexibleTimeWindow"],
        Target=found["Target"] | {"Arn": "arn:aws:sqs:us-east-1:000000000000:queue"},
    )
    with pytest.raises(ConfigurationError, match="not a state machine"):
        trigger(pipeline, lambda _: None)


def test_a_wrong_pipeline_is_an_error_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that no pipeline has ends with status 2 and one line, before anything is called."""
    assert main(["--pipeline", "nobody"]) == 2
    assert capsys.readouterr().err.startswith("error: there is no pipeline 'nobody'")
