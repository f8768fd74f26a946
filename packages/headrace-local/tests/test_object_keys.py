"""An object whose key is disabled or pending deletion cannot be read, until the key can be used again."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from headrace_local.testing import LocalAws

STATES = {
    "disabled": ("disable_key", {}, "KMS.DisabledException"),
    "pending deletion": (
        "schedule_key_deletion",
        {"PendingWindowInDays": 7},
        "KMS.KMSInvalidStateException",
    ),
}


@pytest.mark.parametrize(("call", "more", "code"), STATES.values(), ids=STATES.keys())
def test_an_object_is_read_only_while_its_key_can_be_used(
    local_aws: LocalAws, call: str, more: dict[str, Any], code: str
) -> None:
    """GET is refused with what KMS says, HEAD with 400; another object, and this one later, are read."""
    s3, kms = local_aws.client("s3"), local_aws.client("kms")
    bucket = f"object-keys-{call.replace('_', '-')}"
    s3.create_bucket(Bucket=bucket)
    made = kms.create_key()["KeyMetadata"]
    key, name = made["Arn"], made["KeyId"]
    s3.put_object(Bucket=bucket, Key="a", Body=b"a", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    s3.put_object(Bucket=bucket, Key="b", Body=b"b")
    getattr(kms, call)(KeyId=name, **more)
    with pytest.raises(ClientError, match=f"{code}.*{key}"):
        s3.get_object(Bucket=bucket, Key="a")
    with pytest.raises(ClientError, match="400"):
        s3.head_object(Bucket=bucket, Key="a")
    assert s3.get_object(Bucket=bucket, Key="b")["Body"].read() == b"b"
    if "PendingWindowInDays" in more:
        kms.cancel_key_deletion(KeyId=name)
    kms.enable_key(KeyId=name)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"a"
