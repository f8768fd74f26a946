"""Conditional writes to S3, by which a deployment takes a lock."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET = "conditional-writes"


@pytest.fixture(scope="module")
def s3(local_aws: Any) -> Any:
    """S3, with a bucket; a client that many threads may use at once."""
    session: Any = boto3.Session("local", "local", region_name="eu-central-1")
    config = Config(max_pool_connections=16, retries={"total_max_attempts": 1}, proxies={})
    client = session.client("s3", endpoint_url=local_aws.endpoint, config=config)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return client


def refused(call: Any, **parameters: Any) -> tuple[str, int]:
    """Return code and status of a refusal."""
    with pytest.raises(ClientError) as caught:
        call(Bucket=BUCKET, **parameters)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_an_object_is_written_if_it_is_not_there(s3: Any) -> None:
    """412 when it is; and again possible once it has been deleted, in a versioned bucket too."""
    s3.put_object(Bucket=BUCKET, Key="lock", Body=b"one", IfNoneMatch="*")
    assert refused(s3.put_object, Key="lock", Body=b"two", IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket=BUCKET, Key="lock")["Body"].read() == b"one"
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.delete_object(Bucket=BUCKET, Key="lock")
    s3.put_object(Bucket=BUCKET, Key="lock", Body=b"two", IfNoneMatch="*")


def test_an_object_is_written_or_deleted_if_it_is_the_one_known(s3: Any) -> None:
    """By its ETag."""
    first = s3.put_object(Bucket=BUCKET, Key="etag", Body=b"one")["ETag"]
    second = s3.put_object(Bucket=BUCKET, Key="etag", Body=b"two", IfMatch=first)["ETag"]
    assert refused(s3.put_object, Key="etag", Body=b"three", IfMatch=first) == ("PreconditionFailed", 412)
    assert refused(s3.put_object, Key="nothing", Body=b"x", IfMatch=first) == ("NoSuchKey", 404)
    assert refused(s3.delete_object, Key="etag", IfMatch=first) == ("PreconditionFailed", 412)
    s3.delete_object(Bucket=BUCKET, Key="etag", IfMatch=second)
    assert refused(s3.get_object, Key="etag")[0] == "NoSuchKey"


def test_of_many_at_once_one_writes(s3: Any) -> None:
    """The lock is taken once, however many want it in the same moment."""

    def outcome(number: int) -> str:
        try:
            s3.put_object(Bucket=BUCKET, Key="race", Body=b"%d" % number * 20_000, IfNoneMatch="*")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "written"

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(outcome, range(48)))
    assert sorted(outcomes) == ["PreconditionFailed"] * 47 + ["written"]
