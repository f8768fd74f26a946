"""The plan as one Markdown: what matters in the first lines, then each kind of change."""

from collections.abc import Sequence

from headrace_aws import formatting
from headrace_aws.commit import DIRTY
from headrace_aws.markdown import block, code, plain
from headrace_aws.plan.collect import Plan
from headrace_aws.plan.section_cost import cost_section, monthly, signed
from headrace_aws.plan.section_machines import machines_section
from headrace_aws.plan.section_model import model_section
from headrace_aws.plan.section_permissions import permissions_section
from headrace_aws.plan.section_resources import effect, resources_section
from headrace_aws.plan.state import not_allowed

LIMIT = 60_000  # characters; a comment on GitHub holds 65,536, and has other sections
_ROOM = {"resources": 14_000, "machines": 14_000, "permissions": 14_000, "cost": 8_000}
_COMMIT = 12  # characters that identify a commit
_ORDER = ("added", "changed", "**replaced**", "**perhaps replaced**", "removed")


def page(plan: Plan) -> str:
    """Return the plan as Markdown of at most `LIMIT` characters."""
    lines = [
        *summary_lines(plan),
        "",
        *resources_section(plan.plans, plan.losses, _ROOM["resources"]),
        *machines_section(plan.machines, _ROOM["machines"]),
        *permissions_section(plan.rights, (plan.account, plan.region), _ROOM["permissions"]),
        *model_section(plan.comparisons, plan.environment, plan.commit),
        *cost_section(plan.runs, plan.months, plan.prices, plan.region, _ROOM["cost"]),
    ]
    text = "\n".join(lines).rstrip() + "\n"
    return (
        text
        if len(text) <= LIMIT
        else f"{text[: LIMIT - 100].rpartition(chr(10))[0]}\n\nCut here: there is more.\n"
    )


def error_page(environment: str, error: Exception) -> str:
    """Return what stands in place of a plan that could not be created."""
    return f"## Plan for {plain(environment)}: could not be created\n\n{block(str(error))}\n"


def summary_lines(plan: Plan) -> list[str]:
    """Return the head: what changes in a sentence, what happens to state, and the commit."""
    return [
        f"## Plan for {plain(plan.environment)}",
        "",
        f"**{_counts(plan)}** {_permissions(plan)} {_cost(plan)}",
        "",
        *_state(plan),
        *_commit(plan),
    ]


def _counts(plan: Plan) -> str:
    effects = [effect(change) for stack in plan.plans for change in stack.changes]
    counted = [(effects.count(word), word) for word in _ORDER]
    parts = [f"{number:,} {word.strip('*')}" for number, word in counted if number]
    return f"Resources: {', '.join(parts)}." if parts else "No resource changes."


def _permissions(plan: Plan) -> str:
    gained = sum(change.count[0] for change in plan.rights)
    lost = sum(change.count[1] for change in plan.rights)
    return f"Permissions: {gained:,} gained, {lost:,} lost." if gained or lost else "Permissions stay."


def _cost(plan: Plan) -> str:
    month, currency = monthly(plan.months), plan.prices.currency
    parts = [f"{signed(month.difference)} {currency} a month"] if signed(month.difference) != "0" else []
    runs = [line for line in plan.runs if line.before and signed(line.difference) != "0"]
    if runs:
        most = max(runs, key=lambda line: abs(line.difference))
        others = f" (and {formatting.count(len(runs) - 1, 'other pipeline')})" if len(runs) > 1 else ""
        parts.append(f"{signed(most.difference)} {currency} for {plain(most.name)}{others}")
    return f"Cost: {', '.join(parts)}." if parts else "Cost stays."


def _state(plan: Plan) -> Sequence[str]:
    if not plan.losses:
        return ["Nothing that has state is replaced or removed."]
    listed = [
        f"> - {code(loss.logical_id)} ({plain(loss.resource_type)}) of {plain(loss.stack)} {loss.effect}"
        f"{', which a commit allows' if loss.is_allowed else ''}"
        for loss in plan.losses
    ]
    refused = not_allowed(plan.losses)
    if not refused:
        return ["> [!WARNING]", "> A commit allows what happens to state:", *listed]
    remedy = ", ".join(dict.fromkeys(loss.logical_id for loss in refused))
    meaning = "What has state is what the templates keep when its stack is deleted (`DeletionPolicy`)."
    return [
        "> [!CAUTION]",
        f"> **Refused**: {formatting.count(len(refused), 'resource')} with state would be lost to the project.",
        *listed,
        ">",
        f"> {meaning} Undo the change or, if it is meant, say so in a commit message: `allow-replace: {remedy}`",
    ]


def _commit(plan: Plan) -> list[str]:
    if not plan.deployed_commit:
        return ["", f"Nothing is deployed yet; this is commit {code(plan.commit[:_COMMIT])}."]
    if plan.deployed_commit == plan.commit.removesuffix(DIRTY):
        return []
    former, latter = code(plan.deployed_commit[:_COMMIT]), code(plan.commit[:_COMMIT])
    change = (
        f"Every state machine also takes commit {latter} in place of {former}, and the image built from it"
    )
    return ["", f"{change}; the lists below leave that out."]
