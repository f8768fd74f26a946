"""The end of a run: what is said, and the exit status."""

import json
from typing import Any
from uuid import uuid4

import pytest

from headrace.errors import ConfigurationError
from infra.aws import clients
from infra.run import FAILED, REFUSED, SUCCEEDED, Pipeline, start, stop, watch
from pipelines.project import LOCAL, load_project
from tests.conftest import LocalAws

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture
def pipeline(local_aws: LocalAws) -> Pipeline:
    """A pipeline with a name of its own, that is not deployed."""
    return Pipeline(clients(PROJECT, LOCAL, local_aws.home), PROJECT, MODEL, f"p{uuid4().hex[:8]}")


def deployed(pipeline: Pipeline, **state: Any) -> None:
    """Deploy a state machine of one state, called Only."""
    name = pipeline.machine.rpartition(":")[2]
    role = pipeline.found.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    pipeline.states.create_state_machine(
        name=name,
        definition=json.dumps({"StartAt": "Only", "States": {"Only": state}}),
        roleArn=role["Role"]["Arn"],
    )


@pytest.mark.parametrize(
    ("decision", "status"), [("registered", SUCCEEDED), ("refused", REFUSED), (None, SUCCEEDED)]
)
def test_the_decision_gives_the_exit_status(pipeline: Pipeline, decision: str | None, status: int) -> None:
    """Registered and refused differ in their status; a pipeline without a gate just succeeds."""
    output = {"decision": decision} if decision else {}
    deployed(pipeline, Type="Pass", Result=output, End=True)
    said: list[str] = []
    assert watch(pipeline, start(pipeline, {}), said.append) == status
    assert said[-1].startswith(decision or "succeeded")


def test_a_failed_run_says_error_cause_and_remedy(pipeline: Pipeline) -> None:
    """Without a job to blame, error and cause of the execution are told, and status is 1."""
    deployed(pipeline, Type="Fail", Error="Tests.Broken", Cause="It broke.")
    said: list[str] = []
    assert watch(pipeline, start(pipeline, {}), said.append) == FAILED
    text = "\n".join(said)
    for part in ("s  Only", "FAILED after", "error    Tests.Broken", "it said  It broke.", "remedy: "):
        assert part in text


def test_a_stopped_run_says_who_stopped_it(pipeline: Pipeline) -> None:
    """`--stop` ends an execution; whoever watches it sees the state that it was in."""
    deployed(pipeline, Type="Wait", Seconds=600, End=True)
    name = start(pipeline, {})
    said: list[str] = []
    assert stop(pipeline, name, said.append) == SUCCEEDED
    assert watch(pipeline, name, said.append) == FAILED
    text = "\n".join(said)
    for part in ("ABORTED after", "state    Only", "Stopped by a person.", "none is needed"):
        assert part in text


def test_a_pipeline_that_is_not_deployed_says_what_to_do(pipeline: Pipeline) -> None:
    """Without its state machine nothing can start."""
    with pytest.raises(ConfigurationError, match="make deploy"):
        start(pipeline, {})


def test_an_unknown_execution_is_told(pipeline: Pipeline) -> None:
    """A name that no execution bears is an error of the caller."""
    deployed(pipeline, Type="Succeed")
    for act in (stop, watch):
        with pytest.raises(ConfigurationError, match="does not exist"):
            act(pipeline, "nobody", lambda _: None)
