"""Bucket policies with conditions and with any principal: kept whole, and read as S3 reads them."""

from fnmatch import fnmatchcase
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

from headrace_local import strict_json
from headrace_local.patching import replace

_LOG_DELIVERY = "logging.s3.amazonaws.com"


def install() -> None:
    """Correct how moto's buckets read their policy."""
    replace(FakeBucket, "get_permission", permission)
    replace(FakeBucket, "_log_permissions_enabled_policy", staticmethod(takes_logs))


def permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
    """Return what the bucket's policy says of an action.

    Moto (s3/models.py:1154) applies a statement whatever its Condition says, so the common statement that
    denies requests without TLS would deny all of them. Here a statement with a Condition does not count:
    aws:SecureTransport and the like describe a connection or a caller that the local AWS does not have.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = strict_json.loads(bucket.policy)
    policy["Statement"] = [each for each in _listed(policy["Statement"]) if "Condition" not in each]
    return IAMPolicy(strict_json.dumps(policy)).is_action_permitted(action, resource)


def takes_logs(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
    """Tell whether a bucket's policy lets S3 deliver access logs below a prefix.

    Moto (s3/models.py:1361) fails on a statement whose Principal is "*", and on lists of resources.
    """
    if target_bucket.policy is None:
        return False
    desired = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}log"
    return any(
        statement["Effect"] == "Allow"
        and isinstance(statement["Principal"], dict)
        and _LOG_DELIVERY in _listed(statement["Principal"].get("Service"))
        and any(fnmatchcase("s3:PutObject", action) for action in _listed(statement["Action"]))
        and any(fnmatchcase(desired, resource) for resource in _listed(statement["Resource"]))
        for statement in _listed(strict_json.loads(target_bucket.policy)["Statement"])
    )


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - a policy has one item or a list of them in many places
    return value if isinstance(value, list) else [value]
