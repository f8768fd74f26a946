"""The resources that are added, changed, replaced and removed, by stack."""

from collections.abc import Iterable, Sequence

from headrace_aws.markdown import code, folded, plain, table, within
from headrace_aws.plan.changes import StackPlan
from headrace_aws.plan.state import Loss
from headrace_aws.stacks.change_set import Change

_WORDS = {"Add": "added", "Modify": "changed", "Remove": "removed"}
_REPLACED = {"True": "**replaced**", "Conditional": "**perhaps replaced**"}
_MOST_LINES = 16
_MOST_PROPERTIES = 300  # characters


def effect(change: Change) -> str:
    """Return what happens to a resource in a word."""
    return _REPLACED.get(change.replacement, _WORDS.get(change.action, change.action.lower()))


def resources_section(plans: Sequence[StackPlan], found: Iterable[Loss], room: int) -> list[str]:
    """Return the section: a table for each stack that changes, and the names of those that do not."""
    lost = {(loss.stack, loss.logical_id): loss for loss in found}
    lines = ["### Resources", ""]
    changing = [plan for plan in plans if plan.changes or plan.note]
    for plan in changing:
        rows = [_row(change, lost.get((plan.name, change.logical_id))) for change in plan.changes]
        head, rule, *body = table(["", "resource", "type", "properties"], rows)
        body = within(body, room // len(changing), "resources")
        note = f" {plain(plan.note)}" if plan.note else ""
        lines += [f"**{plain(plan.name)}**{note}", ""]
        lines += folded(f"{len(rows)} resources", [head, rule, *body], _MOST_LINES)
        lines.append("")
    same = [plain(plan.name) for plan in plans if plan not in changing]
    if same:
        lines += [f"No change: {', '.join(same)}.", ""]
    return lines


def _row(change: Change, loss: Loss | None) -> list[str]:
    state = "" if loss is None else " (state, allowed)" if loss.is_allowed else " (state)"
    properties = ", ".join(change.properties)
    return [
        f"{effect(change)}{state}",
        code(change.logical_id),
        plain(change.resource_type.removeprefix("AWS::")),
        plain(properties, _MOST_PROPERTIES),
    ]
