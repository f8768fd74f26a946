"""The corrections of moto's bucket policies, beside what stock moto does.

The server is another process: in this one moto is as it was installed. A test that fails here on stock moto
says that the correction in infra/local/cloudformation/bucket_policies.py is needed no more.
"""

import json
from typing import Any

import pytest
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from headrace_local.cloudformation.bucket_policies import permission, takes_logs

TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "arn:aws:s3:::logs/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
DELIVERY = {
    "Effect": "Allow",
    "Principal": {"Service": "logging.s3.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::logs/data/*",
}


def _bucket(*statements: dict[str, Any]) -> FakeBucket:
    bucket = FakeBucket("logs", "000000000000", "us-east-1")
    bucket.policy = json.dumps({"Version": "2012-10-17", "Statement": statements}).encode()
    return bucket


def test_a_statement_with_a_condition_does_not_count() -> None:
    """Stock moto denies under the TLS-only statement; the correction is neutral."""
    asked = ("s3:PutObject", "arn:aws:s3:::logs/a")
    assert _bucket(TLS_ONLY).get_permission(*asked) == PermissionResult.DENIED
    assert permission(_bucket(TLS_ONLY), *asked) == PermissionResult.NEUTRAL
    without = {key: value for key, value in TLS_ONLY.items() if key != "Condition"}
    assert permission(_bucket(without), *asked) == PermissionResult.DENIED


def test_any_principal_beside_the_log_delivery() -> None:
    """Stock moto fails on a Principal that is a text; the correction looks at the other statements."""
    bucket = _bucket(TLS_ONLY, DELIVERY)
    with pytest.raises(AttributeError):
        FakeBucket._log_permissions_enabled_policy(bucket, "data/")  # noqa: SLF001 - what is corrected
    assert takes_logs(bucket, "data/")
    assert not takes_logs(bucket, "elsewhere/")
    assert not takes_logs(_bucket(TLS_ONLY), "data/")
