"""The plan as one Markdown: what matters in the first lines, then each kind of change."""

from collections.abc import Sequence

from headrace_aws import formatting
from headrace_aws.commit import DIRTY
from headrace_aws.plan.collect import Facts
from headrace_aws.plan.markdown import block, code, plain
from headrace_aws.plan.section_cost import cost_section, monthly, signed
from headrace_aws.plan.section_machines import machines_section
from headrace_aws.plan.section_model import model_section
from headrace_aws.plan.section_permissions import permissions_section
from headrace_aws.plan.section_resources import effect, resources_section
from headrace_aws.plan.state import refused

LIMIT = 60_000  # characters; a comment on GitHub holds 65,536, and has other sections
_ROOM = {"resources": 14_000, "machines": 14_000, "permissions": 14_000, "cost": 8_000}
_COMMIT = 12  # characters that tell a commit
_ORDER = ("added", "changed", "**replaced**", "**perhaps replaced**", "removed")


def page(facts: Facts) -> str:
    """Return the plan as Markdown of at most `LIMIT` characters."""
    lines = [
        *summary_lines(facts),
        "",
        *resources_section(facts.plans, facts.losses, _ROOM["resources"]),
        *machines_section(facts.machines, _ROOM["machines"]),
        *permissions_section(facts.rights, (facts.account, facts.region), _ROOM["permissions"]),
        *model_section(facts.judged, facts.environment, facts.commit),
        *cost_section(facts.runs, facts.months, facts.prices, facts.region, _ROOM["cost"]),
    ]
    text = "\n".join(lines).rstrip() + "\n"
    return (
        text
        if len(text) <= LIMIT
        else f"{text[: LIMIT - 100].rpartition(chr(10))[0]}\n\nCut here: there is more.\n"
    )


def unmade(environment: str, error: Exception) -> str:
    """Return what stands in place of a plan that could not be made."""
    return f"## Plan for {plain(environment)}: could not be made\n\n{block(str(error))}\n"


def summary_lines(facts: Facts) -> list[str]:
    """Return the head: what changes in a sentence, what happens to state, and the commit."""
    return [
        f"## Plan for {plain(facts.environment)}",
        "",
        f"**{_counts(facts)}** {_permissions(facts)} {_cost(facts)}",
        "",
        *_state(facts),
        *_commit(facts),
    ]


def _counts(facts: Facts) -> str:
    effects = [effect(change) for plan in facts.plans for change in plan.changes]
    counted = [(effects.count(word), word) for word in _ORDER]
    told = [f"{number:,} {word.strip('*')}" for number, word in counted if number]
    return f"Resources: {', '.join(told)}." if told else "No resource changes."


def _permissions(facts: Facts) -> str:
    gained = sum(change.count[0] for change in facts.rights)
    lost = sum(change.count[1] for change in facts.rights)
    return f"Permissions: {gained:,} gained, {lost:,} lost." if gained or lost else "Permissions stay."


def _cost(facts: Facts) -> str:
    month, currency = monthly(facts.months), facts.prices.currency
    parts = [f"{signed(month.difference)} {currency} a month"] if signed(month.difference) != "0" else []
    runs = [line for line in facts.runs if line.before and signed(line.difference) != "0"]
    if runs:
        most = max(runs, key=lambda line: abs(line.difference))
        others = f" (and {formatting.count(len(runs) - 1, 'other pipeline')})" if len(runs) > 1 else ""
        parts.append(f"{signed(most.difference)} {currency} for {plain(most.name)}{others}")
    return f"Cost: {', '.join(parts)}." if parts else "Cost stays."


def _state(facts: Facts) -> Sequence[str]:
    if not facts.losses:
        return ["Nothing that has state is replaced or removed."]
    listed = [
        f"> - {code(loss.logical_id)} ({plain(loss.resource_type)}) of {plain(loss.stack)} {loss.effect}"
        f"{', which a commit allows' if loss.is_allowed else ''}"
        for loss in facts.losses
    ]
    not_allowed = refused(facts.losses)
    if not not_allowed:
        return ["> [!WARNING]", "> A commit allows what happens to state:", *listed]
    remedy = ", ".join(dict.fromkeys(loss.logical_id for loss in not_allowed))
    meaning = "What has state is what the templates keep when its stack is deleted (`DeletionPolicy`)."
    return [
        "> [!CAUTION]",
        f"> **Refused**: {formatting.count(len(not_allowed), 'resource')} with state would be lost to the project.",
        *listed,
        ">",
        f"> {meaning} Undo the change or, if it is meant, say so in a commit message: `allow-replace: {remedy}`",
    ]


def _commit(facts: Facts) -> list[str]:
    if not facts.deployed_commit:
        return ["", f"Nothing is deployed yet; this is commit {code(facts.commit[:_COMMIT])}."]
    if facts.deployed_commit == facts.commit.removesuffix(DIRTY):
        return []
    former, latter = code(facts.deployed_commit[:_COMMIT]), code(facts.commit[:_COMMIT])
    told = f"Every state machine also takes commit {latter} in place of {former}, and the image built from it"
    return ["", f"{told}; the lists below leave that out."]
