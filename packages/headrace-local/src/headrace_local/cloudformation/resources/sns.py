"""AWS::SNS::Topic, AWS::SNS::TopicPolicy and AWS::SNS::Subscription."""

from collections.abc import Mapping

from headrace_local.cloudformation.clients import Client
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
    ref_as,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json

_TOPIC = (
    "ArchivePolicy ContentBasedDeduplication DisplayName FifoThroughputScope FifoTopic KmsMasterKeyId "
    "SignatureVersion TracingConfig"
)
_SUBSCRIPTION = "DeliveryPolicy FilterPolicy FilterPolicyScope RawMessageDelivery RedrivePolicy ReplayPolicy SubscriptionRoleArn"


def _texts(properties: Properties, text: str) -> dict[str, str]:
    return {name: attribute_text(properties[name]) for name in text.split() if name in properties}


def _create_topic(context: ResourceContext, properties: Properties) -> str:
    sns = context.client("sns")
    name: str = properties.get("TopicName") or context.new_name(256)
    arn = context.arn("sns", name)
    if _exists(sns, arn):  # the API would answer with the topic that is there
        raise ResourceError(f"{name} already exists")
    sns.create_topic(Name=name, Attributes=_texts(properties, _TOPIC), Tags=tag_list(tag_map(properties)))
    context.made(arn)
    _subscribe(sns, arn, properties, {})
    return arn


def _exists(sns: Client, arn: str) -> bool:
    try:
        with as_cloudformation():
            sns.get_topic_attributes(TopicArn=arn)
    except sns.exceptions.NotFoundException:
        return False
    return True


def _subscribe(sns: Client, arn: str, new: Properties, former: Properties) -> None:
    """Bring the subscriptions that the topic's own property lists to what is wanted."""
    wanted = [(each["Protocol"], each["Endpoint"]) for each in new.get("Subscription", [])]
    present = [(each["Protocol"], each["Endpoint"]) for each in former.get("Subscription", [])]
    for protocol, endpoint in wanted:
        if (protocol, endpoint) not in present:
            sns.subscribe(TopicArn=arn, Protocol=protocol, Endpoint=endpoint)
    gone = [pair for pair in present if pair not in wanted]
    if gone:
        for each in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]:
            if (each["Protocol"], each["Endpoint"]) in gone:
                sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


def _update_topic(context: ResourceContext, arn: str, new: Properties, former: Properties) -> None:
    sns = context.client("sns")
    wanted, present = _texts(new, _TOPIC), _texts(former, _TOPIC)
    for name in sorted({*wanted, *present}):
        if wanted.get(name) != present.get(name):
            sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=wanted.get(name, ""))
    _subscribe(sns, arn, new, former)
    change_tags(new, former, sns.tag_resource, sns.untag_resource, ResourceArn=arn)


def _topic_attributes(_context: ResourceContext, arn: str, _properties: Properties) -> Mapping[str, Json]:
    return {"TopicArn": arn, "TopicName": arn.rsplit(":", 1)[1]}


def _create_policy(context: ResourceContext, properties: Properties) -> str:
    _set_policies(context, properties["Topics"], properties["PolicyDocument"])
    return context.new_name()


def _set_policies(context: ResourceContext, topics: list[str], document: Json) -> None:
    for topic in topics:
        context.client("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=attribute_text(document)
        )


def _update_policy(context: ResourceContext, policy: str, new: Properties, former: Properties) -> None:
    left = [topic for topic in former["Topics"] if topic not in new["Topics"]]
    _delete_policy(context, policy, {"Topics": left})
    _set_policies(context, new["Topics"], new["PolicyDocument"])


def _delete_policy(context: ResourceContext, _policy: str, properties: Properties) -> None:
    """Give the topics the policy back that SNS makes for a new one: the owner may use it."""
    for topic in properties["Topics"]:
        statement = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes", "SNS:SetTopicAttributes"],
            "Resource": topic,
            "Condition": {"StringEquals": {"AWS:SourceOwner": context.account}},
        }
        document = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
        _set_policies(context, [topic], document)


def _create_subscription(context: ResourceContext, properties: Properties) -> str:
    answer = context.client("sns").subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties.get("Endpoint", ""),
        Attributes=_texts(properties, _SUBSCRIPTION),
        ReturnSubscriptionArn=True,
    )
    arn: str = answer["SubscriptionArn"]
    return arn


def _update_subscription(context: ResourceContext, arn: str, new: Properties, former: Properties) -> None:
    wanted, present = _texts(new, _SUBSCRIPTION), _texts(former, _SUBSCRIPTION)
    for name in sorted({*wanted, *present}):
        if wanted.get(name) != present.get(name):
            empty = "false" if name == "RawMessageDelivery" else "{}"
            context.client("sns").set_subscription_attributes(
                SubscriptionArn=arn, AttributeName=name, AttributeValue=wanted.get(name, empty)
            )


HANDLERS = (
    Handler(
        "AWS::SNS::Topic",
        names(f"TopicName Subscription Tags {_TOPIC}"),
        _create_topic,
        _update_topic,
        deletes("sns", "delete_topic", "TopicArn"),
        _topic_attributes,
        name="TopicName",
    ),
    Handler(
        "AWS::SNS::TopicPolicy",
        names("PolicyDocument Topics"),
        _create_policy,
        _update_policy,
        _delete_policy,
    ),
    Handler(
        "AWS::SNS::Subscription",
        names(f"Endpoint Protocol TopicArn {_SUBSCRIPTION}"),
        _create_subscription,
        _update_subscription,
        deletes("sns", "unsubscribe", "SubscriptionArn"),
        ref_as("Arn"),
    ),
)
