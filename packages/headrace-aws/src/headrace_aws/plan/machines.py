"""What changes in the state machines: states by name, and of a changed state the fields, never a wall of JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace_aws.plan.changes import OF_EACH_COMMIT
from headrace_aws.plan.view import View
from headrace_aws.release.manifest import Release
from headrace_aws.s3_objects import ObjectError, json_of, uri_of
from headrace_aws.session import AwsSession
from headrace_aws.stacks import desired
from headrace_local.grammars.template import Json

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MACHINE = "AWS::StepFunctions::StateMachine"
INSIDE = " / "  # between the name of a map and that of a state inside
_HOLDERS = ("ItemProcessor", "Iterator")  # where a map holds its states


@dataclass(frozen=True)
class Machine:
    """A state machine of a model: its definition before substitution, and what is substituted."""

    pipeline: str
    definition: Json
    substitutions: Mapping[str, str]
    unreadable: str = ""  # why there is no definition to compare with


@dataclass(frozen=True)
class FieldChange:
    """A field of a state, such as `Parameters.ResourceConfig.InstanceType`; None is a field that is not there."""

    path: str
    before: Json
    after: Json


@dataclass(frozen=True)
class MachineChange:
    """What changes in a state machine. The states of a map are named `<map> / <state>`."""

    pipeline: str
    added: Sequence[str]
    removed: Sequence[str]
    changed: Mapping[str, Sequence[FieldChange]]  # by state; an empty name is the machine itself
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.added or self.removed or self.changed or self.note)


def deployed_machines(aws: AwsSession, prefix: str, before: View) -> dict[str, Machine]:
    """Return the state machines of a deployed pipelines stack by their pipeline; `prefix` begins their names.

    A definition is read from where the stack took it. One that cannot be read is reported, and is no error.
    """
    s3: S3Client = aws.client("s3")
    machines = {}
    for _, resource in before.of_type(MACHINE):
        place = resource.properties["DefinitionS3Location"]
        definition, unreadable = {}, ""
        try:
            uri = uri_of(place["Bucket"], place["Key"])
            definition = json_of(s3, uri, "the deployed definition", "the next deployment writes it anew")
        except (ClientError, ObjectError) as error:
            unreadable = f"the deployed definition {place['Key']} cannot be read: {error}"
        pipeline = resource.properties["StateMachineName"].removeprefix(prefix)
        machines[pipeline] = Machine(pipeline, definition, _substitutions(resource.properties), unreadable)
    return machines


def desired_machines(release: Release, model: str, prefix: str, after: View) -> dict[str, Machine]:
    """Return the state machines of a release by their pipeline; `prefix` begins their names.

    Raises:
        ConfigurationError: the template has a state machine without a definition.
    """
    definitions = desired.definitions(release, model)
    machines = {}
    for _, resource in after.of_type(MACHINE):
        pipeline = resource.properties["StateMachineName"].removeprefix(prefix)
        if pipeline not in definitions:
            raise ConfigurationError(
                f"pipelines.yaml has a state machine for {pipeline}, which PIPELINES in pipelines/__init__.py does not "
                "list; list it, or remove its resources"
            )
        definition = strict_json.loads(definitions[pipeline][0].read_bytes(), str(definitions[pipeline][0]))
        machines[pipeline] = Machine(pipeline, definition, _substitutions(resource.properties))
    return machines


def machine_changes(before: Mapping[str, Machine], after: Mapping[str, Machine]) -> list[MachineChange]:
    """Return what changes in each state machine that is on both sides; those without a change are left out."""
    changes = [
        machine_change(before[pipeline], machine) for pipeline, machine in after.items() if pipeline in before
    ]
    return [change for change in changes if not change.is_empty]


def machine_change(before: Machine, after: Machine) -> MachineChange:
    """Return what changes in one state machine."""
    if before.unreadable:
        return MachineChange(after.pipeline, (), (), {}, before.unreadable)
    former, latter = dict(states(before.definition)), dict(states(after.definition))
    changed = {
        name: fields
        for name in latter
        if name in former and (fields := tuple(field_changes(former[name], latter[name])))
    }
    return MachineChange(
        after.pipeline,
        [name for name in latter if name not in former],
        [name for name in former if name not in latter],
        changed,
    )


def substitution_changes(
    before: Mapping[str, Machine], after: Mapping[str, Machine]
) -> dict[tuple[str, str | None, str | None], list[str]]:
    """Return each substituted value that changes, as name, former and new value, with the pipelines that use it."""
    found: dict[tuple[str, str | None, str | None], list[str]] = {}
    for pipeline, machine in after.items():
        former = before[pipeline].substitutions if pipeline in before else machine.substitutions
        for name in {**former, **machine.substitutions}:
            pair = former.get(name), machine.substitutions.get(name)
            if pair[0] != pair[1] and name not in OF_EACH_COMMIT:
                found.setdefault((name, *pair), []).append(pipeline)
    return found


def states(definition: Json, inside: str = "") -> Iterator[tuple[str, Json]]:
    """Yield every state with its fields, those of maps and branches too; first the machine itself, named ''."""
    yield inside, {key: value for key, value in definition.items() if key != "States"}
    for name, state in definition.get("States", {}).items():
        path = f"{inside}{INSIDE}{name}" if inside else name
        held = [state[key] for key in _HOLDERS if key in state] + state.get("Branches", [])
        yield path, {key: value for key, value in state.items() if key not in {*_HOLDERS, "Branches"}}
        for number, machine in enumerate(held, 1):
            branch = path if len(held) == 1 else f"{path}{INSIDE}branch {number}"
            for inner, fields in states(machine, branch):
                yield (f"{branch}{INSIDE}(its states)" if inner == branch else inner), fields


def field_changes(before: Json, after: Json, path: str = "") -> Iterator[FieldChange]:
    """Yield each field that differs, at any depth; lists of one length are compared item by item."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from field_changes(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (former, latter) in enumerate(zip(before, after, strict=True)):
            yield from field_changes(former, latter, f"{path}[{number}]")
    elif before != after:
        yield FieldChange(path, before, after)


def _substitutions(properties: Mapping[str, Json]) -> dict[str, str]:
    return {key: str(value) for key, value in properties.get("DefinitionSubstitutions", {}).items()}
