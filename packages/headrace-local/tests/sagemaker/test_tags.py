"""Tags: of each kind of job, of models, groups and packages."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError
from local_jobs import IMAGE, Jobs

_FIRST = [{"Key": "k", "Value": "old"}, {"Key": "other", "Value": "o"}]


def _processing(jobs: Jobs) -> str:
    return str(jobs.run(jobs.processing("tagged-processing", "pass", Tags=_FIRST))["ProcessingJobArn"])


def _training(jobs: Jobs) -> str:
    return str(jobs.run(jobs.training("tagged-training", "pass", Tags=_FIRST))["TrainingJobArn"])


def _model(jobs: Jobs) -> str:
    container = {"Image": IMAGE}
    answer = jobs.api.create_model(
        ModelName="tagged", PrimaryContainer=container, ExecutionRoleArn=jobs.role, Tags=_FIRST
    )
    return str(answer["ModelArn"])


def _group(jobs: Jobs) -> str:
    answer = jobs.api.create_model_package_group(ModelPackageGroupName="tagged", Tags=_FIRST)
    return str(answer["ModelPackageGroupArn"])


def _package(jobs: Jobs) -> str:
    jobs.api.create_model_package_group(ModelPackageGroupName="tagged-package")
    arn = jobs.api.create_model_package(ModelPackageGroupName="tagged-package")["ModelPackageArn"]
    jobs.api.add_tags(ResourceArn=arn, Tags=_FIRST)
    return str(arn)


@pytest.mark.parametrize("tagged", [_processing, _training, _model, _group, _package])
def test_tags_are_added_changed_and_removed(jobs: Jobs, tagged: Callable[[Jobs], str]) -> None:
    """A key has one value: the last one given."""
    arn = tagged(jobs)
    jobs.api.add_tags(ResourceArn=arn, Tags=[{"Key": "k", "Value": "new"}])
    assert sorted(tag["Value"] for tag in jobs.api.list_tags(ResourceArn=arn)["Tags"]) == ["new", "o"]
    jobs.api.delete_tags(ResourceArn=arn, TagKeys=["other"])
    assert jobs.api.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "new"}]


def test_what_is_not_there_has_no_tags(jobs: Jobs) -> None:
    """The ARN is named."""
    arn = "arn:aws:sagemaker:us-east-1:000000000000:training-job/nobody"
    with pytest.raises(ClientError, match=arn):
        jobs.api.list_tags(ResourceArn=arn)
