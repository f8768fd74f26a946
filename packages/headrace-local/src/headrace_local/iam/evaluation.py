"""Which statements of a policy apply to a request, and their effects."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from headrace_local.iam.conditions import is_met
from headrace_local.iam.matching import Context, matches_action, matches_arn, matches_text, with_values
from headrace_local.iam.policies import Principals, Statement, statements

ASSUME_ROLE = "sts:AssumeRole"


@dataclass(frozen=True)
class Permission:
    """An action on a resource (an ARN, or `*`), and what the request context has for it alone."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """A permission to decide on, and the whole request context."""

    permission: Permission
    context: Context

    def effects(self, found: Iterable[Statement]) -> set[str]:
        """Return the effects of those statements that apply: nothing, Allow, Deny, or both."""
        return set(self._applying(found))

    def _applying(self, found: Iterable[Statement]) -> Iterator[str]:
        for each in found:
            if self._matches_action(each) and self._matches_resource(each) and self._meets_conditions(each):
                yield each.effect

    def _matches_action(self, statement: Statement) -> bool:
        named = any(matches_action(pattern, self.permission.action) for pattern in statement.actions)
        return named != statement.excluding_actions

    def _matches_resource(self, statement: Statement) -> bool:
        patterns = (
            (with_values(text, self.context) for text in statement.resources)
            if statement.has_variables
            else statement.resources
        )
        named = any(text is not None and matches_arn(text, self.permission.resource) for text in patterns)
        return named != statement.excluding_resources

    def _meets_conditions(self, statement: Statement) -> bool:
        return all(is_met(condition, self.context) for condition in statement.conditions)


def names(principals: Principals | None, *callers: str) -> bool:
    """Tell whether a statement's principals include any of these callers: ARNs, account numbers, services."""
    if principals is None:
        return False
    named = {text for members in principals.named.values() for text in members}
    is_named = any(
        each in ("*", caller) or (caller.startswith("arn:") and "*" in each and matches_text(each, caller))
        for each in named
        for caller in callers
    )
    return is_named != principals.excluding


def trusts(document: str, context: Context, *callers: str, action: str = ASSUME_ROLE) -> bool:
    """Tell whether a role's trust policy lets one of the callers assume it: an Allow that applies, and no Deny."""
    evaluation = Evaluation(Permission(action, "*"), context)
    found = evaluation.effects(each for each in statements(document) if names(each.principals, *callers))
    return "Allow" in found and "Deny" not in found
