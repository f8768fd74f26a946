"""Rules that fire: at whom, with what, as whom, and how often."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from event_targets import Targets
from waiting import wait_for

from headrace_local.events.guard import DEEPEST
from headrace_local.files import log_file
from headrace_local.testing import LocalAws


def put_event(targets: Targets, source: str, **detail: Any) -> None:
    entry = {"Source": source, "DetailType": "Test", "Detail": json.dumps(detail)}
    answer = targets.client("events").put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 0


def log_has(aws: LocalAws, *words: str) -> None:
    """Return when a line of the server's log has all the words."""

    def is_there() -> bool:
        lines = log_file(aws.home).read_text(encoding="utf-8").splitlines()
        return any(all(word in line for word in words) for line in lines)

    wait_for(is_there)


def test_an_event_reaches_machine_topic_queue_and_log_group(targets: Targets) -> None:
    """One event of a client goes to every target of a rule, each with its own input."""
    source, through_topic, queue, machine = (
        targets.name("source"),
        targets.queue(),
        targets.queue(),
        targets.machine(),
    )
    group = f"/{targets.name('group')}"
    targets.client("logs").create_log_group(logGroupName=group)
    targets.rule(
        {"source": [source], "detail": {"n": [{"numeric": [">", 1]}]}},
        {"Arn": targets.topic(through_topic), "InputPath": "$.detail"},
        {"Arn": queue.arn},
        {
            "Arn": machine,
            "RoleArn": targets.role("events.amazonaws.com"),
            "InputTransformer": {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '{"number": <n>}'},
        },
        {"Arn": f"arn:aws:logs:us-east-1:000000000000:log-group:{group}", "Input": '{"constant": true}'},
    )
    for number in (1, 2):
        put_event(targets, source, n=number)
    assert through_topic.body() == {"n": 2}
    whole = queue.body()
    assert (whole["source"], whole["detail-type"], whole["detail"]) == (source, "Test", {"n": 2})
    assert set(whole) == {
        *("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"),
    }
    (execution,) = targets.executions(machine)
    assert json.loads(execution["input"]) == {"number": 2}
    assert execution["name"].startswith(f"{whole['id']}_")
    logs = targets.client("logs")
    wait_for(lambda: bool(logs.filter_log_events(logGroupName=group)["events"]))
    assert logs.filter_log_events(logGroupName=group)["events"][0]["message"] == '{"constant": true}'


def test_a_disabled_rule_does_not_fire_and_a_schedule_matches_no_event(targets: Targets) -> None:
    """Of three rules on an event only the enabled one with a pattern fires; a rule enabled again does."""
    events, source = targets.client("events"), targets.name("source")
    disabled, scheduled, enabled = (targets.queue() for _ in range(3))
    off = targets.rule({"source": [source]}, {"Arn": disabled.arn}, State="DISABLED")
    nightly = targets.name("nightly")
    events.put_rule(Name=nightly, ScheduleExpression="rate(1 day)")
    events.put_targets(Rule=nightly, Targets=[{"Id": "0", "Arn": scheduled.arn}])
    targets.rule({"source": [source]}, {"Arn": enabled.arn})
    put_event(targets, source, n=1)
    assert enabled.body()["detail"] == {"n": 1}
    events.enable_rule(Name=off)
    put_event(targets, source, n=2)
    assert disabled.body()["detail"] == {"n": 2}
    assert "Messages" not in scheduled.sqs.receive_message(QueueUrl=scheduled.url)


def test_another_bus_passes_events_on(targets: Targets) -> None:
    """A rule may send to another bus, whose own rules see the event as it was."""
    events, source, name, queue = (
        targets.client("events"),
        targets.name("source"),
        targets.name("bus"),
        targets.queue(),
    )
    bus = events.create_event_bus(Name=name)["EventBusArn"]
    events.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "0", "Arn": queue.arn}])
    targets.rule({"source": [source]}, {"Arn": bus})
    put_event(targets, source, n=1)
    assert queue.body()["source"] == source


def test_what_aws_refuses_is_refused(targets: Targets) -> None:
    """A filter that does not exist, and a state machine without a role; TestEventPattern tells what would match."""
    events = targets.client("events")
    name = targets.name("rule")
    with pytest.raises(ClientError, match="Unrecognized match type postfix"):
        events.put_rule(Name=name, EventPattern='{"source": [{"postfix": "x"}]}')
    events.put_rule(Name=name, EventPattern='{"source": ["x"]}')
    machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
    with pytest.raises(ClientError, match="RoleArn is required for target"):
        events.put_targets(Rule=name, Targets=[{"Id": "0", "Arn": machine}])
    with pytest.raises(ClientError, match="ScheduleExpression is not valid"):
        events.put_rule(Name=name, ScheduleExpression="cron(0 6 * * * *)")
    event = json.dumps({"source": "x", "detail": {}})
    assert events.test_event_pattern(EventPattern='{"source": ["x"]}', Event=event)["Result"]
    assert not events.test_event_pattern(EventPattern='{"source": ["y"]}', Event=event)["Result"]


@pytest.mark.parametrize("fault", ["missing", "distrusted"])
def test_a_target_acts_as_its_role_or_not_at_all(targets: Targets, local_aws: LocalAws, fault: str) -> None:
    """Without a role that trusts EventBridge nothing starts: the log and the dead letter say why."""
    source, letters, machine = targets.name("source"), targets.queue(), targets.machine()
    role = targets.role("sagemaker.amazonaws.com")
    if fault == "missing":
        role = f"{role}-gone"
    rule = targets.rule(
        {"source": [source]},
        {"Arn": machine, "RoleArn": role, "Input": '{"a": 1}', "DeadLetterConfig": {"Arn": letters.arn}},
    )
    put_event(targets, source)
    (letter,) = letters.messages()
    told = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    reason = "does not exist" if fault == "missing" else "does not trust events.amazonaws.com"
    assert told["ERROR_CODE"] == "NO_PERMISSIONS"
    assert told["ERROR_MESSAGE"] == f"the role {role} {reason}"
    assert told["RULE_ARN"].endswith(f":rule/{rule}")
    assert told["TARGET_ARN"] == machine
    assert json.loads(letter["Body"])["source"] == source
    log_has(local_aws, f":rule/{rule} did not fire", role, machine, reason)
    assert targets.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"] == []


def test_a_target_that_refuses_is_reported_in_the_log(targets: Targets, local_aws: LocalAws) -> None:
    """A machine that does not exist, and a service that is not here, are named with their rule."""
    source, role = targets.name("source"), targets.role("events.amazonaws.com")
    machine = f"arn:aws:states:us-east-1:000000000000:stateMachine:{targets.name('gone')}"
    function = "arn:aws:lambda:us-east-1:000000000000:function:f"
    rule = targets.rule({"source": [source]}, {"Arn": machine, "RoleArn": role}, {"Arn": function})
    put_event(targets, source)
    log_has(local_aws, f":rule/{rule} did not fire", "StateMachineDoesNotExist", machine)
    log_has(local_aws, f":rule/{rule} did not fire", "cannot send to lambda", function)


def test_a_rule_that_causes_its_own_event_ends(targets: Targets, local_aws: LocalAws) -> None:
    """A machine that is started by its own end runs so often and no more; the log names rule and event."""
    machine = targets.machine()
    pattern = {"source": ["aws.states"], "detail": {"status": ["SUCCEEDED"], "stateMachineArn": [machine]}}
    rule = targets.rule(
        pattern, {"Arn": machine, "RoleArn": targets.role("events.amazonaws.com"), "Input": "{}"}
    )
    targets.client("stepfunctions").start_execution(stateMachineArn=machine)
    log_has(local_aws, f":rule/{rule} was not fired by 'Step Functions Execution Status Change' of", "loop")
    assert len(targets.executions(machine)) == DEEPEST + 1


def test_a_loop_by_way_of_a_bucket_ends(targets: Targets, local_aws: LocalAws) -> None:
    """A machine whose task puts the object that starts it is seen to loop: the chain is known behind its task."""
    bucket, s3 = targets.name("bucket"), targets.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Parameters": {"Bucket": bucket, "Key": "again", "Body": "x"},
        "End": True,
    }
    inner = {"StartAt": "Put", "States": {"Put": put}}
    parallel = {"Type": "Parallel", "Branches": [inner], "End": True}
    machine = targets.machine({"StartAt": "Both", "States": {"Both": parallel}})
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}
    rule = targets.rule(pattern, {"Arn": machine, "RoleArn": targets.role("events.amazonaws.com")})
    s3.put_object(Bucket=bucket, Key="first", Body=b"x")
    log_has(local_aws, f":rule/{rule} was not fired by 'Object Created' of", "loop")
    assert len(targets.executions(machine)) == DEEPEST
