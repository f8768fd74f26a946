"""What a plan would do to resources that have state, and whether a commit allows it.

The rule is in the templates: what has `DeletionPolicy` or `UpdateReplacePolicy` Retain holds what no deploy can make
again. A replacement is empty, and a removal leaves the resource outside of every stack. (Log groups
of state machines are deleted with their stack on purpose: the run table has what a run did.)
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from headrace_aws.commit import git
from headrace_aws.plan.changes import StackPlan

_WORD = re.compile(r"^[ \t>*-]*allow-replace:[ \t]*(?P<names>\S.*?)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9]+")
_EFFECTS = {"True": "is replaced by an empty one", "Conditional": "may be replaced by an empty one"}


@dataclass(frozen=True)
class Loss:
    """What happens to a resource that has state, and whether a commit allows it."""

    stack: str
    logical_id: str
    resource_type: str
    effect: str
    is_allowed: bool


def losses(plans: Iterable[StackPlan], allowed: frozenset[str]) -> list[Loss]:
    """Return every resource with state that is replaced, removed or no longer retained; `allowed` are logical ids."""
    found = []
    for plan in plans:
        before, after = plan.before, plan.after
        if before is None:
            continue
        effects = {}
        for change in plan.changes:
            effect = "is removed" if change.action == "Remove" else _EFFECTS.get(change.replacement)
            if effect and (before.has_state(change.logical_id) or after.has_state(change.logical_id)):
                effects[change.logical_id] = effect
        for name in before.resources:
            # Else two steps would do what one may not: first it is no longer retained, then it is removed.
            if before.has_state(name) and name in after.resources and not after.has_state(name):
                effects.setdefault(name, "is no longer retained when it is removed or replaced")
        found += [
            Loss(
                plan.name,
                name,
                (before.resources.get(name) or after.resources[name]).type,
                effect,
                name in allowed,
            )
            for name, effect in effects.items()
        ]
    return found


def allowed_by(messages: str) -> frozenset[str]:
    """Return the logical ids that commit messages name after `allow-replace:`, one or several."""
    return frozenset(name for found in _WORD.finditer(messages) for name in _NAME.findall(found["names"]))


def commit_messages(folder: Path, base: str) -> str:
    """Return the messages of the commits after `base`, or that of the newest one where `base` is not known."""
    return git(folder, "log", "--format=%B", f"{base}..HEAD") or git(folder, "log", "-1", "--format=%B") or ""


def not_allowed(found: Sequence[Loss]) -> list[Loss]:
    """Return those that no commit allows."""
    return [loss for loss in found if not loss.is_allowed]
