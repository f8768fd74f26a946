"""What the roles of a template grant, with its names filled in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.infra.required_permissions import (
    ACCOUNT,
    BUCKET,
    IMAGE,
    JOB_ROLE,
    KEY,
    MODEL,
    PROJECT,
    REGION,
    TABLE,
    TOPIC,
    Permission,
)
from tests.infra.templates import as_list

VALUES = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
    "ImageUri": IMAGE,
    "JobRole.Arn": JOB_ROLE,
    "ModelName": MODEL,
    "ProjectName": PROJECT,
}
EXPORTED = {
    "DataBucket": BUCKET.rpartition(":")[2],
    "KeyArn": KEY,
    "RunTable": TABLE.rpartition("/")[2],
    "TopicArn": TOPIC,
}


@dataclass(frozen=True)
class Grant:
    """A statement that allows."""

    name: str
    actions: frozenset[str]
    resources: frozenset[str]

    def allows(self, required: Permission) -> bool:
        """Tell whether it allows an action on a resource."""
        action, resource = required
        return action in self.actions and any(fnmatchcase(resource, each) for each in self.resources)


def grants(statements: list[dict[str, Any]]) -> list[Grant]:
    """Return the allowing statements of a role."""
    return [
        Grant(
            statement["Sid"],
            frozenset(as_list(statement["Action"])),
            frozenset(text(each) for each in as_list(statement["Resource"])),
        )
        for statement in statements
        if statement["Effect"] == "Allow"
    ]


def unused(granted: list[Grant], required: set[Permission]) -> Iterator[str]:
    """Yield each action, and each resource, of a statement that nothing requires there."""
    for grant in granted:
        used = [each for each in required if grant.allows(each)]
        yield from (
            f"{grant.name}: {action}" for action in sorted(grant.actions - {action for action, _ in used})
        )
        yield from (
            f"{grant.name}: {each}"
            for each in sorted(grant.resources)
            if not any(fnmatchcase(resource, each) for _, resource in used)
        )


def text(value: Any) -> str:
    """Return what a template's value is in an account."""
    match value:
        case str() as words:
            return words
        case {"Ref": str(name)}:
            return _named(name, {})
        case {"Fn::GetAtt": parts}:
            return _named(".".join(parts), {})
        case {"Fn::Sub": words}:
            return _filled(*(words if isinstance(words, list) else (words, {})))
        case {"Fn::ImportValue": name}:
            return _imported(text(name).rpartition("-")[2])
        case {"Fn::Select": [index, {"Fn::Split": [mark, inner]}]}:
            return text(inner).split(mark)[int(index)]
    raise AssertionError(f"{value} is nothing that a policy here has")


def _imported(name: str) -> str:
    pipeline = name.removesuffix("StateMachineArn")
    return (
        EXPORTED[name]
        if pipeline == name
        else machine_arn(re.sub(r"(?<=[a-z])(?=[A-Z])", "-", pipeline).lower())
    )


def machine_arn(pipeline: str) -> str:
    """Return the ARN of a pipeline's state machine."""
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{PROJECT}-{MODEL}-{pipeline}"


def _filled(words: str, given: Mapping[str, Any]) -> str:
    return re.sub(r"\$\{([^}]+)\}", lambda found: _named(found[1], given), words)


def _named(name: str, given: Mapping[str, Any]) -> str:
    return text(given[name]) if name in given else VALUES.get(name, f"<{name}>")
