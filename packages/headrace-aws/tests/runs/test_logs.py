"""Reading job logs."""

from uuid import uuid4

import pytest

from headrace_aws.runs.logs import lines, print_streams, streams_of, tail
from headrace_local.testing import LocalAws

GROUP = "/aws/sagemaker/TrainingJobs"
NOON = 1_795_348_800_000  # 2026-11-22T12:00:00Z in milliseconds


@pytest.fixture
def job(local_aws: LocalAws) -> str:
    """A job with two instances, the first of which printed 30 lines."""
    logs = local_aws.client("logs")
    if not logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]:
        logs.create_log_group(logGroupName=GROUP)
    name = f"job-{uuid4().hex}"
    for instance in ("algo-1", "algo-2"):
        logs.create_log_stream(logGroupName=GROUP, logStreamName=f"{name}/{instance}-1")
    events = [{"timestamp": NOON + 1000 * number, "message": f"line {number}"} for number in range(30)]
    logs.put_log_events(logGroupName=GROUP, logStreamName=f"{name}/algo-1-1", logEvents=events)
    return name


def test_all_instances_of_a_job_are_found(local_aws: LocalAws, job: str) -> None:
    """Each instance has its stream; a name cut short finds them as well."""
    expected = [(GROUP, f"{job}/algo-1-1"), (GROUP, f"{job}/algo-2-1")]
    assert streams_of(local_aws.client("logs"), job) == expected
    assert streams_of(local_aws.client("logs"), job[:-3]) == expected
    assert streams_of(local_aws.client("logs"), f"{job}-other") == []


def test_every_line_is_said_with_its_time(local_aws: LocalAws, job: str) -> None:
    """A log is read to its end, in order, each line once."""
    stream = (GROUP, f"{job}/algo-1-1")
    assert [text for _, text in lines(local_aws.client("logs"), *stream)] == [f"line {n}" for n in range(30)]
    said: list[str] = []
    print_streams(local_aws.client("logs"), [stream], said.append)
    assert said[:2] == [f"{GROUP} {job}/algo-1-1", "12:00:00  line 0"]
    assert len(said) == 31


def test_the_tail_is_the_end_of_the_log(local_aws: LocalAws, job: str) -> None:
    """The last lines are those that tell why a job failed."""
    logs = local_aws.client("logs")
    assert tail(logs, "TrainingJob", job, 2) == ["line 28", "line 29"]
    assert tail(logs, "TrainingJob", f"{job}-other", 2) == []
