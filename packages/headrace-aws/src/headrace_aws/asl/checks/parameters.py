"""Every Task's Parameters against the API's own input shape, as botocore has it.

Step Functions takes every member in PascalCase, whatever the API's own case is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from headrace_aws.asl.checks.findings import Definition, Finding, states
from headrace_aws.asl.checks.intrinsics import kind, parse
from headrace_aws.asl.checks.services import Api, api, operation_model, service_model

# Members that an optimised integration takes as any JSON and writes as text itself.
ANY_JSON = {("sns", "Message"), ("sqs", "MessageBody"), ("states", "Input"), ("lambda", "Payload")}
# Those of an SDK integration: a blob may be given as JSON.
ANY_JSON_OF_SDK = {("s3", "Body")}

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "timestamp": (str,),
    "blob": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}
# What an intrinsic function gives, as shapes that take it.
SHAPES_OF_KINDS = {
    "string": {"string", "timestamp", "blob"},
    "integer": {"integer", "long", "float", "double"},
    "list": {"list"},
    "map": {"map", "structure"},
}
# Classes of characters that AWS's patterns use and Python's do not have.
CHARACTERS = {
    r"\p{L}": "a-zA-Z\u00aa-\u02af\u0370-\u1fff\u2c00-\ud7ff",
    r"\p{M}": "\u0300-\u036f",
    r"\p{N}": "0-9",
    r"\p{Z}": r"\s",
    r"\p{P}": r"!-#%-*,-/:;?@\[-\]_{}\u2010-\u2027",
    r"\p{S}": r"$+<->^`|~",
}


@dataclass(frozen=True)
class Location:
    """Where a value is: the state, and the path of the member."""

    state: str
    member: str = "Parameters"

    def at(self, key: str | int) -> "Location":
        """Return the location of a member or an item."""
        return Location(
            self.state, f"{self.member}[{key}]" if isinstance(key, int) else f"{self.member}.{key}"
        )

    def finding(self, value: object, remedy: str) -> Finding:
        """Return a finding at this location."""
        return Finding(self.state, self.member, value, remedy)


def parameters(definition: Definition) -> Iterator[Finding]:
    """Yield where a Task asks for what its API does not have or does not take."""
    for name, state in states(definition):
        if state.get("Type") == "Task":
            yield from _task(name, state)


def _task(name: str, state: Definition) -> Iterator[Finding]:
    resource = state.get("Resource", "")
    called = api(resource)
    if called is None:
        yield Finding(
            name, "Resource", resource, "write arn:aws:states:::[aws-sdk:]<service>:<operation>[.sync]"
        )
        return
    model = service_model(called.service)
    operation = operation_model(called)
    if model is None:
        yield Finding(name, "Resource", resource, f"there is no service {called.service!r}")
    elif operation is None:
        near = get_close_matches(called.operation, model.operation_names, 1)
        hint = f"; do you mean {near[0][0].lower()}{near[0][1:]}?" if near else ""
        yield Finding(
            name, "Resource", resource, f"{called.service} has no operation {called.operation!r}{hint}"
        )
    elif operation.input_shape is not None:
        yield from _structure(state.get("Parameters", {}), operation.input_shape, Location(name), called)


def _structure(
    value: Definition, shape: StructureShape, location: Location, called: Api
) -> Iterator[Finding]:
    members = {name[0].upper() + name[1:]: member for name, member in shape.members.items()}
    given = set()
    for key, member in value.items():
        name = key.removesuffix(".$")
        given.add(name)
        if name not in members:
            near = get_close_matches(name, members, 1)
            known = f"do you mean {near[0]}?" if near else f"it has: {', '.join(sorted(members))}"
            yield location.at(name).finding(name, f"{shape.name} has no such member; {known}")
        elif key.endswith(".$"):
            yield from _computed(member, members[name], location.at(name))
        elif (called.service, name) not in (ANY_JSON if called.optimised else ANY_JSON_OF_SDK):
            yield from _value(member, members[name], location.at(name), called)
    for required in shape.required_members:
        name = required[0].upper() + required[1:]
        if name not in given:
            yield location.at(name).finding(None, f"{shape.name} requires it; add it")


def _computed(text: object, shape: Shape, location: Location) -> Iterator[Finding]:
    if not isinstance(text, str):
        yield location.finding(text, "the value of a `.$` key is a text: a path $... or a function States...")
        return
    try:
        given = kind(parse(text))
    except ValueError as error:
        yield location.finding(text, f"{error}; write a path $... or a function States...")
        return
    if given != "any" and shape.type_name not in SHAPES_OF_KINDS[given]:
        yield location.finding(
            text, f"its type is {given}, and {shape.name} must be of type {shape.type_name}"
        )


def _value(value: object, shape: Shape, location: Location, called: Api) -> Iterator[Finding]:
    expected = PYTHON_TYPES.get(shape.type_name, (object,))
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        yield location.finding(value, f"{shape.name} must be of type {shape.type_name}")
    elif isinstance(value, dict) and isinstance(shape, StructureShape):
        yield from _structure(value, shape, location, called)
    elif isinstance(value, dict) and isinstance(shape, MapShape):
        yield from _bounds(len(value), "entries", value, shape, location)
        for key, item in value.items():
            if key.endswith(".$"):
                yield from _computed(item, shape.value, location.at(key))
            else:
                yield from _value(item, shape.value, location.at(key), called)
    elif isinstance(value, list) and isinstance(shape, ListShape):
        yield from _bounds(len(value), "items", value, shape, location)
        for index, item in enumerate(value):
            yield from _value(item, shape.member, location.at(index), called)
    elif isinstance(value, str):
        yield from _text(value, shape, location)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from _bounds(value, "", value, shape, location)


def _text(value: str, shape: Shape, location: Location) -> Iterator[Finding]:
    if "${" in value:
        return  # known only where it is deployed
    choices = shape.enum if isinstance(shape, StringShape) else []
    if choices and value not in choices:
        near = get_close_matches(value, choices, 1)
        known = f"do you mean {near[0]}?" if near else f"it is one of: {', '.join(sorted(choices)[:12])}"
        yield location.finding(value, f"{shape.name} has no such value; {known}")
    yield from _bounds(len(value), "characters", value, shape, location)
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        yield location.finding(value, f"{shape.name} must match {pattern}")


def _bounds(number: int, unit: str, value: object, shape: Shape, location: Location) -> Iterator[Finding]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and number < least:
        yield location.finding(value, f"{shape.name} wants at least {least} {unit}".rstrip())
    if most is not None and number > most:
        yield location.finding(value, f"{shape.name} takes at most {most} {unit}".rstrip())


def _matches(pattern: str, value: str) -> bool:
    for java, python in CHARACTERS.items():
        pattern = pattern.replace(java, python)
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True  # a pattern that only Java reads
