"""An object that a command cannot use is named in one line, with what it is for and what helps."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from headrace.golden import GoldenScores
from headrace.profile import Profile
from headrace_aws.release.ledger import Deployment
from headrace_aws.runs.summary import evaluation_at
from headrace_aws.s3_objects import MissingObjectError, ObjectError, download, json_of, record_in
from headrace_local.testing import LocalAws

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

USE = ("what the test reads", "write it anew")
Read = Callable[["S3Client", str, Path], object]


def record(kind: type[Any]) -> Read:
    """Return how a record is read."""
    return lambda s3, uri, _: record_in(kind, s3, uri, *USE)


READS: dict[str, Read] = {
    "JSON": lambda s3, uri, _: json_of(s3, uri, *USE),
    "a profile": record(Profile),
    "golden scores": record(GoldenScores),
    "a deployment": record(Deployment),
    "an evaluation": lambda s3, uri, _: evaluation_at(s3, uri),
}
# What an object holds, and words of what is reported; None: there is no object.
DAMAGES: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "is missing; it is "),
    "empty": (b"", "is empty; it is "),
    "white": (b" \n", "is empty; it is "),
    "cut": (b'{"metrics": {"rows"', "is not JSON"),
    "other bytes": (b"\x1f\x8b\x00\xff" * 9, "is no UTF-8"),
    "a list": (b"[]", ""),
    "not a number": (b'{"metrics": NaN}', "JSON has finite numbers only"),
}
OTHER_VERSION = b'{"format": 2, "lines": []}'


@pytest.fixture(scope="module")
def bucket(local_aws: LocalAws) -> str:
    name = f"objects-{uuid4().hex[:8]}"
    local_aws.client("s3").create_bucket(Bucket=name)
    return name


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
@pytest.mark.parametrize(("content", "words"), DAMAGES.values(), ids=DAMAGES.keys())
def test_what_cannot_be_read_is_named(  # noqa: PLR0913, PLR0917 - a row of the table, and where it happens
    local_aws: LocalAws, bucket: str, tmp_path: Path, content: bytes | None, words: str, read: Read
) -> None:
    """The message is one line that begins with the URI, and ends with use and remedy."""
    s3, key = local_aws.client("s3"), f"a/{uuid4().hex}.json"
    if content is not None:
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    with pytest.raises(ObjectError) as raised:
        read(s3, f"s3://{bucket}/{key}", tmp_path)
    message = str(raised.value)
    assert message.startswith(f"s3://{bucket}/{key}")
    assert words in message
    assert "; it is " in message
    assert message.endswith(("write it anew", "put back a former version of the object, or train anew"))
    assert len(message.splitlines()) == 1
    assert isinstance(raised.value, MissingObjectError) is (content is None)


@pytest.mark.parametrize("read", [read for name, read in READS.items() if name != "JSON"])
def test_another_version_is_reported(local_aws: LocalAws, bucket: str, tmp_path: Path, read: Read) -> None:
    """What has other keys than this code reads is no error of the code."""
    s3 = local_aws.client("s3")
    s3.put_object(Bucket=bucket, Key="other.json", Body=OTHER_VERSION)
    with pytest.raises(
        ObjectError, match=r"other\.json (cannot be used: \w+: is missing|is of another version)"
    ):
        read(s3, f"s3://{bucket}/other.json", tmp_path)


@pytest.mark.parametrize(
    "read", [READS["JSON"], lambda s3, uri, folder: download(s3, uri, folder / "f", *USE)]
)
@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        ("disable", "is encrypted with a key that cannot be used"),
        ("schedule deletion", "is encrypted with a key that cannot be used"),
        ("delete", "is missing"),
        ("no bucket", "is missing"),
    ],
)
def test_what_may_not_be_read_is_named(  # noqa: PLR0913, PLR0917 - likewise
    local_aws: LocalAws, bucket: str, tmp_path: Path, prepare: str, words: str, read: Read
) -> None:
    """A key that cannot be used is told apart from an object that is gone; a download leaves no part behind."""
    s3, kms, name = local_aws.client("s3"), local_aws.client("kms"), f"{uuid4().hex}.json"
    key = kms.create_key()["KeyMetadata"]
    s3.put_object(Bucket=bucket, Key=name, Body=b"{}", ServerSideEncryption="aws:kms", SSEKMSKeyId=key["Arn"])
    if prepare == "delete":
        s3.delete_object(Bucket=bucket, Key=name)
    elif prepare == "disable":
        kms.disable_key(KeyId=key["KeyId"])
    elif prepare == "schedule deletion":
        kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    uri = f"s3://{'no-such-' if prepare == 'no bucket' else ''}{bucket}/{name}"
    with pytest.raises(ObjectError, match=f"^{uri} {words}") as raised:
        read(s3, uri, tmp_path)
    assert "what the test reads" in str(raised.value)
    assert not list(tmp_path.iterdir())
