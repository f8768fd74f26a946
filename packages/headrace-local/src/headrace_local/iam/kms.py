"""KMS keys: their ARNs, and the use of them that S3, SNS, SQS and DynamoDB make for a caller, as that caller.

Such a use has kms:ViaService. Only the account's own keys count: AWS's (aws/s3 and the like) let everybody of the
account use them. What services do with grants and in their own name (volumes of jobs, log groups) is not looked at.
"""

from collections.abc import Callable, Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.kms.models import kms_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from headrace_local.iam import s3
from headrace_local.iam.evaluation import Permission
from headrace_local.iam.matching import Context
from headrace_local.iam.requests import Call

_WRITES, _READS = ("kms:GenerateDataKey",), ("kms:Decrypt",)
_SENDS = _WRITES + _READS
_OF_S3 = {
    "PutObject": _WRITES,
    "CopyObject": _WRITES,
    "CreateMultipartUpload": _WRITES,
    "UploadPart": _SENDS,
    "CompleteMultipartUpload": _READS,
    "GetObject": _READS,
    "HeadObject": _READS,
}
_OF_AWS = "alias/aws/"
_OF_ITEMS = ("Item", "Items", "Query", "Scan")
_OF_MESSAGES = {"SendMessage": _SENDS, "SendMessageBatch": _SENDS, "ReceiveMessage": _READS}
_OF_TOPICS = ("Publish", "PublishBatch")

Use = tuple[tuple[str, ...], str, Mapping[str, str]]  # actions, the key, the encryption context


def required_permissions(call: Call, account: str) -> list[Permission]:
    """Return the permissions on the keys that a service uses for this request."""
    find = _USES.get(call.service)
    use = find(call, account) if find else None
    if use is None:
        return []
    actions, key, encryption = use
    owner = kms_backends[key.split(":")[4] if key.startswith("arn:") else account][call.region]
    found = owner.keys.get(_id(owner, key))
    if found is None or any(alias.startswith(_OF_AWS) for alias in found.aliases):
        return []
    context = {
        "kms:viaservice": (f"{call.service}.{call.region}.amazonaws.com",),
        "kms:calleraccount": (account,),
        **_context_keys(encryption),
    }
    return [Permission(action, found.arn, context) for action in actions]


def key_arn(name: str, place: Mapping[str, str]) -> str:
    """Return the ARN of a key by its id, its alias, or the ARN of either."""
    is_arn = name.startswith("arn:")
    parts = name.split(":", 5) if is_arn else ["", "", "", place["region"], place["account"], name]
    owner = kms_backends[parts[4]][parts[3]]
    key = owner.keys.get(_id(owner, name))
    if key is not None:
        return str(key.arn)
    return name if is_arn else "arn:{partition}:kms:{region}:{account}:key/".format(**place) + name


def encryption_context(call: Call) -> Context:
    """Return the condition keys kms:EncryptionContext:... of a request to KMS."""
    context = call.parameters.get("EncryptionContext")
    return _context_keys(context) if call.service == "kms" and isinstance(context, dict) else {}


def _context_keys(context: Mapping[str, str]) -> Context:
    return {f"kms:encryptioncontext:{name}".lower(): (value,) for name, value in context.items()}


def _id(owner: Any, name: str) -> str:  # noqa: ANN401 - moto's backend
    alias = owner.get_alias_name(name)
    found = owner.get_key_id_from_alias(alias) if alias.startswith("alias/") else owner.get_key_id(name)
    return str(found or "")


def _of_s3(call: Call, _: str) -> Use | None:
    actions = _OF_S3.get(call.operation)
    bucket = s3.bucket_named(call.parameters.get("Bucket", "")) if actions else None
    if actions is None or bucket is None:
        return None
    name = call.parameters["Key"]
    if actions is _READS and call.operation != "CompleteMultipartUpload":
        item = bucket.keys.get(name)
        key = getattr(item, "kms_key_id", None)
    else:
        default = ((bucket.encryption or {}).get("Rule") or {}).get(
            "ApplyServerSideEncryptionByDefault"
        ) or {}
        way = call.headers.get("x-amz-server-side-encryption")
        key = call.headers.get("x-amz-server-side-encryption-aws-kms-key-id")
        key = key or (None if way == "AES256" else default.get("KMSMasterKeyID"))
    return (actions, key, {"aws:s3:arn": f"arn:aws:s3:::{bucket.name}"}) if key else None


def _of_dynamodb(call: Call, account: str) -> Use | None:
    name = call.parameters.get("TableName", "").rpartition("/")[2]
    table = dynamodb_backends[account][call.region].tables.get(name)
    key = (table.sse_specification or {}).get("KMSMasterKeyId") if table else None
    if not key or not call.operation.endswith(_OF_ITEMS):
        return None
    return _READS, key, {"aws:dynamodb:tableName": name, "aws:dynamodb:subscriberId": account}


def _of_sns(call: Call, account: str) -> Use | None:
    arn = call.parameters.get("TopicArn", "")
    topic = sns_backends[account][call.region].topics.get(arn) if call.operation in _OF_TOPICS else None
    key = topic.kms_master_key_id if topic else None
    return (_SENDS, key, {"aws:sns:topicArn": arn}) if key else None


def _of_sqs(call: Call, account: str) -> Use | None:
    actions = _OF_MESSAGES.get(call.operation)
    name = call.parameters.get("QueueUrl", "").rpartition("/")[2]
    queue: Any = sqs_backends[account][call.region].queues.get(name) if actions else None
    key = queue.kms_master_key_id if queue else None
    return (actions, key, {"aws:sqs:arn": queue.queue_arn}) if actions and key else None


_USES: Mapping[str, Callable[[Call, str], Use | None]] = {
    "dynamodb": _of_dynamodb,
    "s3": _of_s3,
    "sns": _of_sns,
    "sqs": _of_sqs,
}
