"""Handlers: how the resources of a type are created, updated and deleted, and what they share."""

import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from headrace_local import strict_json
from headrace_local.cloudformation.clients import Client, client
from headrace_local.grammars.template import Json
from headrace_local.grammars.template_functions import as_text

_LETTERS = string.ascii_uppercase + string.digits


# How the services say that something is not there.
GONE = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "LifecyclePolicyNotFoundException",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchEntity",
        "NotFound",
        "NotFoundException",
        "ParameterNotFound",
        "QueueDoesNotExist",
        "RepositoryNotFoundException",
        "RepositoryPolicyNotFoundException",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "StateMachineDoesNotExist",
    }
)
GONE_FROM_EC2 = ".NotFound"  # such as InvalidVpcID.NotFound


class ResourceError(Exception):
    """A resource cannot be what the template wants; the message is the reason that its event shows."""


class ChangeRefusedError(ResourceError):
    """A property cannot be changed after creation; nothing was done to the resource."""


def _nothing() -> None:
    pass


@dataclass
class ResourceContext:
    """The account, the region and the stack of a resource, and what its handler needs to make it there."""

    account: str
    region: str
    stack: str
    logical_id: str
    physical_id: str = ""
    on_made: Callable[[], None] = field(default=_nothing)

    def client(self, service: str) -> Client:
        """Return the client of a service in this account and region."""
        return client(service, self.account, self.region)

    def made(self, physical_id: str) -> None:
        """Report that the resource exists now, so that it is deleted should one of the next calls fail."""
        self.physical_id = physical_id
        self.on_made()

    def new_name(self, longest: int = 64) -> str:
        """Return a name for a resource that the template gives none: stack, logical id, random letters."""
        suffix = "".join(secrets.choice(_LETTERS) for _ in range(12))
        return f"{self.stack}-{self.logical_id}"[: longest - 13] + f"-{suffix}"

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """Return an ARN in this account; `region` is this region unless given ("" for global services)."""
        return f"arn:aws:{service}:{self.region if region is None else region}:{self.account}:{resource}"


Properties = Mapping[str, Json]


Delete = Callable[[ResourceContext, str, Properties], None]
Attributes = Callable[[ResourceContext, str, Properties], Mapping[str, Json]]


def no_attributes(
    _context: ResourceContext, _physical_id: str, _properties: Properties
) -> Mapping[str, Json]:
    """For types that Fn::GetAtt knows nothing of."""
    return {}


def ref_as(attribute: str) -> Attributes:
    """For types whose one attribute is what Ref gives."""
    return lambda _context, physical_id, _properties: {attribute: physical_id}


def deletes(service: str, call: str, argument: str) -> Delete:
    """For types that one call deletes by their physical id; an argument such as `[AlarmNames]` is a list."""

    def delete(context: ResourceContext, physical_id: str, _properties: Properties) -> None:
        name = argument.strip("[]")
        getattr(context.client(service), call)(**{name: physical_id if name == argument else [physical_id]})

    return delete


@dataclass(frozen=True)
class Handler:
    """How a type is created, updated and deleted.

    `create` returns the physical id, which is what Ref gives; `update` takes the new and the former
    properties; `properties` are those that these functions put into effect. `inert` types make nothing.
    """

    type: str
    properties: frozenset[str]
    create: Callable[[ResourceContext, Properties], str]
    update: Callable[[ResourceContext, str, Properties, Properties], None]
    delete: Delete
    attributes: Attributes = no_attributes
    name: str | None = None  # the property that names the resource, if it may be chosen
    inert: bool = False


def names(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def given(properties: Properties, text: str) -> dict[str, Json]:
    """Return those of the named properties that are given."""
    return {name: properties[name] for name in text.split() if name in properties}


def differs(new: Properties, former: Properties, text: str) -> bool:
    """Tell whether one of the named properties changed."""
    return any(new.get(name) != former.get(name) for name in text.split())


def refuse_change(new: Properties, former: Properties, text: str) -> None:
    """Raise ChangeRefusedError when one of the named properties changed, which AWS does not allow either.

    To be called before anything else of an update.
    """
    changed = [name for name in text.split() if new.get(name) != former.get(name)]
    if changed:
        raise ChangeRefusedError(f"{', '.join(changed)} cannot be changed after creation")


def delete_if_present(call: Callable[..., object], *arguments: object, **named: object) -> None:
    """Make a call that deletes something; that it is gone already is fine.

    Undoing an update that failed half-way, or deleting what was deleted outside of CloudFormation, meets that.
    """
    try:
        call(*arguments, **named)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in GONE and not code.endswith(GONE_FROM_EC2):
            raise


def tag_map(properties: Properties) -> dict[str, str]:
    """Return the Tags property as a map, whichever of its two forms it has."""
    tags = properties.get("Tags") or {}
    return dict(tags) if isinstance(tags, Mapping) else {tag["Key"]: tag["Value"] for tag in tags}


def tag_list(tags: Mapping[str, str], key: str = "Key", text: str = "Value") -> list[dict[str, str]]:
    """Return tags as the list that an API wants, with its own names for the two parts."""
    return [{key: name, text: value} for name, value in tags.items()]


def change_tags(
    new: Properties,
    former: Properties,
    add: Callable[..., object],
    remove: Callable[..., object],
    form: Callable[[dict[str, str]], dict[str, Json]] = lambda tags: {"Tags": tag_list(tags)},
    **resource: Json,
) -> None:
    """Bring the tags of a resource to what is wanted by two calls that name it by the same arguments.

    `form` makes the arguments of `add` from the tags to set; an API that says `tags` says `tagKeys` too.
    """
    wanted, present = tag_map(new), tag_map(former)
    tags = {key: value for key, value in wanted.items() if present.get(key) != value}
    removed = [key for key in present if key not in wanted]
    if tags:
        add(**resource, **form(tags))
    if removed:
        remove(**resource, **{"tagKeys" if "tags" in form({}) else "TagKeys": removed})


def attribute_text(value: Json) -> str:
    """Return a property as SNS and SQS take their attributes: as a text, an object as JSON."""
    return strict_json.dumps(value) if isinstance(value, dict) else as_text(value)


def json_text(document: Json) -> str:
    """Return a policy, pattern or definition as the text that an API takes; a template has it as text or as an object."""
    return document if isinstance(document, str) else strict_json.dumps(document)
