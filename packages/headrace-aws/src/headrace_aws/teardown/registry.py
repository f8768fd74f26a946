"""A group of the model registry, with its versions."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace_aws import formatting
from headrace_aws.aws_words import NOT_FOUND_CODES

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


def remove_group(sagemaker: "SageMakerClient", group: str, say: Callable[[str], None]) -> None:
    """Delete a group and every version in it; a group that is not there is no error."""
    try:
        sagemaker.describe_model_package_group(ModelPackageGroupName=group)
    except ClientError as error:
        if error.response["Error"]["Code"] in NOT_FOUND_CODES:
            return
        raise
    found = [
        version["ModelPackageArn"]
        for page in sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)
        for version in page["ModelPackageSummaryList"]
    ]
    for version in found:
        sagemaker.delete_model_package(ModelPackageName=version)
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    say(f"deleted registry group {group}, {formatting.count(len(found), 'version')}")


def groups(sagemaker: "SageMakerClient", project: str) -> list[str]:
    """Return the groups of a project, by its tag: its models' own, and those of models that it no longer has."""
    pages = sagemaker.get_paginator("list_model_package_groups").paginate(NameContains=f"{project}-")
    found = [group for page in pages for group in page["ModelPackageGroupSummaryList"]]
    return [
        group["ModelPackageGroupName"]
        for group in found
        if {"Key": "project", "Value": project}
        in sagemaker.list_tags(ResourceArn=group["ModelPackageGroupArn"])["Tags"]
    ]
