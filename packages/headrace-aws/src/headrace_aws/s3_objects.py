"""Objects of S3 that a command reads: what is wrong with one that cannot be used, in one line that names it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from headrace import strict_json
from headrace.errors import ArtefactError
from headrace.settings import Record, record_of
from headrace_local.grammars.s3_uri import bucket_and_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MISSING = frozenset({"404", "NoSuchKey", "NoSuchVersion", "NoSuchBucket"})
_FORBIDDEN = frozenset({"403", "AccessDenied", "AllAccessDisabled"})
_HEAD_REFUSED = "400"  # of a HEAD, whose errors have no words: a key that cannot be used
_FORBIDDEN_REMEDY = "ask for s3:GetObject on it and kms:Decrypt with its key, or see docs/security.md for a role that has them"
_KEY_REMEDY = "enable its key again, or cancel the key's deletion"
_ARCHIVED_REMEDY = "restore it from its storage class"

RecordT = TypeVar("RecordT", bound=Record)


class ObjectError(ArtefactError):
    """An object is missing, empty, damaged, of another version, or may not be read."""


class MissingObjectError(ObjectError):
    """There is no such object."""


def uri_of(bucket: str, key: str) -> str:
    """Return the S3 URI of an object."""
    return f"s3://{bucket}/{key}"


@contextmanager
def reading(uri: str, purpose: str, remedy: str) -> Iterator[None]:
    """Turn what S3 and KMS say of one object into `ObjectError`; other errors, such as throttling, go up.

    `purpose` says what the object is, and `remedy` what helps where it is gone or damaged.
    """
    try:
        yield
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        if code in MISSING:
            raise MissingObjectError(f"{uri} is missing; it is {purpose}: {remedy}") from error
        if code in _FORBIDDEN:
            fault, own_remedy = "may not be read by this caller", _FORBIDDEN_REMEDY
        elif code.startswith("KMS.") or code == _HEAD_REFUSED:
            fault, own_remedy = "is encrypted with a key that cannot be used", _KEY_REMEDY
        elif code == "InvalidObjectState":
            fault, own_remedy = "is archived", _ARCHIVED_REMEDY
        else:
            raise
        raise ObjectError(f"{uri} {fault} ({code}); it is {purpose}: {own_remedy}") from error


def content_of(s3: "S3Client", uri: str, purpose: str, remedy: str) -> bytes:
    """Return the bytes of an object, of which there are some; raise `ObjectError`."""
    bucket, key = bucket_and_key(uri)
    with reading(uri, purpose, remedy):
        content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    if not content.strip():
        raise ObjectError(f"{uri} is empty; it is {purpose}: {remedy}")
    return content


def json_of(s3: "S3Client", uri: str, purpose: str, remedy: str) -> dict[str, Any]:
    """Return the JSON object that an object holds; raise `ObjectError`."""
    content = content_of(s3, uri, purpose, remedy)
    try:
        found = strict_json.loads(content, uri)
    except strict_json.JsonError as error:
        raise ObjectError(f"{error}; it is {purpose}: {remedy}") from error
    if not isinstance(found, dict):
        raise ObjectError(f"{uri} holds no JSON object; it is {purpose}: {remedy}")
    return found


def record_in(kind: type[RecordT], s3: "S3Client", uri: str, purpose: str, remedy: str) -> RecordT:
    """Return the record that an object holds; raise `ObjectError` when it is of another version, too."""
    return parsed(kind, content_of(s3, uri, purpose, remedy), uri, purpose, remedy)


def parsed(kind: type[RecordT], content: bytes, uri: str, purpose: str, remedy: str) -> RecordT:
    """Return the record in the content of an object; raise `ObjectError`."""
    try:
        return record_of(kind, content, uri)
    except strict_json.JsonError as error:
        raise ObjectError(f"{error}; it is {purpose}: {remedy}") from error


def download(s3: "S3Client", uri: str, file: Path, purpose: str, remedy: str) -> Path:
    """Fetch an object into a file, and return the file; raise `ObjectError` and leave no part of it behind."""
    bucket, key = bucket_and_key(uri)
    file.parent.mkdir(parents=True, exist_ok=True)
    with reading(uri, purpose, remedy):
        s3.download_file(bucket, key, str(file))
    return file
