"""What the tests of events share: targets to fire at, and waiting for what arrives there."""

import itertools
import json
from collections.abc import Callable
from typing import Any

from local_jobs import trust
from waiting import LIMIT_SECONDS, wait_for

_numbers = itertools.count()
PASS = {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": True}}}


class Targets:
    """Makes what events need, under names that nobody else has."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.client = client

    def name(self, what: str) -> str:
        return f"events-{what}-{next(_numbers)}"

    def role(self, *services: str) -> str:
        """Return the ARN of a role that the services may assume, and that may do everything."""
        iam, name = self.client("iam"), self.name("role")
        document = trust(*(service.removesuffix(".amazonaws.com") for service in services))
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        iam.put_role_policy(
            RoleName=name,
            PolicyName="all",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
        )
        return str(role["Role"]["Arn"])

    def queue(self) -> "Queue":
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=self.name("queue"))["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return Queue(sqs, url, found["Attributes"]["QueueArn"])

    def machine(self, definition: Any = None) -> str:
        """Return the ARN of a state machine; without a definition it gives its input as its output."""
        made = self.client("stepfunctions").create_state_machine(
            name=self.name("machine"),
            definition=json.dumps(definition or PASS),
            roleArn=self.role("states.amazonaws.com"),
        )
        return str(made["stateMachineArn"])

    def executions(self, machine: str, count: int = 1) -> list[Any]:
        """Return the executions of a machine, the newest first, once there are so many and they have ended."""
        states = self.client("stepfunctions")

        def found() -> list[Any]:
            return list(states.list_executions(stateMachineArn=machine)["executions"])

        ended = wait_for(
            found, lambda all_: len(all_) >= count and all(each["status"] != "RUNNING" for each in all_)
        )
        return [states.describe_execution(executionArn=each["executionArn"]) for each in ended]

    def rule(self, pattern: Any, *targets: Any, **rule: Any) -> str:
        """Return the name of a rule with targets."""
        events, name = self.client("events"), self.name("rule")
        events.put_rule(Name=name, EventPattern=json.dumps(pattern), **rule)
        events.put_targets(
            Rule=name, Targets=[{"Id": str(number)} | target for number, target in enumerate(targets)]
        )
        return name

    def topic(self, queue: "Queue") -> str:
        """Return the ARN of a topic that a queue listens to, raw."""
        sns = self.client("sns")
        topic = sns.create_topic(Name=self.name("topic"))["TopicArn"]
        sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes={"RawMessageDelivery": "true"}
        )
        return str(topic)


class Queue:
    """A queue, and what arrives in it."""

    def __init__(self, sqs: Any, url: str, arn: str) -> None:
        self.sqs, self.url, self.arn = sqs, url, arn

    def messages(self, count: int = 1, seconds: float = LIMIT_SECONDS) -> list[Any]:
        """Return so many messages, with their attributes, once they are there; they are taken out."""
        found: list[Any] = []

        def received() -> bool:
            answer = self.sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            for message in answer.get("Messages", []):
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                found.append(message)
            return len(found) >= count

        wait_for(received, seconds=seconds)
        return found

    def bodies(self, count: int = 1) -> list[Any]:
        return [json.loads(message["Body"]) for message in self.messages(count)]

    def body(self) -> Any:
        (body,) = self.bodies()
        return body
