"""Objects of a bucket with every version, and the bucket itself."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from headrace.errors import DeployError
from headrace_aws import formatting

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_AT_ONCE = 1000  # what DeleteObjects takes
_ATTEMPTS = 5  # at a bucket into which S3 may still deliver the record of our own calls


def remove_objects(s3: "S3Client", bucket: str, prefix: str, say: Callable[[str], None]) -> None:
    """Remove every version and delete marker below a prefix, which is empty for the whole bucket.

    Raises:
        DeployError: S3 kept an object; the message has its reason.
    """
    removed = 0
    found = versions(s3, bucket, prefix)
    while some := list(islice(found, _AT_ONCE)):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})
        for error in answer.get("Errors", []):
            raise DeployError(
                f"s3://{bucket}/{error.get('Key')} cannot be removed: {error.get('Message')}; "
                "lift what keeps it, and repeat the command"
            )
        removed += len(some)
    if removed:
        say(f"removed {formatting.count(removed, 'version')} of objects in s3://{bucket}/{prefix}")


def remove_bucket(s3: "S3Client", bucket: str, say: Callable[[str], None]) -> None:
    """Empty a bucket and delete it."""
    for _ in range(_ATTEMPTS):
        try:
            remove_objects(s3, bucket, "", say)
            s3.delete_bucket(Bucket=bucket)
        except s3.exceptions.NoSuchBucket:
            return
        except s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "BucketNotEmpty":
                raise
        else:
            say(f"deleted bucket {bucket}")
            return
    raise DeployError(f"something still writes into bucket {bucket}; end it, and repeat the command")


def has_bucket(s3: "S3Client", bucket: str) -> bool:
    """Tell whether a bucket exists."""
    try:
        s3.head_bucket(Bucket=bucket)
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in {"404", "NoSuchBucket"}:
            raise
        return False
    return True


def versions(s3: "S3Client", bucket: str, prefix: str) -> "Iterator[ObjectIdentifierTypeDef]":
    """Yield every version and delete marker below a prefix."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for version in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            yield {"Key": version["Key"], "VersionId": version["VersionId"]}
