"""Delivery of a rule or a schedule to its target: as its role, with a dead-letter queue for what could not be delivered."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from headrace_local.cloudformation.clients import Client
from headrace_local.events import clients
from headrace_local.events.event import Json, milliseconds

_STATES = "states"

logger = logging.getLogger("headrace_local")


@dataclass(frozen=True)
class Sender:
    """The rule, schedule or alarm that sends, and the service that assumes its role."""

    kind: str
    arn: str
    principal: str
    dead_letter_attributes: Mapping[str, str] = field(
        default_factory=dict
    )  # besides those of every dead letter
    dead_letter: str | None = None  # the body of a dead letter; None is the text for the target

    @property
    def account(self) -> str:
        """The account that it is in."""
        return self.arn.split(":")[4]


@dataclass(frozen=True)
class Arn:
    """The parts of an ARN that a delivery needs."""

    text: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def of(cls, text: str) -> "Arn":
        """Return the parts of a text; a text that is none has empty parts."""
        parts = [*text.split(":", 5), *[""] * 6]
        return cls(text, *parts[2:6])


class NotDeliveredError(Exception):
    """A target could not be reached; `code` is the ERROR_CODE of the dead letter."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def deliver(sender: Sender, target: Mapping[str, Json], text: str, event_id: str) -> None:
    """Send a text to a target; what cannot be sent is logged, and put into the dead-letter queue if there is one.

    Nothing is tried again: here a denial is final, and there is no throttling.
    """
    try:
        _send(sender, target, text, event_id)
    except NotDeliveredError as failure:
        logger.warning(
            "%s %s did not fire: %s (role %s, target %s)",
            sender.kind,
            sender.arn,
            failure,
            target.get("RoleArn", "none"),
            target["Arn"],
        )
        _send_to_dead_letter_queue(sender, target, text, failure)


def _send(sender: Sender, target: Mapping[str, Json], text: str, event_id: str) -> None:
    arn = Arn.of(target["Arn"])
    if arn.service not in _SENDERS:
        raise NotDeliveredError("SDK_CLIENT_ERROR", f"the local AWS cannot send to {arn.service or arn.text}")
    role = target.get("RoleArn")
    if arn.service == _STATES and not role:
        raise NotDeliveredError(
            "NO_PERMISSIONS", "a state machine is started by a role, and the target has none"
        )
    service = {_STATES: "stepfunctions"}.get(arn.service, arn.service)
    try:
        client = (
            clients.as_role(service, arn.region, role, sender.principal, sender.arn)
            if role
            else clients.as_service(service, arn.account or sender.account, arn.region)
        )
        _SENDERS[arn.service](client, arn, target, text, event_id)
    except clients.RoleRefusedError as error:
        raise NotDeliveredError("NO_PERMISSIONS", str(error)) from error
    except ClientError as error:
        failure = error.response["Error"]
        raise NotDeliveredError(failure["Code"], f"{failure['Code']}: {failure['Message']}") from error
    except BotoCoreError as error:
        raise NotDeliveredError("SDK_CLIENT_ERROR", str(error)) from error


def _start_execution(client: Client, arn: Arn, _target: Mapping[str, Json], text: str, event_id: str) -> None:
    # The name that EventBridge gives: the event, and a number for each delivery of it.
    client.start_execution(stateMachineArn=arn.text, name=f"{event_id}_{uuid4()}", input=text)


def _publish(client: Client, arn: Arn, target: Mapping[str, Json], text: str, _event_id: str) -> None:
    subject = {"Subject": target["Subject"]} if "Subject" in target else {}  # an alarm has one
    client.publish(TopicArn=arn.text, Message=text, **subject)


def _send_message(client: Client, arn: Arn, target: Mapping[str, Json], text: str, _event_id: str) -> None:
    group = (target.get("SqsParameters") or {}).get("MessageGroupId")
    more = {"MessageGroupId": group} if group else {}
    client.send_message(QueueUrl=_queue_url(client, arn), MessageBody=text, **more)


def _log(client: Client, arn: Arn, _target: Mapping[str, Json], text: str, event_id: str) -> None:
    group = arn.resource.removeprefix("log-group:").removesuffix(":*")
    client.create_log_stream(logGroupName=group, logStreamName=event_id)
    entry = {"timestamp": milliseconds(datetime.now(UTC)), "message": text}
    client.put_log_events(logGroupName=group, logStreamName=event_id, logEvents=[entry])


_SENDERS: Mapping[str, Callable[[Client, Arn, Mapping[str, Json], str, str], None]] = {
    "logs": _log,
    "sns": _publish,
    "sqs": _send_message,
    _STATES: _start_execution,
}


def _queue_url(client: Client, arn: Arn) -> str:
    answer = client.get_queue_url(QueueName=arn.resource, QueueOwnerAWSAccountId=arn.account)
    return str(answer["QueueUrl"])


def _send_to_dead_letter_queue(
    sender: Sender, target: Mapping[str, Json], text: str, failure: NotDeliveredError
) -> None:
    """Put what was not delivered into the dead-letter queue, with the attributes that AWS gives it."""
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    attributes = {
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": str(failure),
        "TARGET_ARN": target["Arn"],
        **sender.dead_letter_attributes,
    }
    arn = Arn.of(queue)
    client = clients.as_service("sqs", arn.account, arn.region)
    message: dict[str, Any] = {
        name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
    }
    try:
        client.send_message(
            QueueUrl=_queue_url(client, arn),
            MessageBody=sender.dead_letter or text,
            MessageAttributes=message,
        )
    except ClientError as error:
        logger.warning("%s %s has no dead-letter queue %s: %s", sender.kind, sender.arn, queue, error)
