"""The permissions: what each role gains and loses."""

from collections.abc import Iterable, Iterator, Sequence

from headrace_aws.markdown import code, folded, plain, within
from headrace_aws.plan.permissions import Grant, Rights, RightsChange

_MOST_LINES = 16
_LONGEST = 400  # characters of a resource or a condition
# To gain a Deny is to lose a permission, so each effect has its own verbs.
_DENIED = {"gains": "is denied", "loses": "is no longer denied"}
_MAY = {"gains": "may", "loses": "may no longer"}
_MAY_NOT = {"gains": "is forbidden", "loses": "is no longer forbidden"}
_PARTS_OF_AN_ARN = 6  # arn, partition, service, region, account, resource
_WIDE = "\N{WARNING SIGN}\N{VARIATION SELECTOR-16}"


def permissions_section(changes: Sequence[RightsChange], place: Sequence[str], room: int) -> list[str]:
    """Return the section; `place` is the account and the region that are left out of ARNs."""
    lines = ["### Permissions", ""]
    if not changes:
        return [*lines, "No role and no resource's policy gains or loses anything.", ""]
    wide = sum(len(change.wide) for change in changes)
    if wide:
        lines += [f"{_WIDE} Gained with a star, or for all but something: {wide:,}.", ""]
    listed = [line for change in changes for line in _lines(change, place)]
    gained = sum(change.count[0] for change in changes)
    lost = sum(change.count[1] for change in changes)
    summary = f"{gained:,} gained and {lost:,} lost by roles and policies of resources: {len(changes)}"
    return [*lines, *folded(summary, within(listed, room, "lines"), _MOST_LINES), ""]


def _lines(change: RightsChange, place: Sequence[str]) -> Iterator[str]:
    is_new = " (new)" if change.is_new else " (removed)" if change.is_gone else ""
    yield f"- **{plain(change.name)}** of {plain(change.stack)}{is_new}"
    for verb, rights in (("gains", change.gained), ("loses", change.lost)):
        yield from (f"  - {line}" for line in _sentences(verb, rights, place))


def _sentences(verb: str, rights: Rights, place: Sequence[str]) -> Iterator[str]:
    for effect, word in (("Allow", verb), ("Deny", _DENIED[verb])):
        for actions, resources, principal, condition, is_wide in _grouped(rights.grants, effect, place):
            who = f"{code(principal)} " if principal else ""
            mark = f"{_WIDE} " if is_wide and verb == "gains" else ""
            when = f" when {code(condition, _LONGEST)}" if condition else ""
            yield f"{mark}{who}{word} {actions} on {resources}{when}"
    for effect, word in (("Allow", _MAY[verb]), ("Deny", _MAY_NOT[verb])):
        for actions, _, principal, condition, is_wide in _grouped(rights.trust, effect, place):
            mark = f"{_WIDE} " if is_wide and verb == "gains" else ""
            when = f" when {code(condition, _LONGEST)}" if condition else ""
            yield f"{mark}trust: {code(principal)} {word} {actions}{when}"
    for each in sorted(rights.policies):
        yield f"{verb} the policy {code(each)}"
    if rights.boundary:
        yield f"{verb} the boundary {code(rights.boundary)}"


def _grouped(
    grants: Iterable[Grant], effect: str, place: Sequence[str]
) -> Iterator[tuple[str, str, str, str, bool]]:
    """Yield actions that share their resources, principal and condition, with whether one of them holds a star."""
    by_resource: dict[tuple[str, str, str], list[Grant]] = {}
    for grant in sorted(grants):
        if grant.effect == effect:
            by_resource.setdefault((grant.principal, grant.resource, grant.condition), []).append(grant)
    by_actions: dict[tuple[tuple[str, ...], str, str], list[Grant]] = {}
    for (principal, _, condition), alike in by_resource.items():
        key = tuple(sorted({grant.action for grant in alike})), principal, condition
        by_actions.setdefault(key, []).extend(alike)
    for (actions, principal, condition), alike in by_actions.items():
        resources = sorted({_readable(grant.resource, place) for grant in alike})
        yield (
            ", ".join(map(code, actions)),
            ", ".join(code(resource, _LONGEST) for resource in resources),
            principal,
            condition,
            any(grant.is_wide for grant in alike),
        )


def _readable(resource: str, place: Sequence[str]) -> str:
    """Return an ARN of this account and region without them, and one of S3 as its address."""
    parts = resource.split(":", 5)
    if parts[0] != "arn" or len(parts) < _PARTS_OF_AN_ARN:
        return resource
    service, region, account, rest = parts[2:]
    if service == "s3":
        return f"s3://{rest}"
    if region in {"", place[1]} and account in {"", place[0]}:
        return f"{service}:{rest}"
    return resource
