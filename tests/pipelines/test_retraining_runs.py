"""Retraining's own data flow: triggers that come together, run by the local AWS; see `running`."""

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from pipelines import retraining
from tests.pipelines.running import ACCOUNT, Runs

if TYPE_CHECKING:
    from headrace_local.testing import LocalAws

QUICK = {"cool_down_seconds": 0, "patience_seconds": 0}


@pytest.fixture
def runs(local_aws: "LocalAws", request: pytest.FixtureRequest) -> Runs:
    """The retraining pipeline, and in place of the training pipeline one that only answers."""
    made = Runs(local_aws, retraining, f"again-{abs(hash(request.node.name)) % 10**6}")
    answering(made, {"decision": "registered", "summary": "A model is registered."})
    return made


def answering(runs: Runs, answer: dict[str, str], seconds: int = 0) -> None:
    """Have the training pipeline answer so, after some seconds."""
    states = {
        "Train": {"Type": "Wait", "Seconds": seconds, "Next": "Answer"},
        "Answer": {"Type": "Pass", "Result": answer, "End": True},
    }
    text = json.dumps({"StartAt": "Train", "States": states})
    api = runs.aws.client("stepfunctions")
    arn = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:{runs.name}-training"
    try:
        api.update_state_machine(stateMachineArn=arn, definition=text)
    except api.exceptions.StateMachineDoesNotExist:
        api.create_state_machine(name=f"{runs.name}-training", definition=text, roleArn=runs.role)


def trainings(runs: Runs) -> list[dict[str, Any]]:
    """Return the inputs of all executions of the training pipeline, the oldest first."""
    api = runs.aws.client("stepfunctions")
    arn = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:{runs.name}-training"
    executions = api.list_executions(stateMachineArn=arn)["executions"]
    found = [api.describe_execution(executionArn=each["executionArn"]) for each in executions]
    return [json.loads(each["input"]) for each in sorted(found, key=lambda each: each["startDate"])]


def test_a_trigger_trains_once(runs: Runs) -> None:
    """One trigger is one training that knows it, and one record."""
    ended = runs.run("Set defaults", {**QUICK, "trigger": "drift"})
    assert ended["status"] == "SUCCEEDED", ended
    assert [given["trigger"] for given in trainings(runs)] == ["drift"]
    assert runs.record(ended["executionArn"])["status"] == "retrained"


def test_a_trigger_during_a_training_is_answered_by_one_more(runs: Runs) -> None:
    """Two triggers that come while a training runs end as skipped, and the holder trains once more for both."""
    answering(runs, {"decision": "registered", "summary": "A model is registered."}, seconds=3)
    first = runs.start("Set defaults", {**QUICK, "trigger": "schedule"})
    while not trainings(runs):
        time.sleep(0.05)
    late = [runs.run("Set defaults", {**QUICK, "trigger": trigger}) for trigger in ("data", "drift")]
    assert [runs.record(each["executionArn"])["status"] for each in late] == ["skipped", "skipped"]
    assert first in json.loads(late[0]["output"])["summary"]
    assert runs.ended(first)["status"] == "SUCCEEDED"
    assert [given["trigger"] for given in trainings(runs)] == ["schedule", "drift"]


def test_a_holder_that_has_ended_is_not_waited_for(runs: Runs) -> None:
    """The lock of a stopped execution is taken over, and its successor trains."""
    answering(runs, {"decision": "registered", "summary": "A model is registered."}, seconds=60)
    lost = runs.start("Set defaults", QUICK)
    while not trainings(runs):
        time.sleep(0.05)
    runs.aws.client("stepfunctions").stop_execution(executionArn=lost)
    answering(runs, {"decision": "refused", "summary": "A model is refused."})
    ended = runs.run("Set defaults", {**QUICK, "trigger": "data"})
    assert json.loads(ended["output"])["summary"] == "A model is refused."
    assert len(trainings(runs)) == 2


def test_a_training_that_another_one_kept_away_is_tried_again(runs: Runs) -> None:
    """A training that was skipped trained nothing: it is started again until one has been done."""
    answering(runs, {"decision": "skipped", "summary": "Another training of the model runs."})
    started = runs.start("Set defaults", {**QUICK, "patience_seconds": 1})
    while len(trainings(runs)) < 2:
        time.sleep(0.05)
    answering(runs, {"decision": "registered", "summary": "A model is registered."})
    ended = runs.ended(started)
    assert json.loads(ended["output"])["summary"] == "A model is registered."


def test_a_failed_training_fails_the_retraining(runs: Runs) -> None:
    """The error is recorded and raised again; the lock is free for the next trigger."""
    api = runs.aws.client("stepfunctions")
    arn = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:{runs.name}-training"
    broken = {
        "StartAt": "Fail",
        "States": {"Fail": {"Type": "Fail", "Error": "Mill.Broken", "Cause": "No water."}},
    }
    api.update_state_machine(stateMachineArn=arn, definition=json.dumps(broken))
    ended = runs.run("Set defaults", QUICK)
    assert ended["status"] == "FAILED"
    assert runs.record(ended["executionArn"])["status"] == "failed"
    assert "No water." in ended["cause"]
    answering(runs, {"decision": "registered", "summary": "A model is registered."})
    assert runs.run("Set defaults", QUICK)["status"] == "SUCCEEDED"
