"""What S3 reports to EventBridge of the objects in a bucket that has it turned on. moto's files are moto/s3/."""

import time
from typing import Any
from uuid import uuid4

from moto.core.responses import ActionResult, EmptyResult
from moto.s3 import notifications
from moto.s3.models import S3Backend
from moto.s3.notifications import S3NotificationEvent
from moto.s3.responses import S3Response

from headrace_local.events.event import Json
from headrace_local.events.rules import publish
from headrace_local.patching import replace

# What moto calls it: the type of AWS's event, its reason, and how the object was deleted.
_EVENTS = {
    S3NotificationEvent.OBJECT_CREATED_PUT_EVENT: ("Object Created", "PutObject", None),
    S3NotificationEvent.OBJECT_CREATED_POST_EVENT: ("Object Created", "POST Object", None),
    S3NotificationEvent.OBJECT_CREATED_COPY_EVENT: ("Object Created", "CopyObject", None),
    S3NotificationEvent.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD_EVENT: (
        "Object Created",
        "CompleteMultipartUpload",
        None,
    ),
    S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT: (
        "Object Deleted",
        "DeleteObject",
        "Permanently Deleted",
    ),
    S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT: (
        "Object Deleted",
        "DeleteObject",
        "Delete Marker Created",
    ),
}


def install() -> None:
    """Correct what S3 reports."""
    report_as_aws_does()
    report_an_upload_in_parts_once()
    report_each_version()
    report_the_setting()


def report_as_aws_does() -> None:
    """Put an event of S3's form on the default bus.

    notifications.py:169 names `etag` eTag, gives `ObjectCreated` as the reason, reports every put as tagged, sends
    to every bus, and says nothing when a rule cannot be served. Events of tags, ACLs, storage classes and restores
    are not sent.
    """

    def send(account: str, bucket: Json, event_name: str, key: Json) -> None:
        if event_name not in _EVENTS:
            return
        detail_type, reason, deletion = _EVENTS[S3NotificationEvent(event_name)]
        detail = {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": _object(key, deleted=deletion is not None),
            "request-id": uuid4().hex[:16].upper(),
            "requester": account,
            "source-ip-address": "127.0.0.1",
            "reason": reason,
        }
        if deletion:
            detail["deletion-type"] = deletion
        publish(account, bucket.region_name, "aws.s3", detail_type, [bucket.arn], detail)

    replace(notifications, "_send_event_bridge_message", send)


def report_an_upload_in_parts_once() -> None:
    """Report an upload in parts when it is complete; models.py:2726 reports it as one that was put, too."""

    def send(account: str, event_name: S3NotificationEvent, bucket: Json, key: Json) -> None:
        whole = event_name == S3NotificationEvent.OBJECT_CREATED_PUT_EVENT
        if not (whole and getattr(key, "multipart", None) is not None):
            stock(account, event_name, bucket, key)

    stock = replace(notifications, "send_event", send)


def report_each_version() -> None:
    """Report that an object with versions got a delete marker, or lost one; models.py:2967 and 3003 do not."""

    def delete(
        backend: S3Backend,
        bucket_name: str,
        key_name: str,
        version_id: str | None = None,
        bypass: bool = False,  # noqa: FBT001, FBT002 - moto's
    ) -> tuple[bool, dict[str, Any]]:
        bucket = backend.get_bucket(bucket_name)
        before = list(bucket.keys.getlist(key_name, [])) if bucket.is_versioned else []
        answer: tuple[bool, dict[str, Any]] = stock(backend, bucket_name, key_name, version_id, bypass)
        if bucket.is_versioned:
            after = list(bucket.keys.getlist(key_name, []))
            if version_id is None and after:
                marker = S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
                notifications.send_event(backend.account_id, marker, bucket, after[-1])
            elif after:  # moto reports the last version itself
                gone = next((key for key in before if str(key.version_id) == str(version_id)), None)
                if gone:
                    deleted = S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT
                    notifications.send_event(backend.account_id, deleted, bucket, gone)
        return answer

    stock = replace(S3Backend, "delete_object", delete)


def report_the_setting() -> None:
    """Answer GetBucketNotificationConfiguration with EventBridge, if it is on; responses.py:1384 leaves it out."""

    def get(response: S3Response) -> Json:
        found: Any = response.backend.get_bucket_notification_configuration(response.bucket_name)
        if not found:
            return response.serialized(EmptyResult())
        result: dict[str, Any] = {
            "TopicConfigurations": [_setting(each, "TopicArn") for each in found.topic],
            "QueueConfigurations": [_setting(each, "QueueArn") for each in found.queue],
            "LambdaFunctionConfigurations": [
                _setting(each, "LambdaFunctionArn") for each in found.cloud_function
            ],
        }
        if found.event_bridge is not None:
            result["EventBridgeConfiguration"] = {}
        response.data["Action"] = "GetBucketNotificationConfiguration"
        return response.serialized(ActionResult(result))

    replace(S3Response, "get_bucket_notification", get)


def _object(key: Json, *, deleted: bool) -> dict[str, Json]:
    facts: dict[str, Json] = {"key": key.name, "sequencer": f"{time.time_ns():016X}"}
    if hasattr(key, "etag"):  # a delete marker has none
        facts["etag"] = key.etag.replace('"', "")
        if not deleted:
            facts["size"] = key.size
    if key.version_id not in {None, "null"}:
        facts["version-id"] = key.version_id
    return facts


def _setting(item: Json, arn: str) -> dict[str, Json]:
    setting = {"Id": item.id, arn: item.arn, "Events": item.events}
    if item.filters:
        setting["Filter"] = {"Key": {"FilterRules": item.filters["S3Key"]["FilterRule"]}}
    return setting
