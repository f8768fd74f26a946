"""What a create call refuses, with no job made."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from local_jobs import Jobs


def _refusal(jobs: Jobs, request: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        jobs.create(request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def _source(**other: str) -> dict[str, Any]:
    source = {
        "S3Uri": "s3://bucket/x",
        "LocalPath": "/opt/ml/processing/input",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    return {"ProcessingInputs": [{"InputName": "i", "S3Input": source | other}]}


def _output(path: str) -> dict[str, Any]:
    output = {"S3Uri": "s3://bucket/x", "LocalPath": path, "S3UploadMode": "EndOfJob"}
    return {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "o", "S3Output": output}]}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"ProcessingJobName": "under_score"},
            "'processingJobName' failed to satisfy constraint: Member must satisfy",
        ),
        ({"Environment": {"A": "x" * 257}}, "Member must have length less than or equal to 256"),
        (_source(S3DataType="ManifestFile"), "S3DataType ManifestFile is not supported"),
        (_source(S3InputMode="Pipe"), "input mode Pipe is not supported"),
        (_source(LocalPath="/opt/ml/input"), "LocalPath '/opt/ml/input' must begin with /opt/ml/processing/"),
        (
            _source(LocalPath="/opt/ml/processing/../../x"),
            "'/opt/ml/processing/../../x' is outside of /opt/ml",
        ),
        (_output("/tmp/out"), "LocalPath '/tmp/out' is outside of /opt/ml"),  # noqa: S108 - no file is made
        (
            {"RoleArn": "arn:aws:iam::000000000000:role/nobody"},
            "Could not assume role arn:aws:iam::000000000000",
        ),
        (
            {"RoleArn": "arn:aws:iam::111122223333:role/job-tests"},
            "Could not assume role arn:aws:iam::111122223333",
        ),
    ],
)
def test_a_processing_job_is_refused(jobs: Jobs, change: dict[str, Any], words: str) -> None:
    """ValidationException with the member and what is wrong with it."""
    code, message = _refusal(jobs, jobs.processing("refused", "pass") | change)
    assert code == "ValidationException"
    assert words in message


def test_a_role_that_sagemaker_may_not_assume_is_refused(jobs: Jobs) -> None:
    """The trust policy of the role counts."""
    trust = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}}]}'
    role = jobs.client("iam").create_role(RoleName="states-only", AssumeRolePolicyDocument=trust)["Role"][
        "Arn"
    ]
    code, message = _refusal(jobs, jobs.processing("refused", "pass", RoleArn=role))
    assert code == "ValidationException"
    assert "allows principal 'sagemaker.amazonaws.com' to assume the role" in message


@pytest.mark.parametrize("kind", ["processing", "training"])
def test_a_name_is_used_once(jobs: Jobs, kind: str) -> None:
    """A name is taken for good: moto accepts it twice (moto/sagemaker/models.py:3681); AWS answers ResourceInUse, ended or not."""
    request = getattr(jobs, kind)(f"{kind}-once", "pass")
    jobs.run(request)
    code, message = _refusal(jobs, request)
    assert code == "ResourceInUse"
    assert f"{kind}-job/{kind}-once" in message


def test_training_looks_for_its_objects_first(jobs: Jobs) -> None:
    """CreateTrainingJob refuses a channel without objects, and says which."""
    request = jobs.training("refused", "pass", InputDataConfig=[jobs.channel("train", "nothing/there")])
    code, message = _refusal(jobs, request)
    assert code == "ValidationException"
    uri = jobs.uri("nothing/there")
    assert message.startswith(f'No S3 objects found under S3 URL "{uri}" given in input data source.')


@pytest.mark.parametrize("wait", [{}, {"MaxWaitTimeInSeconds": 59}])
def test_spot_waits_at_least_as_long_as_it_may_run(jobs: Jobs, wait: dict[str, int]) -> None:
    """MaxWaitTimeInSeconds must be there and not below MaxRuntimeInSeconds."""
    condition = {"MaxRuntimeInSeconds": 60, **wait}
    request = jobs.training("refused", "pass", EnableManagedSpotTraining=True, StoppingCondition=condition)
    code, message = _refusal(jobs, request)
    assert code == "ValidationException"
    assert "MaxWaitTimeInSeconds" in message


def test_a_job_that_is_not_there_is_named(jobs: Jobs) -> None:
    """Describe and stop answer ValidationException in the words of AWS."""
    for call in (jobs.api.describe_training_job, jobs.api.stop_training_job):
        with pytest.raises(ClientError, match="Could not find requested job with name: nobody"):
            call(TrainingJobName="nobody")


def test_what_cannot_run_is_refused(jobs: Jobs) -> None:
    """An operation that moto would call done at once, although nothing ran, is refused by name."""
    with pytest.raises(ClientError, match="The local AWS does not know CreateEndpoint"):
        jobs.api.create_endpoint(EndpointName="endpoint", EndpointConfigName="configuration")
