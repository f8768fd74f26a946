"""What the tests of CloudFormation share: deploying a template under a name of its own, and clearing up."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

Json = Any
_numbers = itertools.count()

ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "states.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    },
}


@dataclass
class Cloud:
    """CloudFormation through a client, with the few lines that every test would repeat."""

    client: Callable[..., Any]
    prefix: str
    stacks: list[str] = field(default_factory=list)
    role: Json = field(default_factory=lambda: json.loads(json.dumps(ROLE)))

    @property
    def cloudformation(self) -> Any:
        return self.client("cloudformation")

    def name(self, what: str) -> str:
        """Return a name that only this test uses."""
        return f"{self.prefix}-{what}"

    def template(self, resources: Json, **sections: Json) -> str:
        return json.dumps({"Resources": resources, **sections})

    def create(
        self, resources: Json, stack: str = "stack", ends: str = "CREATE_COMPLETE", **sections: Json
    ) -> Json:
        """Create a stack that must end in a status; return it as it is described afterwards."""
        request = self._request(resources, stack, sections)
        self.stacks.append(request["StackName"])
        self.cloudformation.create_stack(**request)
        return self._ended(stack, ends)

    def update(
        self, resources: Json, stack: str = "stack", ends: str = "UPDATE_COMPLETE", **sections: Json
    ) -> Json:
        """Update a stack that must end in a status; return it as it is described afterwards."""
        self.cloudformation.update_stack(**self._request(resources, stack, sections))
        return self._ended(stack, ends)

    def _ended(self, stack: str, status: str) -> Json:
        found = self.stack(stack)
        assert found["StackStatus"] == status, self.reasons(stack)
        return found

    def delete(self, stack: str = "stack") -> None:
        self.cloudformation.delete_stack(StackName=self.name(stack))

    def change_set(
        self, resources: Json, stack: str = "stack", kind: str = "UPDATE", **sections: Json
    ) -> Json:
        """Make a change set; return it as it is described, with the values of the properties."""
        request = self._request(resources, stack, sections)
        if kind == "CREATE":
            self.stacks.append(request["StackName"])
        made = self.cloudformation.create_change_set(
            ChangeSetName=f"change-{next(_numbers)}", ChangeSetType=kind, **request
        )
        return self.cloudformation.describe_change_set(ChangeSetName=made["Id"], IncludePropertyValues=True)

    def stack(self, stack: str = "stack") -> Json:
        return self.cloudformation.describe_stacks(StackName=self.name(stack))["Stacks"][0]

    def outputs(self, stack: str = "stack") -> dict[str, str]:
        return {each["OutputKey"]: each["OutputValue"] for each in self.stack(stack).get("Outputs", [])}

    def reasons(self, stack: str = "stack") -> dict[str, str]:
        """Return the reason of each resource that failed."""
        events = self.cloudformation.describe_stack_events(StackName=self.name(stack))["StackEvents"]
        return {
            event["LogicalResourceId"]: event["ResourceStatusReason"]
            for event in events
            if event["ResourceStatus"] in {"CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"}
        }

    def physical_id(self, logical_id: str, stack: str = "stack") -> str:
        detail = self.cloudformation.describe_stack_resource(
            StackName=self.name(stack), LogicalResourceId=logical_id
        )
        return str(detail["StackResourceDetail"]["PhysicalResourceId"])

    def parameter(self, name: str, value: Json, **more: Json) -> Json:
        """Return the cheapest resource there is: a parameter of the store; `stored` tells its value."""
        properties = {"Name": name, "Type": "String", "Value": value}
        return {"Type": "AWS::SSM::Parameter", "Properties": properties, **more}

    def stored(self, name: str) -> str | None:
        ssm = self.client("ssm")
        try:
            return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            return None

    def broken(self, *after: str) -> Json:
        """Return a resource that cannot be made, which is tried after the others."""
        properties = {"TopicName": "a name that SNS refuses: !"}
        return {"Type": "AWS::SNS::Topic", "Properties": properties, "DependsOn": list(after)}

    def _request(self, resources: Json, stack: str, sections: Json) -> Json:
        more = {key: sections.pop(key) for key in ("Capabilities", "Tags", "OnFailure") if key in sections}
        texts = sections.pop("texts", {})
        body = resources if isinstance(resources, str) else self.template(resources, **sections)
        return {
            "StackName": self.name(stack),
            "TemplateBody": body,
            "Parameters": [{"ParameterKey": key, "ParameterValue": text} for key, text in texts.items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            **more,
        }


@pytest.fixture
def cloud(local_aws: Any, request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """CloudFormation under names that no other test has; its stacks are deleted afterwards."""
    prefix = f"t{next(_numbers)}-{request.node.originalname.removeprefix('test_')[:20].replace('_', '-').strip('-')}"
    made = Cloud(local_aws.client, prefix)
    yield made
    for name in reversed(made.stacks):
        made.cloudformation.delete_stack(StackName=name)
