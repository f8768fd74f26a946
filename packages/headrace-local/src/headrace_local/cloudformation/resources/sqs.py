"""AWS::SQS::Queue and AWS::SQS::QueuePolicy."""

from collections.abc import Mapping

from headrace_local.cloudformation.identity import as_cloudformation
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    ResourceError,
    attribute_text,
    change_tags,
    deletes,
    names,
    tag_map,
)
from headrace_local.grammars.template import Json

# What a queue has without being told; a property that the template no longer has goes back to it.
_DEFAULTS = {
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "DelaySeconds": "0",
    "FifoThroughputLimit": "perQueue",
    "KmsDataKeyReusePeriodSeconds": "300",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "262144",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedriveAllowPolicy": "",
    "RedrivePolicy": "",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}


def _texts(properties: Properties) -> dict[str, str]:
    return {
        name: attribute_text(properties[name]) for name in (*_DEFAULTS, "FifoQueue") if name in properties
    }


def _create_queue(context: ResourceContext, properties: Properties) -> str:
    sqs = context.client("sqs")
    suffix = ".fifo" if properties.get("FifoQueue") else ""
    name = properties.get("QueueName") or context.new_name(80 - len(suffix)) + suffix
    try:
        with as_cloudformation():
            sqs.get_queue_url(QueueName=name)
    except sqs.exceptions.QueueDoesNotExist:
        answer = sqs.create_queue(QueueName=name, Attributes=_texts(properties), tags=tag_map(properties))
        url: str = answer["QueueUrl"]
        return url
    raise ResourceError(f"{name} already exists")  # the API would answer with the queue that is there


def _update_queue(context: ResourceContext, url: str, new: Properties, former: Properties) -> None:
    sqs = context.client("sqs")
    wanted, present = _texts(new), _texts(former)
    changed = {
        name: wanted.get(name, _DEFAULTS[name]) for name in _DEFAULTS if wanted.get(name) != present.get(name)
    }
    if changed:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=changed)
    change_tags(new, former, sqs.tag_queue, sqs.untag_queue, lambda tags: {"Tags": tags}, QueueUrl=url)


def _queue_attributes(context: ResourceContext, url: str, _properties: Properties) -> Mapping[str, Json]:
    name = url.rsplit("/", 1)[1]
    return {"Arn": context.arn("sqs", name), "QueueName": name, "QueueUrl": url}


def _create_policy(context: ResourceContext, properties: Properties) -> str:
    _set_policies(context, properties["Queues"], attribute_text(properties["PolicyDocument"]))
    return context.new_name()


def _set_policies(context: ResourceContext, queues: list[str], policy: str) -> None:
    for url in queues:
        context.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def _update_policy(context: ResourceContext, _policy: str, new: Properties, former: Properties) -> None:
    _set_policies(context, [url for url in former["Queues"] if url not in new["Queues"]], "")
    _set_policies(context, new["Queues"], attribute_text(new["PolicyDocument"]))


def _delete_policy(context: ResourceContext, _policy: str, properties: Properties) -> None:
    _set_policies(context, properties["Queues"], "")


HANDLERS = (
    Handler(
        "AWS::SQS::Queue",
        names("FifoQueue QueueName Tags") | frozenset(_DEFAULTS),
        _create_queue,
        _update_queue,
        deletes("sqs", "delete_queue", "QueueUrl"),
        _queue_attributes,
        name="QueueName",
    ),
    Handler(
        "AWS::SQS::QueuePolicy",
        names("PolicyDocument Queues"),
        _create_policy,
        _update_policy,
        _delete_policy,
    ),
)
