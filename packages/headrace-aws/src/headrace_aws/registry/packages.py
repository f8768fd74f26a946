"""The registry: the versions of a model, by number, by approval, and each with what it was made from."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError
from headrace_aws import naming
from headrace_aws.aws_words import NOT_FOUND_CODES
from headrace_aws.model_context import ModelContext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sagemaker.type_defs import (
        DescribeModelPackageOutputTypeDef,
        ListModelPackagesInputPaginateTypeDef,
        ModelPackageSummaryTypeDef,
    )

Approval = Literal["Approved", "PendingManualApproval", "Rejected"]
APPROVED: Approval = "Approved"
PENDING: Approval = "PendingManualApproval"
REJECTED: Approval = "Rejected"

_LISTED = 5  # how many versions a message lists


@dataclass(frozen=True)
class Package:
    """A version of a model in the registry; what it was registered without is empty."""

    arn: str
    group: str
    version: int
    approval: Approval
    approval_note: str  # who decided and why
    registered_at: datetime
    changed_at: datetime
    artefact: str  # S3 URI of model.tar.gz
    image: str
    evaluation: str  # S3 URI of evaluation.json
    execution: str  # ARN
    commit: str
    data_fingerprint: str
    code_fingerprint: str

    @property
    def name(self) -> str:
        """Group and version, as a message names it."""
        return f"{self.group} version {self.version}"


def versions(
    context: ModelContext, approval: Approval | None = None
) -> "Iterator[ModelPackageSummaryTypeDef]":
    """Return the versions of a model in the registry, the newest first, read as they are asked for."""
    request: ListModelPackagesInputPaginateTypeDef = {
        "ModelPackageGroupName": context.group,
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
    }
    if approval:
        request["ModelApprovalStatus"] = approval
    try:
        for page in context.sagemaker.get_paginator("list_model_packages").paginate(**request):
            # A page is cut before it is filtered: it may be empty, and have a successor.
            yield from page["ModelPackageSummaryList"]
    except ClientError as error:
        if error.response["Error"]["Code"] in NOT_FOUND_CODES and "group" in str(error).lower():
            raise ConfigurationError(
                f"the registry has no group {context.group}; `make deploy` makes it"
            ) from error
        raise


def package_named(context: ModelContext, given: str) -> Package:
    """Return a version by its number or ARN; raise `ConfigurationError` when the model has no such version."""
    if re.fullmatch(r"[1-9]\d{0,8}", given):
        arn = naming.model_package_arn(context.project, context.aws.environment, context.model, int(given))
    elif re.fullmatch(rf"arn:.*:model-package/{re.escape(context.group)}/[1-9]\d{{0,8}}", given):
        arn = given
    else:
        raise ConfigurationError(
            f"{given!r} is no version of {context.group}; give its number, such as 3, or its ARN"
        )
    try:
        return _package(context.sagemaker.describe_model_package(ModelPackageName=arn))
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOT_FOUND_CODES:
            raise
        raise ConfigurationError(
            f"{context.group} has no version {given} in {context.aws.name}; it has: {_listed(context)}"
        ) from error


def newest_package(context: ModelContext, approval: Approval) -> Package | None:
    """Return the newest version with that approval status, or None."""
    summary = next(versions(context, approval), None)
    if summary is None:
        return None
    return _package(context.sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"]))


def _listed(context: ModelContext) -> str:
    found = [str(summary["ModelPackageVersion"]) for summary in versions(context)]
    if not found:
        return "none yet; `make run` registers the first"
    return ", ".join(found[:_LISTED]) + (", ..." if len(found) > _LISTED else "")


def _package(described: "DescribeModelPackageOutputTypeDef") -> Package:
    metadata = described.get("CustomerMetadataProperties", {})
    container = described.get("InferenceSpecification", {"Containers": [{}]})["Containers"][0]
    quality = described.get("ModelMetrics", {}).get("ModelQuality", {})
    return Package(
        arn=described["ModelPackageArn"],
        group=described["ModelPackageGroupName"],
        version=described["ModelPackageVersion"],
        approval=described.get("ModelApprovalStatus", PENDING),
        approval_note=described.get("ApprovalDescription", ""),
        registered_at=described["CreationTime"],
        changed_at=described.get("LastModifiedTime", described["CreationTime"]),
        artefact=container.get("ModelDataUrl", ""),
        image=container.get("Image", ""),
        evaluation=quality.get("Statistics", {}).get("S3Uri", ""),
        execution=metadata.get("execution", ""),
        commit=metadata.get("commit", ""),
        data_fingerprint=metadata.get("data_fingerprint", ""),
        code_fingerprint=metadata.get("code_fingerprint", ""),
    )
