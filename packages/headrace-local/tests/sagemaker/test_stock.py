"""Stock moto still has the faults that `headrace_local.sagemaker` corrects: a row that fails is a correction to drop."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.sagemaker.models import sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/nobody"


def client() -> Any:
    return boto3.client("sagemaker", region_name=REGION)


def processing(**more: Any) -> dict[str, Any]:
    """Return the description of a job that is made at once, twice under one name."""
    request = {
        "ProcessingJobName": "stock",
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": "image"},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
    }
    api = client()
    for _ in range(2):
        api.create_processing_job(**request, **more)
    return dict(api.describe_processing_job(ProcessingJobName="stock"))


def package(api: Any, **more: Any) -> str:
    return str(api.create_model_package(ModelPackageGroupName="group", **more)["ModelPackageArn"])


def group() -> Any:
    api = client()
    api.create_model_package_group(ModelPackageGroupName="group")
    return api


def a_job_is_done_at_once_and_a_name_given_twice() -> bool:
    return bool(processing()["ProcessingJobStatus"] == "Completed")


def a_description_loses_what_was_given() -> bool:
    described = processing(Environment={"A": "b"})
    return "Environment" not in described and "ProcessingResources" not in described


def constraints_are_not_checked() -> bool:
    return bool(processing(Environment={"A": "x" * 257}))


def a_group_is_made_twice() -> bool:
    return bool(group() and group())


def a_version_comes_twice() -> bool:
    api = group()
    first, second = package(api), package(api)
    del sagemaker_backends[ACCOUNT][REGION].model_packages[second]
    return package(api) == second != first


def a_package_loses_what_is_newer() -> bool:
    api = group()
    described = api.describe_model_package(ModelPackageName=package(api, SourceUri="s3://b/k"))
    return "SourceUri" not in described and "ModelApprovalStatus" not in described


def an_update_empties_what_is_not_given() -> bool:
    api = group()
    arn = package(api, CustomerMetadataProperties={"commit": "abc"})
    api.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    return not api.describe_model_package(ModelPackageName=arn).get("CustomerMetadataProperties")


def a_package_has_no_tags() -> bool:
    api = group()
    arn = package(api, Tags=[{"Key": "k", "Value": "v"}])
    with pytest.raises(ValueError, match="too many values to unpack"):
        api.list_tags(ResourceArn=arn)
    return True


def what_does_not_run_is_said_to() -> bool:
    api = client()
    api.create_transform_job(
        TransformJobName="batch",
        ModelName="model",
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/k"}}},
        TransformOutput={"S3OutputPath": "s3://b/o"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    return bool(api.describe_transform_job(TransformJobName="batch")["TransformJobStatus"] == "Completed")


def a_tuning_job_that_does_not_run_is_completed() -> bool:
    api = client()
    limits = {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1}
    api.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tuning",
        HyperParameterTuningJobConfig={"Strategy": "Random", "ResourceLimits": limits},
    )
    described = api.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="tuning")
    return bool(described["HyperParameterTuningJobStatus"] == "Completed")


def a_model_is_made_twice_by_no_role() -> bool:
    api = client()
    arns = {api.create_model(ModelName="model", ExecutionRoleArn=ROLE)["ModelArn"] for _ in range(2)}
    return len(arns) == 1


def a_tag_has_two_values() -> bool:
    api = group()
    arn = api.describe_model_package_group(ModelPackageGroupName="group")["ModelPackageGroupArn"]
    for value in ("old", "new"):
        api.add_tags(ResourceArn=arn, Tags=[{"Key": "k", "Value": value}])
    return [tag["Value"] for tag in api.list_tags(ResourceArn=arn)["Tags"]] == ["old", "new"]


def a_search_takes_any_operator_for_equals() -> bool:
    api = group()
    package(api)
    version = {"Name": "ModelPackageVersion", "Operator": "GreaterThan", "Value": "0"}
    return not api.search(Resource="ModelPackage", SearchExpression={"Filters": [version]})["Results"]


def operations_are_missing() -> bool:
    missing = (
        "list_training_jobs_for_hyper_parameter_tuning_job",
        "stop_hyper_parameter_tuning_job",
        "stop_training_job",
        "stop_transform_job",
        "update_endpoint",
        "delete_model_package",
        "delete_model_package_group",
    )
    return not any(hasattr(SageMakerResponse, name) for name in missing)


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        (a_job_is_done_at_once_and_a_name_given_twice, "responses.py:177, models.py:4244"),
        (a_description_loses_what_was_given, "models.py:291"),
        (constraints_are_not_checked, "responses.py:177"),
        (a_group_is_made_twice, "models.py:4394"),
        (a_version_comes_twice, "models.py:4601"),
        (a_package_loses_what_is_newer, "models.py:1219"),
        (an_update_empties_what_is_not_given, "models.py:4546"),
        (a_package_has_no_tags, "models.py:3044"),
        (what_does_not_run_is_said_to, "responses.py:204"),
        (a_tuning_job_that_does_not_run_is_completed, "responses.py:1432"),
        (a_model_is_made_twice_by_no_role, "models.py:2955"),
        (a_tag_has_two_values, "models.py:3052"),
        (a_search_takes_any_operator_for_equals, "models.py:3103"),
        (operations_are_missing, "responses.py"),
    ],
)
@mock_aws
def test_stock_moto_has_the_fault(fault: Callable[[], bool], place: str) -> None:
    """The correction is needed: moto as it comes, in this process, does what the row says."""
    assert fault(), f"moto/sagemaker/{place} is mended: drop the correction"
