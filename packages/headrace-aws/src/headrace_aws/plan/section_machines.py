"""The state machines: states added, removed and changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from headrace import strict_json
from headrace_aws import formatting
from headrace_aws.markdown import code, folded, pair, plain, within
from headrace_aws.plan.machines import (
    FieldChange,
    Machine,
    MachineChange,
    machine_changes,
    substitution_changes,
)
from headrace_local.grammars.template import Json

_MOST_LINES = 24
_MOST_FIELDS = 12  # of one state
_NOTHING = "(nothing)"
_ARROW = "\N{RIGHTWARDS ARROW}"


def machines_section(
    sides: Mapping[str, tuple[Mapping[str, Machine], Mapping[str, Machine]]], room: int
) -> list[str]:
    """Return the section; `sides` has the state machines of each model before and after, by pipeline."""
    lines = ["### State machines", ""]
    for model, (before, after) in sides.items():
        of_model = [*_existence(before, after)]
        for pipelines, change in _alike(machine_changes(before, after) if before else ()):
            of_model += [_head(pipelines, change), *_lines(change)]
        for (name, former, latter), pipelines in substitution_changes(before, after).items():
            value = _change(FieldChange("", former, latter))
            of_model.append(f"- {code(name)} in {', '.join(pipelines)}: {value}")
        if not of_model:
            of_model = ["No change."]
        of_model = within(of_model, room // len(sides), "lines")
        title = [f"**{plain(model)}**", ""] if len(sides) > 1 else []
        lines += [*title, *folded(formatting.count(len(of_model), "line"), of_model, _MOST_LINES), ""]
    return lines


def _existence(before: Mapping[str, Machine], after: Mapping[str, Machine]) -> Iterator[str]:
    new = [pipeline for pipeline in after if pipeline not in before]
    gone = [pipeline for pipeline in before if pipeline not in after]
    if new:
        yield f"- new: {', '.join(map(plain, new))}"
    if gone:
        yield f"- removed: {', '.join(map(plain, gone))}"


def _alike(changes: Iterable[MachineChange]) -> Iterator[tuple[list[str], MachineChange]]:
    """Yield each change with the pipelines that it is the same for: a job may have its place in several."""
    groups: list[tuple[list[str], MachineChange]] = []
    for change in changes:
        same = next(
            (names for names, other in groups if replace(change, pipeline=other.pipeline) == other), None
        )
        if same is None:
            groups.append(([change.pipeline], change))
        else:
            same.append(change.pipeline)
    yield from groups


def _head(pipelines: Sequence[str], change: MachineChange) -> str:
    counts = [(change.added, "added"), (change.removed, "removed"), (change.changed, "changed")]
    summary = ", ".join(f"{formatting.count(len(each), 'state')} {word}" for each, word in counts if each)
    return f"- **{plain(' and '.join(pipelines))}**: {summary or plain(change.note)}"


def _lines(change: MachineChange) -> Iterator[str]:
    for name in change.added:
        yield f"  - added {code(name)}"
    for name in change.removed:
        yield f"  - removed {code(name)}"
    for name, fields in change.changed.items():
        yield from _state_lines(f"changed {code(name)}" if name else "the machine itself", fields)


def _state_lines(head: str, fields: Sequence[FieldChange]) -> Iterator[str]:
    if len(fields) == 1:
        yield f"  - {head}: {code(fields[0].path)} {_change(fields[0])}"
        return
    yield f"  - {head}"
    for field in fields[:_MOST_FIELDS]:
        yield f"    - {code(field.path)} {_change(field)}"
    if len(fields) > _MOST_FIELDS:
        yield f"    - and {formatting.count(len(fields) - _MOST_FIELDS, 'more field')}"


def _change(change: FieldChange) -> str:
    before, after = pair(_text(change.before), _text(change.after))
    return f"{code(before)} {_ARROW} {code(after)}"


def _text(value: Json) -> str:
    if value is None:
        return _NOTHING
    return value if isinstance(value, str) else strict_json.dumps(value, ensure_ascii=False)
