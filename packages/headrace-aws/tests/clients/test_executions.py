"""Executions that do not go well, by the AWS command line: one that is stopped, one that is redriven."""

import json
from pathlib import Path

from clients_shell import Shell, ended, role

KEY = "toy/raw/late.json"


def test_an_execution_is_stopped_with_a_reason(shell: Shell) -> None:
    """Error and cause are those of the person who stopped it, in the description and in the history."""
    waiting = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
    execution = started(shell, "waiter", role(shell, "waiter", "states.amazonaws.com"), waiting)
    shell.aws(
        *("stepfunctions", "stop-execution", "--execution-arn", execution),
        *("--error", "Enough", "--cause", "it is late"),
    )
    described = shell.shown("stepfunctions", "describe-execution", "--execution-arn", execution)
    assert (described["status"], described["error"], described["cause"]) == (
        "ABORTED",
        "Enough",
        "it is late",
    )
    last = shell.shown(
        *("stepfunctions", "get-execution-history", "--execution-arn", execution, "--reverse-order"),
        *("--max-items", "1"),
    )["events"][0]
    assert last["type"] == "ExecutionAborted"
    assert last["executionAbortedEventDetails"] == {"error": "Enough", "cause": "it is late"}


def test_a_failed_execution_is_redriven_from_where_it_failed(shell: Shell, tmp_path: Path) -> None:
    """Once the object is there the same execution succeeds; what had succeeded before is not done again."""
    bucket = shell.fork.bucket
    reading = {
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", "Next": "Read"},
            "Read": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
                "Parameters": {"Bucket": bucket, "Key": KEY},
                "OutputPath": "$.Body",
                "End": True,
            },
        },
    }
    may_read = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/toy/raw/*"},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"},
    ]
    arn = role(shell, "reader", "states.amazonaws.com", *may_read)
    execution = started(shell, "reader", arn, reading)
    described = ("stepfunctions", "describe-execution", "--execution-arn", execution)
    failed = shell.eventually(ended, *described)
    assert (failed["status"], failed["error"]) == ("FAILED", "S3.NoSuchKeyException")
    assert failed["redriveStatus"] == "REDRIVABLE"

    late = tmp_path / "late.json"
    late.write_text("at last")
    shell.aws("s3", "cp", str(late), f"s3://{bucket}/{KEY}")
    shell.aws("stepfunctions", "redrive-execution", "--execution-arn", execution)
    done = shell.eventually(ended, *described)
    assert (done["status"], done["redriveCount"], json.loads(done["output"])) == ("SUCCEEDED", 1, "at last")
    history = shell.shown("stepfunctions", "get-execution-history", "--execution-arn", execution)["events"]
    entered = [
        one["stateEnteredEventDetails"]["name"] for one in history if "stateEnteredEventDetails" in one
    ]
    assert entered.count("Begin") == 1
    assert "ExecutionRedriven" in [one["type"] for one in history]


def started(shell: Shell, name: str, role_arn: str, definition: dict[str, object]) -> str:
    """Make a state machine and start it; return the execution's ARN."""
    machine = shell.shown(
        *("stepfunctions", "create-state-machine", "--name", name, "--role-arn", role_arn),
        *("--definition", json.dumps(definition)),
    )["stateMachineArn"]
    execution = shell.shown("stepfunctions", "start-execution", "--state-machine-arn", machine)
    return str(execution["executionArn"])
