"""The stored stacks and change sets. They live in moto's backend object, and are saved with it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from moto.cloudformation.models import cloudformation_backends

from headrace_local.grammars.template import Json

_ATTRIBUTE = "local_stacks"


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


@dataclass
class Resource:
    """One resource of a stack: what was asked for, and what it became."""

    logical_id: str
    type: str
    physical_id: str
    properties: dict[str, Json]  # worked out: no functions left
    attributes: dict[str, Json]  # what Fn::GetAtt gives
    deletion_policy: str = "Delete"
    update_replace_policy: str = "Delete"
    metadata: Json = None
    status: str = "CREATE_COMPLETE"
    reason: str | None = None
    time: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Output:
    key: str
    value: str
    description: str | None
    export: str | None


@dataclass(frozen=True)
class Event:
    id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str | None
    properties: str | None  # as JSON
    time: datetime


@dataclass(frozen=True)
class Difference:
    """One property that is not as the template has it; `kind` is ADD, REMOVE or NOT_EQUAL."""

    path: str
    expected: str
    actual: str
    kind: str


@dataclass(frozen=True)
class Drift:
    """How a resource was found to be: IN_SYNC, MODIFIED, DELETED or NOT_CHECKED, with its properties as JSON."""

    status: str = "NOT_CHECKED"
    expected: str = "{}"
    actual: str | None = None
    differences: tuple[Difference, ...] = ()
    time: datetime = field(default_factory=now)


@dataclass(frozen=True)
class DriftDetection:
    """One look at a stack. `reason` is why some resources could not be compared."""

    id: str
    status: str
    drifted: int
    reason: str | None
    time: datetime = field(default_factory=now)


@dataclass
class Stack:
    """One stack, alive or deleted."""

    id: str
    name: str
    account: str
    region: str
    status: str = "REVIEW_IN_PROGRESS"
    reason: str | None = None
    template: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    values: dict[str, Json] = field(default_factory=dict)  # what the parameters came to
    tags: dict[str, str] = field(default_factory=dict)
    capabilities: list[str] = field(default_factory=list)
    notification_arns: list[str] = field(default_factory=list)
    role_arn: str | None = None
    termination_protection: bool = False
    disable_rollback: bool = False
    resources: dict[str, Resource] = field(default_factory=dict)  # in the order in which they were made
    outputs: list[Output] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    created: datetime = field(default_factory=now)
    updated: datetime | None = None
    deleted: datetime | None = None
    change_set_id: str | None = None
    policy: str | None = None  # the stack policy, as it was given
    drift: DriftDetection | None = None
    drifts: dict[str, Drift] = field(default_factory=dict)  # of resources, by logical id

    def __setstate__(self, saved: dict[str, Json]) -> None:
        """Take a saved state, which may be of a time when a stack had no such record."""
        self.__dict__.update({"drifts": {}, **saved})


@dataclass(frozen=True)
class Detail:
    """Why a resource changes: one property, or another part of it."""

    attribute: str  # Properties, Tags, Metadata, DeletionPolicy, UpdateReplacePolicy
    name: str | None
    recreates: bool
    source: str  # DirectModification, ParameterReference, ResourceReference
    cause: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Change:
    action: Literal["Add", "Modify", "Remove"]
    logical_id: str
    type: str
    physical_id: str | None
    replacement: bool
    details: tuple[Detail, ...]
    policy: str | None  # what becomes of the old resource, when it is removed or replaced


@dataclass
class ChangeSet:
    id: str
    name: str
    stack_id: str
    kind: Literal["CREATE", "UPDATE"]
    description: str | None
    template: str
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]
    notification_arns: list[str]
    role_arn: str | None
    on_failure: str | None
    changes: list[Change] = field(default_factory=list)
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    reason: str | None = None
    created: datetime = field(default_factory=now)


@dataclass
class Stacks:
    """All stacks and change sets of one account and region, by their ARNs."""

    stacks: dict[str, Stack] = field(default_factory=dict)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)


def stacks_of(account: str, region: str) -> Stacks:
    """Return the store of an account and region, empty at first."""
    backend = cloudformation_backends[account][region]
    if not hasattr(backend, _ATTRIBUTE):
        setattr(backend, _ATTRIBUTE, Stacks())
    store: Stacks = getattr(backend, _ATTRIBUTE)
    return store
