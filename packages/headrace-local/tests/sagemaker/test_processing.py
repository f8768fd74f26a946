"""Processing jobs: the container contract."""

import json
from typing import Any

from local_jobs import Jobs, jobs_on

from headrace_local.testing import LocalAws


def test_inputs_are_brought_and_outputs_taken(jobs: Jobs) -> None:
    """Objects of a prefix and single objects arrive by their relative names, and files go to the output's prefix."""
    jobs.put("io/in/a.txt", "one")
    jobs.put("io/in/deep/b.txt", "two")
    code = """
for name in ('folder', 'file', 'part'):
    root = ml / 'processing/input' / name
    print(name, sorted(str(path.relative_to(root)) for path in root.rglob('*.txt')))
(ml / 'processing/output/o/deep').mkdir()
(ml / 'processing/output/o/deep/sum.txt').write_text((ml / 'processing/input/folder/deep/b.txt').read_text() * 2)
"""
    request = jobs.processing(
        "io",
        code,
        ProcessingInputs=[
            jobs.input("folder", "io/in"),
            jobs.input("file", "io/in/a.txt"),
            jobs.input("part", "io/in/dee"),
        ],
        ProcessingOutputConfig=jobs.outputs("io/out/", "output/o", S3UploadMode="Continuous"),
    )
    assert jobs.run(request)["ProcessingJobStatus"] == "Completed"
    assert jobs.log("io").splitlines() == [
        "folder ['a.txt', 'deep/b.txt']",
        "file ['a.txt']",
        "part ['deep/b.txt']",
    ]
    assert jobs.keys("io/out/") == ["deep/sum.txt"]
    assert jobs.get("io/out/deep/sum.txt") == b"twotwo"


def test_the_configuration_says_what_the_job_is(jobs: Jobs) -> None:
    """processingjobconfig.json holds the request, resourceconfig.json the hosts."""
    code = "print(*[(ml / 'config' / f).read_text() for f in ('processingjobconfig.json', 'resourceconfig.json')])"
    request = jobs.processing("configured", code, Environment={"A": "b"}, Tags=[{"Key": "k", "Value": "v"}])
    jobs.run(request)
    text = jobs.log("configured")
    job, end = json.JSONDecoder().raw_decode(text)
    assert job["ProcessingJobArn"] == "arn:aws:sagemaker:us-east-1:000000000000:processing-job/configured"
    assert job["AppSpecification"] == request["AppSpecification"]
    assert job["Environment"] == {"A": "b"}
    assert "Tags" not in job
    assert json.loads(text[end:]) == {"current_host": "algo-1", "hosts": ["algo-1"]}


def test_two_instances_are_two_processes(jobs: Jobs) -> None:
    """Each has its own host name and its own share of a sharded input, and both write to the one output."""
    for number in range(5):
        jobs.put(f"two/in/{number}.txt", str(number))
    code = """
host = json.loads((ml / 'config/resourceconfig.json').read_text())
names = [''.join(sorted(path.stem for path in (ml / 'processing/input' / i).iterdir())) for i in ('all', 'share')]
(ml / 'processing/output/o' / host['current_host']).write_text(' '.join([*host['hosts'], *names]))
"""
    request = jobs.processing(
        "two",
        code,
        count=2,
        ProcessingInputs=[
            jobs.input("all", "two/in/"),
            jobs.input("share", "two/in/", S3DataDistributionType="ShardedByS3Key"),
        ],
        ProcessingOutputConfig=jobs.outputs("two/out", "output/o"),
    )
    assert jobs.run(request)["ProcessingJobStatus"] == "Completed"
    assert jobs.get("two/out/algo-1") == b"algo-1 algo-2 01234 024"
    assert jobs.get("two/out/algo-2") == b"algo-1 algo-2 01234 13"


def test_the_environment_is_the_jobs_and_not_the_callers(jobs: Jobs) -> None:
    """Nothing of the server's environment comes in but what a process needs; no credentials, no home of a person."""
    jobs.run(
        jobs.processing("environment", "print(json.dumps(dict(os.environ)))", Environment={"GIVEN": "yes"})
    )
    environment = json.loads(jobs.log("environment"))
    known = {
        *("LANG", "LC_CTYPE", "TZ", "PATH", "HOME", "TMPDIR", "PYTHONPATH", "PYTHONUNBUFFERED"),
        *("AWS_REGION", "AWS_EC2_METADATA_DISABLED", "CURRENT_HOST", "SAGEMAKER_BASE_DIR", "GIVEN"),
        "HEADRACE_IMAGE_CARRIES",
    }
    assert {name for name in environment if not name.startswith("OPENBLAS_")} <= known
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["GIVEN"] == "yes"
    assert (environment["LANG"], environment["TZ"]) == ("C.UTF-8", "UTC")
    assert environment["HOME"].startswith(str(jobs.home))


def test_arguments_follow_the_entrypoint(jobs: Jobs) -> None:
    """ContainerArguments reach the program as they are."""
    request = jobs.processing("arguments", "print(sys.argv[1:])")
    request["AppSpecification"]["ContainerArguments"] = ["--gate", '{"a": 1}']
    jobs.run(request)
    assert jobs.log("arguments").strip() == "['--gate', '{\"a\": 1}']"


def test_the_description_returns_what_was_given(jobs: Jobs) -> None:
    """Nothing is lost: moto drops Environment and ProcessingResources (moto/sagemaker/models.py:291)."""
    given: dict[str, Any] = {
        "Environment": {"A": "b"},
        "NetworkConfig": {
            "EnableNetworkIsolation": True,
            "VpcConfig": {"Subnets": ["subnet-00000000"], "SecurityGroupIds": ["sg-00000000"]},
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "Tags": [{"Key": "k", "Value": "v"}],
    }
    code = "(ml / 'output/message').write_text('all is well')"
    request = jobs.processing("described", code, **given)
    description = jobs.run(request)
    for member in request.keys() - {"Tags"}:
        assert description[member] == request[member]
    assert description["ExitMessage"] == "all is well"
    assert (
        description["CreationTime"] <= description["ProcessingStartTime"] <= description["ProcessingEndTime"]
    )
    tags = jobs.api.list_tags(ResourceArn=description["ProcessingJobArn"])["Tags"]
    assert tags == given["Tags"]


def test_the_logs_are_in_a_file_and_in_cloudwatch(jobs: Jobs) -> None:
    """Both outputs of the process, in the stream that SageMaker would have."""
    jobs.run(jobs.processing("logging", "print('out'); print('err', file=sys.stderr)"))
    assert jobs.log("logging") == "out\nerr\n"
    logs = jobs.client("logs")
    group = "/aws/sagemaker/ProcessingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="logging/")["logStreams"]
    (stream,) = [found["logStreamName"] for found in streams]
    assert stream.startswith("logging/algo-1-")
    events = logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
    assert [event["message"] for event in events] == ["out", "err"]


def test_accounts_are_apart(jobs: Jobs, local_aws: LocalAws) -> None:
    """A job of the same name in another account is another job, with its own role, bucket, folder and logs."""
    other = jobs_on(lambda name: local_aws.client(name, "111122223333"), jobs.home, "other-job-tests")
    code = "(ml / 'processing/output/o/x').touch()"
    for runner in (jobs, other):
        output = runner.outputs("apart", "output/o")
        description = runner.run(runner.processing("apart", code, ProcessingOutputConfig=output))
        assert description["ProcessingJobStatus"] == "Completed"
        assert runner.keys("apart/") == ["x"]
    folders = sorted(path.name for path in (jobs.home / "jobs").glob("*apart*"))
    assert folders == ["apart", "arn_aws_sagemaker_us-east-1_111122223333_processing-job_apart"]
    groups = other.client("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/aws/sagemaker/ProcessingJobs"]
