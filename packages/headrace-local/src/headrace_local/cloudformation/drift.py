"""Drift: what was changed outside of CloudFormation in the resources of a stack.

As on AWS the properties that the template gives are compared with those that the service tells now; what the template
does not give is not looked at, nor is what a service never tells again (DefinitionS3Location of a state machine). Only
types that `resources/reads.py` can read are checked. Tags are not compared.
"""

from collections.abc import Iterable, Iterator, Mapping
from uuid import uuid4

from botocore.exceptions import ClientError

from headrace_local import strict_json
from headrace_local.cloudformation.deletion import context_of
from headrace_local.cloudformation.errors import invalid
from headrace_local.cloudformation.resources.handler import GONE, Properties
from headrace_local.cloudformation.resources.reads import READS
from headrace_local.cloudformation.schemas import write_only
from headrace_local.cloudformation.state import Difference, Drift, DriftDetection, Resource, Stack, Stacks
from headrace_local.grammars.template import Json

CHECKED = ("IN_SYNC", "MODIFIED", "DELETED")
DRIFTED = ("MODIFIED", "DELETED")
_NOT_COMPARED = frozenset({"Tags"})
_ABSENT = object()


def detect(stack: Stack, logical_ids: Iterable[str] | None = None) -> DriftDetection:
    """Look at the resources of a stack, or at those named, and keep what was found."""
    desired = set(logical_ids or stack.resources)
    failed = []
    for logical_id, resource in stack.resources.items():
        if logical_id not in desired:
            continue
        try:
            detect_one(stack, resource)
        except ClientError as error:
            failed.append(f"{logical_id}: {error.response['Error'].get('Message', '')}")
    drifted = [name for name in stack.resources if stack.drifts.get(name, Drift()).status in DRIFTED]
    reason = f"Failed to detect drift on resource [{'; '.join(failed)}]" if failed else None
    detection = DriftDetection(str(uuid4()), "DRIFTED" if drifted else "IN_SYNC", len(drifted), reason)
    stack.drift = detection
    return detection


def detect_one(stack: Stack, resource: Resource) -> Drift:
    """Look at one resource, and keep what was found; one of a type that cannot be read is NOT_CHECKED."""
    stack.drifts[resource.logical_id] = found = _drift(stack, resource)
    return found


def detected(store: Stacks, detection_id: str) -> Stack:
    """Return the stack of a detection, which has to be its last one."""
    for stack in store.stacks.values():
        if stack.drift is not None and stack.drift.id == detection_id:
            return stack
    raise invalid(f"Drift detection {detection_id} is not known")


def differences(expected: Json, actual: Json, path: str = "") -> Iterator[Difference]:
    """Yield what differs between two values, each by its path as in JSON Pointer."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        pairs = {
            key: (expected.get(key, _ABSENT), actual.get(key, _ABSENT)) for key in {**expected, **actual}
        }
    elif isinstance(expected, list) and isinstance(actual, list):
        longest = range(max(len(expected), len(actual)))
        pairs = {str(each): (_item(expected, each), _item(actual, each)) for each in longest}
    else:
        if expected != actual:
            yield Difference(path, _text(expected), _text(actual), _kind(expected, actual))
        return
    for key, (before, after) in pairs.items():
        if before is _ABSENT or after is _ABSENT:
            yield Difference(f"{path}/{key}", _text(before), _text(after), _kind(before, after))
        else:
            yield from differences(before, after, f"{path}/{key}")


def _drift(stack: Stack, resource: Resource) -> Drift:
    read = READS.get(resource.type)
    if read is None:
        return Drift()
    expected = {
        name: value
        for name, value in resource.properties.items()
        if name not in _NOT_COMPARED | write_only(resource.type)
    }
    try:
        current = read(context_of(stack, resource), resource.physical_id, expected)
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        current = None
    if current is None:
        return Drift("DELETED", _shown(expected))
    actual = {name: value for name, value in current.items() if name in expected and value is not None}
    # What a service does not tell by `read` cannot differ.
    compared = {name: expected[name] for name in expected if name in current}
    found = tuple(differences(compared, actual))
    return Drift("MODIFIED" if found else "IN_SYNC", _shown(compared), _shown(actual), found)


def _item(items: list[Json], index: int) -> Json:
    return items[index] if index < len(items) else _ABSENT


def _kind(expected: Json, actual: Json) -> str:
    if expected is _ABSENT:
        return "ADD"
    return "REMOVE" if actual is _ABSENT else "NOT_EQUAL"


def _text(value: Json) -> str:
    if value is _ABSENT:
        return "null"
    return value if isinstance(value, str) else strict_json.dumps(value)


def _shown(properties: Properties) -> str:
    return strict_json.dumps(properties, default=str)
