"""Requests of stacks by roles, and what became of them."""

import json
from typing import Any

from enforced import ACCOUNT, REGION, USER

SERVICE = "cloudformation.amazonaws.com"


TRUST = USER | {"Principal": {"Service": SERVICE}}


HERE = f"{REGION}:{ACCOUNT}"


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    """Return a resource of a template, such as AWS::SQS::Queue."""
    return {"Type": kind, "Properties": properties}


def request(stack: str, resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = json.dumps({"Resources": resources})
    return {"StackName": stack, "TemplateBody": body, "Capabilities": ["CAPABILITY_NAMED_IAM"], **more}


def ended(cloudformation: Any, stack: str) -> tuple[str, dict[str, str]]:
    """Return the status of a stack, and the reasons of those of its resources that failed."""
    status = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = {
        each["LogicalResourceId"]: each["ResourceStatusReason"]
        for each in events
        if each["ResourceStatus"].endswith("_FAILED")
    }
    return status, failed
