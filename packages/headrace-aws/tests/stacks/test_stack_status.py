"""Waiting for CloudFormation, whose answers lag behind what it does.

The local AWS answers when it is done, so here AWS's own way is played at the wire: a real client, whose calls
are answered by a script in which each answer is given once and the last one for ever.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config

from headrace.errors import DeployError, WaitError
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.session import AwsSession
from headrace_aws.stacks import change_set
from headrace_aws.stacks.change_set import DesiredStack, deploy_stack, planned_changes

ARN = "arn:aws:cloudformation:us-east-1:333333333333:stack/s/1"
CHANGE_SET = "arn:aws:cloudformation:us-east-1:333333333333:changeSet/c/1"
CREATED = datetime(2027, 1, 1, tzinfo=UTC)
COMPUTED = {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "Changes": []}


def stack(status: str) -> dict[str, Any]:
    return {"Stacks": [{"StackName": "s", "StackId": ARN, "StackStatus": status, "CreationTime": CREATED}]}


def event(number: int, status: str, resource: str = "s", reason: str | None = None) -> dict[str, Any]:
    return {
        "EventId": f"e{number}",
        "StackId": ARN,
        "LogicalResourceId": resource,
        "PhysicalResourceId": ARN if resource == "s" else resource,
        "ResourceType": "AWS::CloudFormation::Stack" if resource == "s" else "AWS::SQS::Queue",
        "ResourceStatus": status,
        **({"ResourceStatusReason": reason} if reason else {}),
    }


def events(*newest_first: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    return {"StackEvents": list(newest_first), **({"NextToken": more} if more else {})}


@dataclass
class Script:
    """The answers of CloudFormation to each operation, and how often it was called."""

    answers: dict[str, list[dict[str, Any]]]
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def answer(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[SimpleNamespace, dict[str, Any]]:
        self.calls.append((model.name, params["body"]))
        left = self.answers.get(model.name, [{}])
        answer = left.pop(0) if len(left) > 1 else left[0]
        return SimpleNamespace(status_code=400 if "Error" in answer else 200), answer

    def count(self, operation: str) -> int:
        return Counter(name for name, _ in self.calls)[operation]


def played(script: Script, endpoint: str | None = None, name: str = "team") -> AwsSession:
    """Return clients of an environment, whose CloudFormation plays a script."""
    environment = load_project().environment(LOCAL).model_copy(update={"account": "333333333333"})
    session = boto3.Session("key", "secret", region_name=environment.region)
    aws = AwsSession(name, environment, session, Config(), endpoint)
    aws.client("cloudformation").meta.events.register("before-call.cloudformation", script.answer)
    return aws


@pytest.fixture
def desired(tmp_path: Path) -> Iterator[DesiredStack]:
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {}")
    return DesiredStack("s", template, {}, {})


def updating(
    *event_pages: dict[str, Any], status: str = "UPDATE_COMPLETE"
) -> dict[str, list[dict[str, Any]]]:
    """Return the script of an update; its first page of events is read before the execution."""
    return {
        "DescribeStacks": [stack(status)],
        "CreateChangeSet": [{"Id": CHANGE_SET}],
        "DescribeChangeSet": [COMPUTED],
        "DescribeStackEvents": list(event_pages),
    }


def test_the_status_before_the_execution_is_not_its_result(desired: DesiredStack) -> None:
    """After ExecuteChangeSet the stack still shows its former end; only a newer event of the stack ends the wait."""
    before = event(1, "UPDATE_COMPLETE")
    begun = event(2, "UPDATE_IN_PROGRESS")
    queue = event(3, "UPDATE_COMPLETE", "Queue")
    cleanup = event(4, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    script = Script(
        updating(
            events(before),
            events(before),
            events(before),
            events(begun, before),
            events(queue, begun, before),
            events(cleanup, queue, begun, before),
            events(event(5, "UPDATE_COMPLETE"), cleanup, queue, begun, before),
        )
    )
    said: list[str] = []
    deploy_stack(played(script), desired, said.append)
    assert script.count("DescribeStackEvents") == 7
    assert "UPDATE_COMPLETE after" in said[-1]


def test_a_late_failure_is_reported_from_every_page_of_events(desired: DesiredStack) -> None:
    """An update that rolls back late is an error, with the reasons on later pages and none from before it."""
    before = event(1, "UPDATE_COMPLETE")
    begun = event(3, "UPDATE_IN_PROGRESS")
    ended = event(6, "UPDATE_ROLLBACK_COMPLETE")
    failed = event(4, "UPDATE_FAILED", "Queue", "name is taken")
    other = event(5, "CREATE_FAILED", "Other", "Resource creation cancelled")
    older = event(0, "CREATE_FAILED", "Old", "long ago")
    script = Script(
        updating(
            events(before, older),
            events(begun, before, older),
            events(ended, other),
            events(ended, other, more="2"),
            events(failed, begun, more="3"),
            events(before, older),
        )
    )
    with pytest.raises(DeployError) as caught:
        deploy_stack(played(script), desired, lambda _: None)
    assert str(caught.value) == (
        "stack s is UPDATE_ROLLBACK_COMPLETE: the former stack is in place. What failed:\n"
        "  Queue (AWS::SQS::Queue): name is taken"
    )
    tokens = [body.get("NextToken") for name, body in script.calls if name == "DescribeStackEvents"]
    assert tokens == [None, None, None, None, "2", "3"]


def test_a_change_set_is_executed_when_it_is_open_to_it(desired: DesiredStack) -> None:
    """A change set that is still computed, or not yet available, is waited for."""
    before = event(1, "UPDATE_COMPLETE")
    answers = updating(events(before), events(event(2, "UPDATE_COMPLETE"), before))
    answers["DescribeChangeSet"] = [
        {"Status": "CREATE_IN_PROGRESS", "ExecutionStatus": "UNAVAILABLE"},
        {"Status": "CREATE_COMPLETE", "ExecutionStatus": "UNAVAILABLE", "Changes": []},
        COMPUTED,
    ]
    script = Script(answers)
    deploy_stack(played(script), desired, lambda _: None)
    order = [name for name, _ in script.calls]
    assert order.index("ExecuteChangeSet") > max(
        i for i, name in enumerate(order) if name == "DescribeChangeSet"
    )
    assert script.count("DescribeChangeSet") == 3


def test_an_execution_that_never_begins_is_an_error(desired: DesiredStack) -> None:
    """When AWS gives a change set up there is no event to wait for: its own status tells."""
    answers = updating(events(event(1, "UPDATE_COMPLETE")))
    answers["DescribeChangeSet"] = [
        COMPUTED,
        {"Status": "CREATE_COMPLETE", "ExecutionStatus": "EXECUTE_IN_PROGRESS"},
        {"Status": "CREATE_COMPLETE", "ExecutionStatus": "EXECUTE_FAILED", "StatusReason": "hook said no"},
    ]
    with pytest.raises(DeployError, match="was not executed: hook said no"):
        deploy_stack(played(Script(answers)), desired, lambda _: None)


ENDS = [
    ("CREATE_COMPLETE", "OBSOLETE"),  # another change set was executed
    ("CREATE_COMPLETE", "EXECUTE_IN_PROGRESS"),
    ("CREATE_COMPLETE", "EXECUTE_COMPLETE"),
    ("CREATE_COMPLETE", "EXECUTE_FAILED"),
    ("DELETE_PENDING", "UNAVAILABLE"),
    ("DELETE_IN_PROGRESS", "UNAVAILABLE"),
    ("DELETE_COMPLETE", "UNAVAILABLE"),
    ("DELETE_FAILED", "UNAVAILABLE"),
]


@pytest.mark.parametrize(("status", "execution"), ENDS)
def test_a_change_set_that_another_command_overtakes_is_an_error(
    desired: DesiredStack, status: str, execution: str
) -> None:
    """Whatever a change set ends as, a deployment and a plan end: in one line that names the stack and the status."""
    answers = updating(events(event(1, "UPDATE_COMPLETE")))
    answers["DescribeChangeSet"] = [{"Status": status, "ExecutionStatus": execution, "Changes": []}]
    aws = played(Script(answers))
    end = execution if status == "CREATE_COMPLETE" else status
    words = rf"^another command changed stack s meanwhile: the change set of this one is {end};[^\n]*$"
    with pytest.raises(DeployError, match=words):
        deploy_stack(aws, desired, lambda _: None)
    with pytest.raises(DeployError, match=words):
        planned_changes(aws.client("cloudformation"), desired)


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "CREATE_PENDING"])
def test_a_change_set_that_stays_as_it_is_ends_by_the_limit(
    desired: DesiredStack, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change set that is computed for ever is an error that says for how long it was waited for."""
    monkeypatch.setattr(change_set, "_MINUTES", 0.001)
    answers = updating(events(event(1, "UPDATE_COMPLETE")))
    answers["DescribeChangeSet"] = [{"Status": status, "ExecutionStatus": "UNAVAILABLE"}]
    with pytest.raises(WaitError, match=f"the change set of stack s is still {status} after 0.001 minutes"):
        deploy_stack(played(Script(answers)), desired, lambda _: None)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            "ChangeSetNotFound",
            "another command changed stack s meanwhile: the change set of this one is gone",
        ),
        ("ValidationError", "stack s is gone: another command deleted it meanwhile"),
    ],
)
def test_a_stack_that_another_command_deletes_is_an_error(
    desired: DesiredStack, error: str, words: str
) -> None:
    """A destroy at the same time ends the deployment in one line: before its change set is executed, and after."""
    gone = {"Error": {"Code": error, "Message": "Stack [s] does not exist"}}
    answers = updating(events(event(1, "UPDATE_COMPLETE")), gone)
    if error == "ChangeSetNotFound":
        answers["DescribeChangeSet"] = [gone]
    with pytest.raises(DeployError, match=words):
        deploy_stack(played(Script(answers)), desired, lambda _: None)


def test_a_deletion_is_followed_by_the_arn_until_it_is_complete(desired: DesiredStack) -> None:
    """After DeleteStack the stack is still there for a while; a new one begins only when it is gone."""
    before = event(1, "REVIEW_IN_PROGRESS")
    answers = updating(events(before), events(event(2, "CREATE_COMPLETE"), before))
    answers["DescribeStacks"] = [
        *[stack("ROLLBACK_COMPLETE")] * 2,  # the second answer lags
        stack("DELETE_IN_PROGRESS"),
        stack("DELETE_COMPLETE"),
    ]
    script = Script(answers)
    deploy_stack(played(script), desired, lambda _: None)
    asked = [body["StackName"] for name, body in script.calls if name in {"DescribeStacks", "DeleteStack"}]
    assert asked == ["s", ARN, ARN, ARN, ARN]
    [kind] = [body["ChangeSetType"] for name, body in script.calls if name == "CreateChangeSet"]
    assert kind == "CREATE"


def test_a_stack_that_cannot_be_deleted_is_reported(desired: DesiredStack) -> None:
    """A deletion that fails ends the wait."""
    script = Script({"DescribeStacks": [stack("ROLLBACK_COMPLETE"), stack("DELETE_FAILED")]})
    with pytest.raises(DeployError, match="stack s is DELETE_FAILED"):
        deploy_stack(played(script), desired, lambda _: None)


def test_a_stack_at_work_is_left_alone(desired: DesiredStack) -> None:
    """While another deployment is running nothing is started."""
    script = Script({"DescribeStacks": [stack("UPDATE_ROLLBACK_IN_PROGRESS")]})
    with pytest.raises(DeployError, match="another deployment is running"):
        deploy_stack(played(script), desired, lambda _: None)
    assert script.count("CreateChangeSet") == 0


@pytest.mark.parametrize(
    ("status", "operation"),
    [
        ("ROLLBACK_FAILED", "delete-stack"),
        ("DELETE_FAILED", "delete-stack"),
        ("CREATE_FAILED", "delete-stack"),
        ("UPDATE_FAILED", "rollback-stack"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
    ],
)
def test_the_way_out_of_a_stuck_stack_can_reach_no_other(
    desired: DesiredStack, status: str, operation: str
) -> None:
    """The command names region and account, and for the local AWS its endpoint: pasted, it hits this stack only."""
    script = Script({"DescribeStacks": [stack(status)]})
    with pytest.raises(DeployError) as caught:
        deploy_stack(played(script), desired, lambda _: None)
    command = f"aws cloudformation {operation} --stack-name s --region us-east-1"
    assert str(caught.value).endswith(
        f"run this (in account 333333333333, environment team) and deploy again:\n  {command}"
    )

    with pytest.raises(DeployError) as caught:
        deploy_stack(played(script, "http://localhost:5000", LOCAL), desired, lambda _: None)
    assert str(caught.value).endswith(
        f"run this (on the local AWS) and deploy again:\n  {command} --endpoint-url http://localhost:5000"
    )


def test_what_changes_is_said_with_what_it_replaces(desired: DesiredStack) -> None:
    """Each resource has a line, and one more with its properties; a property that AWS tells twice is reported once."""
    before = event(1, "UPDATE_COMPLETE")
    answers = updating(events(before), events(event(2, "UPDATE_COMPLETE"), before))

    def target(name: str, recreation: str) -> dict[str, Any]:
        return {"Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}}

    def change(action: str, name: str, **more: Any) -> dict[str, Any]:
        resource = {"Action": action, "LogicalResourceId": name, "ResourceType": "AWS::SQS::Queue", **more}
        return {"Type": "Resource", "ResourceChange": resource}

    details = [
        target("DelaySeconds", "Never"),
        target("QueueName", "Conditionally"),
        target("QueueName", "Always"),
        {"Target": {"Attribute": "Tags", "RequiresRecreation": "Never"}},
    ]
    answers["DescribeChangeSet"] = [
        COMPUTED | {"Changes": [change("Add", "New")], "NextToken": "2"},
        COMPUTED | {"Changes": [change("Modify", "Queue", Replacement="True", Details=details)]},
    ]
    said: list[str] = []
    deploy_stack(played(Script(answers)), desired, said.append)
    assert said[:-1] == [
        "s:",
        "  Add     New                       AWS::SQS::Queue",
        "  Modify  Queue                     AWS::SQS::Queue  replaced",
        "          DelaySeconds, QueueName (replaces it), Tags",
    ]
