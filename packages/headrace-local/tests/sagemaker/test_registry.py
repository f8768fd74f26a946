"""The model registry."""

import pytest
from botocore.exceptions import ClientError
from local_jobs import IMAGE, Jobs

_SPECIFICATION = {
    "Containers": [
        {
            "Image": IMAGE,
            "ModelDataUrl": "s3://bucket/model.tar.gz",
        }
    ],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


def _package(jobs: Jobs, group: str, **given: object) -> str:
    answer = jobs.api.create_model_package(
        ModelPackageGroupName=group, InferenceSpecification=_SPECIFICATION, **given
    )
    return str(answer["ModelPackageArn"])


def test_versions_count_from_one_and_never_come_twice(jobs: Jobs) -> None:
    """A number is never given again: moto counts the packages (moto/sagemaker/models.py:4601), so after a delete a version would come twice."""
    jobs.api.create_model_package_group(ModelPackageGroupName="counted")
    prefix = "arn:aws:sagemaker:us-east-1:000000000000:model-package/counted"
    assert _package(jobs, "counted") == f"{prefix}/1"
    assert _package(jobs, "counted") == f"{prefix}/2"
    jobs.api.delete_model_package(ModelPackageName=f"{prefix}/2")
    assert (
        _package(jobs, "arn:aws:sagemaker:us-east-1:000000000000:model-package-group/counted")
        == f"{prefix}/3"
    )
    with pytest.raises(ClientError, match=f"{prefix}/2 not found"):
        jobs.api.describe_model_package(ModelPackageName=f"{prefix}/2")


def test_a_package_returns_what_was_given(jobs: Jobs) -> None:
    """All members, also those that moto drops (moto/sagemaker/models.py:1219); approval waits by default."""
    jobs.api.create_model_package_group(ModelPackageGroupName="kept")
    source = {"ContentType": "application/json", "S3Uri": "s3://bucket/evaluation.json"}
    given = {
        "ModelPackageDescription": "d",
        "ModelMetrics": {"ModelQuality": {"Statistics": source}},
        "DriftCheckBaselines": {"ModelDataQuality": {"Statistics": source}},
        "CustomerMetadataProperties": {"commit": "abc"},
        "SourceUri": "s3://bucket/source",
        "SkipModelValidation": "All",
    }
    arn = _package(jobs, "kept", Tags=[{"Key": "k", "Value": "v"}], **given)
    package = jobs.api.describe_model_package(ModelPackageName=arn)
    for member, value in given.items():
        assert package[member] == value
    assert package["InferenceSpecification"] == _SPECIFICATION
    assert (package["ModelPackageVersion"], package["ModelPackageStatus"]) == (1, "Completed")
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["CreationTime"]
    assert jobs.api.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]


def test_an_update_changes_only_what_is_given(jobs: Jobs) -> None:
    """The rest stays: moto empties CustomerMetadataProperties and the approval status (moto/sagemaker/models.py:4546)."""
    jobs.api.create_model_package_group(ModelPackageGroupName="updated")
    arn = _package(jobs, "updated", CustomerMetadataProperties={"commit": "abc", "old": "x"})
    jobs.api.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="good"
    )
    package = jobs.api.describe_model_package(ModelPackageName=arn)
    assert package["CustomerMetadataProperties"] == {"commit": "abc", "old": "x"}
    jobs.api.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"stage": "prod"},
        CustomerMetadataPropertiesToRemove=["old"],
    )
    package = jobs.api.describe_model_package(ModelPackageName=arn)
    assert package["CustomerMetadataProperties"] == {"commit": "abc", "stage": "prod"}
    assert (package["ModelApprovalStatus"], package["ApprovalDescription"]) == ("Approved", "good")
    assert package["LastModifiedTime"] >= package["CreationTime"]


def test_the_champion_is_found(jobs: Jobs) -> None:
    """Approved, newest first, one: what the pipeline asks for."""
    jobs.api.create_model_package_group(ModelPackageGroupName="champions")
    query = {
        "ModelPackageGroupName": "champions",
        "ModelApprovalStatus": "Approved",
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "MaxResults": 1,
    }
    assert jobs.api.list_model_packages(**query)["ModelPackageSummaryList"] == []
    packages = [
        _package(jobs, "champions", ModelApprovalStatus=s) for s in ("Approved", "Approved", "Rejected")
    ]
    (champion,) = jobs.api.list_model_packages(**query)["ModelPackageSummaryList"]
    assert champion["ModelPackageArn"] == packages[1]
    assert (champion["ModelPackageVersion"], champion["ModelApprovalStatus"]) == (2, "Approved")


def test_a_group_must_exist_and_is_made_once(jobs: Jobs) -> None:
    """A package of no group and a second group of the same name are refused, each by name."""
    with pytest.raises(ClientError, match="model-package-group/nowhere does not exist"):
        _package(jobs, "nowhere")
    jobs.api.create_model_package_group(ModelPackageGroupName="once")
    with pytest.raises(ClientError, match=r"already exists: .*/once"):
        jobs.api.create_model_package_group(ModelPackageGroupName="once")


def test_only_an_empty_group_is_deleted(jobs: Jobs) -> None:
    """DeleteModelPackageGroup is not there in moto; AWS answers ConflictException while packages are left."""
    jobs.api.create_model_package_group(ModelPackageGroupName="gone")
    arn = _package(jobs, "gone")
    with pytest.raises(jobs.api.exceptions.ConflictException):
        jobs.api.delete_model_package_group(ModelPackageGroupName="gone")
    jobs.api.delete_model_package(ModelPackageName=arn)
    jobs.api.delete_model_package_group(ModelPackageGroupName="gone")
    with pytest.raises(ClientError, match="does not exist"):
        jobs.api.describe_model_package_group(ModelPackageGroupName="gone")


def test_metadata_that_aws_would_refuse_is_refused(jobs: Jobs) -> None:
    """A value of CustomerMetadataProperties has 256 characters at most; boto3 and moto let any pass."""
    jobs.api.create_model_package_group(ModelPackageGroupName="bounded")
    with pytest.raises(ClientError, match="length less than or equal to 256"):
        _package(jobs, "bounded", CustomerMetadataProperties={"metrics": "x" * 257})
