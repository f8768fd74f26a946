"""The permissions that S3's operations require: https://docs.aws.amazon.com/AmazonS3/latest/API/, "Permissions" of each operation.

DeleteObjects is refused as a whole when one of its keys may not be deleted; AWS answers key by key.
"""

from collections.abc import Mapping
from urllib.parse import parse_qs, unquote

from moto.s3.models import FakeBucket, s3_backends

from headrace_local.iam.evaluation import Permission
from headrace_local.iam.matching import Context
from headrace_local.iam.requests import Call

# Action -> the operations on an object that need it, where the name is another one.
_ON_OBJECTS: Mapping[str, str] = {
    "GetObject": "HeadObject GetObjectTorrent SelectObjectContent GetObjectAttributes",
    "PutObject": "CopyObject CompleteMultipartUpload CreateMultipartUpload PostObject UploadPart UploadPartCopy",
    "ListMultipartUploadParts": "ListParts",
}
_ON_BUCKETS: Mapping[str, str] = {
    "ListBucket": "HeadBucket ListObjects ListObjectsV2",
    "ListBucketVersions": "ListObjectVersions",
    "ListBucketMultipartUploads": "ListMultipartUploads",
    "GetAccelerateConfiguration": "GetBucketAccelerateConfiguration",
    "PutAccelerateConfiguration": "PutBucketAccelerateConfiguration",
    "GetAnalyticsConfiguration": "GetBucketAnalyticsConfiguration ListBucketAnalyticsConfigurations",
    "PutAnalyticsConfiguration": "DeleteBucketAnalyticsConfiguration PutBucketAnalyticsConfiguration",
    "GetBucketCORS": "GetBucketCors",
    "PutBucketCORS": "DeleteBucketCors PutBucketCors",
    "GetEncryptionConfiguration": "GetBucketEncryption",
    "PutEncryptionConfiguration": "DeleteBucketEncryption PutBucketEncryption",
    "GetInventoryConfiguration": "GetBucketInventoryConfiguration ListBucketInventoryConfigurations",
    "PutInventoryConfiguration": "DeleteBucketInventoryConfiguration PutBucketInventoryConfiguration",
    "GetLifecycleConfiguration": "GetBucketLifecycle GetBucketLifecycleConfiguration",
    "PutLifecycleConfiguration": "DeleteBucketLifecycle PutBucketLifecycle PutBucketLifecycleConfiguration",
    "GetMetricsConfiguration": "GetBucketMetricsConfiguration ListBucketMetricsConfigurations",
    "PutMetricsConfiguration": "DeleteBucketMetricsConfiguration PutBucketMetricsConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
    "PutBucketOwnershipControls": "DeleteBucketOwnershipControls",
    "GetReplicationConfiguration": "GetBucketReplication",
    "PutReplicationConfiguration": "DeleteBucketReplication PutBucketReplication",
    "PutBucketTagging": "DeleteBucketTagging",
    "PutBucketWebsite": "PutBucketWebsite",
    "GetBucketObjectLockConfiguration": "GetObjectLockConfiguration",
    "PutBucketObjectLockConfiguration": "PutObjectLockConfiguration",
    "GetBucketPublicAccessBlock": "GetPublicAccessBlock",
    "PutBucketPublicAccessBlock": "DeletePublicAccessBlock PutPublicAccessBlock",
}
_ACTIONS = {
    operation: action
    for table in (_ON_OBJECTS, _ON_BUCKETS)
    for action, operations in table.items()
    for operation in operations.split()
}
# With a versionId the action is another: GetObject is then GetObjectVersion.
_WITH_VERSION = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectTagging": "PutObjectVersionTagging",
}
# Headers of PutObject and the like that need an action more.
_WITH_HEADER = {"x-amz-acl": "PutObjectAcl", "x-amz-tagging": "PutObjectTagging"}
_COPIES = {"CopyObject", "UploadPartCopy"}
_READS = {"GetObject", "HeadObject"}
_QUERY_KEYS = {
    "delimiter": "s3:delimiter",
    "max-keys": "s3:max-keys",
    "prefix": "s3:prefix",
    "versionId": "s3:versionid",
}
_HEADER_KEYS = (
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-metadata-directive",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-storage-class",
)


def required_permissions(call: Call, account: str, partition: str) -> list[Permission]:
    """Return the permissions that a request to S3 requires."""
    del account  # a bucket's ARN names none
    context = _context(call)
    bucket = call.parameters.get("Bucket")
    if bucket is None:
        action = "ListAllMyBuckets" if call.operation == "ListBuckets" else call.operation
        return [Permission(f"s3:{action}", "*", context)]
    bucket_arn = f"arn:{partition}:s3:::{bucket}"
    if call.operation == "DeleteObjects":
        return [
            Permission("s3:DeleteObject", f"{bucket_arn}/{key}", context) for key in call.parameters["Keys"]
        ]
    action = _ACTIONS.get(call.operation, call.operation)
    key = call.parameters.get("Key")
    if key is None:
        return [Permission(f"s3:{action}", bucket_arn, context)]
    if "versionId" in call.parameters:
        action = _WITH_VERSION.get(action, action)
    found = [Permission(f"s3:{action}", f"{bucket_arn}/{key}", context)]
    if call.operation in _COPIES:
        found.insert(0, _source(call.headers.get("x-amz-copy-source", ""), partition, context))
    if action == "PutObject":
        extra = [action for header, action in _WITH_HEADER.items() if header in call.headers]
        found += [Permission(f"s3:{action}", f"{bucket_arn}/{key}", context) for action in extra]
    if call.operation in _READS and _is_missing(bucket, key):
        # AWS does not say that a key is missing to who may not list the bucket.
        found.append(Permission("s3:ListBucket", bucket_arn, context))
    return found


def bucket_named(name: str) -> FakeBucket | None:
    """Return a bucket, in whichever account."""
    partition, account = s3_backends.bucket_accounts.get(name, ("", ""))
    return s3_backends[account][partition].buckets.get(name) if account else None


def _is_missing(bucket: str, key: str) -> bool:
    found = bucket_named(bucket)
    return found is not None and key not in found.keys


def _source(header: str, partition: str, context: Context) -> Permission:
    path, _, query = header.partition("?")
    action = "GetObjectVersion" if "versionId" in parse_qs(query) else "GetObject"
    return Permission(f"s3:{action}", f"arn:{partition}:s3:::{unquote(path).lstrip('/')}", context)


def _context(call: Call) -> Context:
    parameters = {
        key: (call.parameters[name],) for name, key in _QUERY_KEYS.items() if name in call.parameters
    }
    headers = {f"s3:{name}": (call.headers[name],) for name in _HEADER_KEYS if name in call.headers}
    return {**parameters, **headers}
