"""The option: how a server comes to enforce IAM, and how it stops to."""

from pathlib import Path
from typing import Any

import boto3
import pytest

from headrace_local.__main__ import main
from headrace_local.lifecycle import Server, enforces_iam, start, stop


def queues(server: Server) -> Any:
    """Return a client of SQS on a server."""
    session = boto3.Session("local", "local", region_name="eu-central-1")
    return session.client("sqs", endpoint_url=server.endpoint)


def test_a_server_changes_its_ways_and_keeps_its_content(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`up --iam` starts a running server again when it runs the other way; without the option it is left alone."""
    home = tmp_path / "home"
    try:
        started = start(home)
        assert not enforces_iam(home)
        queues(started).create_queue(QueueName="kept")
        assert main(["--home", str(home), "up", "--iam", "enforce"]) == 0
        assert "IAM is enforced" in capsys.readouterr().out
        enforcing = start(home)
        assert enforcing.pid != started.pid
        assert enforces_iam(home)
        assert main(["--home", str(home), "status"]) == 0
        assert capsys.readouterr().out.strip().endswith("and enforces IAM")
        assert queues(enforcing).get_queue_url(QueueName="kept")["QueueUrl"]
    finally:
        stop(home)
    assert not enforces_iam(home)
