"""The artefact bucket of an environment: releases, what was deployed when, and the lock of a deployment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace.errors import ReleaseError
from headrace_aws import naming
from headrace_aws.config.project import Project
from headrace_aws.session import AwsSession

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MISSING = {"404", "NoSuchKey"}
_NO_ACCESS = {"403", "AccessDenied", "NoSuchBucket"}


@dataclass(frozen=True)
class Artefacts:
    """The bucket, and the session that reaches it, perhaps from another account."""

    aws: AwsSession
    project: Project

    @property
    def bucket(self) -> str:
        """Its name."""
        return naming.artefact_bucket(self.project, self.aws.environment)

    @property
    def s3(self) -> "S3Client":
        """The client."""
        client: S3Client = self.aws.client("s3")
        return client

    def content(self, key: str) -> bytes | None:
        """Return an object, or None when there is none."""
        with self.readable_errors():
            try:
                return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] in _MISSING:
                    return None
                raise

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin so, sorted."""
        with self.readable_errors():
            pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            return [found["Key"] for page in pages for found in page.get("Contents", [])]

    @contextmanager
    def readable_errors(self) -> Iterator[None]:
        """Turn a denied access into an error with its remedy."""
        try:
            yield
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in _NO_ACCESS:
                raise
            raise ReleaseError(
                f"{self.bucket} of environment {self.aws.name} cannot be reached ({code}); an administrator's "
                f"`make bootstrap ENV={self.aws.name}` makes it, and lets in the account that comes after"
            ) from error
