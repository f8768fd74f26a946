"""Copy the champion of a model into its preview, so that the model of the branch is compared with it."""

from contextlib import suppress
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace_aws.preview.context import Preview
from headrace_aws.registry.packages import APPROVED, Package, newest_package, versions
from headrace_aws.s3_objects import ObjectError, reading
from headrace_local.grammars.s3_uri import bucket_and_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker.type_defs import CreateModelPackageInputTypeDef

COPY_OF = "copy_of"  # the metadata of a copy: the ARN of the version that it is a copy of


def copy_champion(preview: Preview) -> Package | None:
    """Make the newest approved version of the model the one approved version of its preview; return it, or None.

    An existing copy stays. That of a former champion is deleted, as the preview's training would take it for the champion.
    """
    champion = newest_package(preview.origin, APPROVED)
    sagemaker = preview.context.sagemaker
    copied = False
    for version in list(versions(preview.context, APPROVED)):
        arn = version["ModelPackageArn"]
        described = sagemaker.describe_model_package(ModelPackageName=arn)
        of = described.get("CustomerMetadataProperties", {}).get(COPY_OF)
        if champion and of == champion.arn:
            copied = True
        else:
            sagemaker.delete_model_package(ModelPackageName=arn)
    if champion and not copied:
        _register(preview, champion)
    return champion


def _register(preview: Preview, champion: Package) -> None:
    """Register a copy of a version, with artefact and evaluation under the preview's own prefix."""
    folder = f"s3://{preview.context.bucket}/{preview.name}/runs/champion/version-{champion.version}"
    artefact = f"{folder}/model.tar.gz"
    # One that cannot be copied is registered all the same: the training then says that there is nothing to compare with.
    with suppress(ObjectError):
        _copy(preview.context.s3, champion.artefact, artefact)
    types = ["text/csv", "application/json"]
    request: CreateModelPackageInputTypeDef = {
        "ModelPackageGroupName": preview.context.group,
        "ModelPackageDescription": f"Copy of {champion.name}, for a preview to be judged against.",
        "ModelApprovalStatus": APPROVED,
        "InferenceSpecification": {
            "Containers": [{"Image": champion.image, "ModelDataUrl": artefact}],
            "SupportedContentTypes": types,
            "SupportedResponseMIMETypes": types,
        },
        "CustomerMetadataProperties": {
            COPY_OF: champion.arn,
            **{
                key: value
                for key in ("commit", "execution", "data_fingerprint", "code_fingerprint")
                if (value := getattr(champion, key))
            },
        },
    }
    if champion.evaluation:
        evaluation = f"{folder}/evaluation.json"
        request["ModelMetrics"] = {
            "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": evaluation}}
        }
        with suppress(ObjectError):
            _copy(preview.context.s3, champion.evaluation, evaluation)
    preview.context.sagemaker.create_model_package(**request)


def _copy(s3: "S3Client", source: str, target: str) -> None:
    """Copy an object, from one S3 URI to another, unless it is there; raise `ObjectError` when it cannot be read."""
    from_bucket, from_key = bucket_and_key(source)
    bucket, key = bucket_and_key(target)
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"404", "NoSuchKey"}:
            raise
        with reading(source, "a part of the champion", "put back a former version of the object"):
            s3.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": from_bucket, "Key": from_key})
