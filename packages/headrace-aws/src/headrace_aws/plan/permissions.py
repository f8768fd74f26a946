"""What roles and resource policies allow: gained and lost between two sides, statement by statement."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from headrace import strict_json
from headrace_aws.plan.view import View
from headrace_local.grammars.template import Json

ROLE = "AWS::IAM::Role"
_MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
_INLINE_POLICY = "AWS::IAM::Policy"
# Resources that say themselves who may use them, and the property that says it.
_OWN_POLICIES = {
    "AWS::ECR::Repository": "RepositoryPolicyText",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SageMaker::ModelPackageGroup": "ModelPackageGroupPolicy",
}
_ITSELF = "itself"
_ALL_BUT = "all but "
_NOTHING = frozenset[str]()


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource. `principal` is empty where the role is meant; NotAction begins with `all but `."""

    effect: str
    principal: str
    action: str
    resource: str
    condition: str

    @property
    def is_wide(self) -> bool:
        """Whether it allows more than one can name: a star, or all but something."""
        wide_action = "*" in self.action or self.action.startswith(_ALL_BUT)
        wide_resource = self.resource == "*" or self.resource.startswith(_ALL_BUT)
        wide_principal = self.principal in {"*", "AWS *"} or self.principal.startswith(_ALL_BUT)
        return self.effect == "Allow" and (wide_action or wide_resource or wide_principal)


@dataclass(frozen=True)
class Rights:
    """What a role may do, who may take it, and what bounds it; of a resource's policy only `grants`."""

    grants: frozenset[Grant] = frozenset()
    trust: frozenset[Grant] = frozenset()
    policies: frozenset[str] = _NOTHING  # managed policies of AWS or of another stack, by ARN
    boundary: str = ""


@dataclass(frozen=True)
class RightsChange:
    """What one role, or the policy of one resource, gains and loses."""

    stack: str
    name: str
    gained: Rights
    lost: Rights
    is_new: bool = False
    is_gone: bool = False
    wide: Sequence[Grant] = field(default_factory=tuple)

    @property
    def count(self) -> tuple[int, int]:
        """How many permissions are gained and lost; trust and managed policies count too."""
        gained, lost = (
            len(each.grants) + len(each.trust) + len(each.policies) for each in (self.gained, self.lost)
        )
        return gained, lost


def rights(view: View | None) -> dict[str, Rights]:
    """Return the rights of each role and each resource's policy of a stack, by logical id."""
    if view is None:
        return {}
    found = {name: _role_rights(name, each.properties, view) for name, each in view.of_type(ROLE)}
    for kind, key in _OWN_POLICIES.items():
        for name, each in view.of_type(kind):
            if key in each.properties:
                found[name] = Rights(frozenset(_grants(each.properties[key], _ITSELF)))
    return found


def rights_changes(stack: str, before: View | None, after: View) -> list[RightsChange]:
    """Return what each role and each resource's policy of a stack gains and loses; nothing for those that stay."""
    former, latter = rights(before), rights(after)
    changes = []
    for name in {**former, **latter}:
        old, new = former.get(name, Rights()), latter.get(name, Rights())
        gained, lost = _beyond(new, old), _beyond(old, new)
        if (gained, lost) == (Rights(), Rights()):
            continue
        wide = sorted(each for each in {*gained.grants, *gained.trust} if each.is_wide)
        changes.append(RightsChange(stack, name, gained, lost, name not in former, name not in latter, wide))
    return changes


def _beyond(one: Rights, other: Rights) -> Rights:
    """Return what one has and the other has not."""
    return Rights(
        one.grants - other.grants,
        one.trust - other.trust,
        one.policies - other.policies,
        one.boundary if one.boundary != other.boundary else "",
    )


def _role_rights(name: str, properties: Mapping[str, Json], view: View) -> Rights:
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    given = {str(each) for each in properties.get("ManagedPolicyArns", [])}
    for kind in (_MANAGED_POLICY, _INLINE_POLICY):
        for logical_id, policy in view.of_type(kind):
            reference = f"<{logical_id}>"
            if reference in given or f"<{name}>" in policy.properties.get("Roles", []):
                given.discard(reference)
                documents.append(policy.properties["PolicyDocument"])
    return Rights(
        frozenset(grant for document in documents for grant in _grants(document)),
        frozenset(_grants(properties.get("AssumeRolePolicyDocument", {}))),
        frozenset(given),
        str(properties.get("PermissionsBoundary", "")),
    )


def _grants(document: Json, itself: str = "") -> Iterator[Grant]:
    """Yield what a policy grants; `itself` is what a policy of a resource means by a star, or by naming none."""
    if isinstance(document, str):
        document = strict_json.loads(document, "a policy")
    for statement in _list(document.get("Statement", [])):
        for principal in _principals(statement):
            for action in _either(statement, "Action"):
                for named in _either(statement, "Resource") or [""]:
                    resource = itself if itself and named in {"", "*"} else named
                    yield Grant(
                        statement["Effect"],
                        principal,
                        action,
                        resource,
                        _condition(statement.get("Condition")),
                    )


def _either(statement: Mapping[str, Json], key: str) -> list[str]:
    """Return the actions or resources of a statement; of NotAction or NotResource one text for all of them."""
    if f"Not{key}" in statement:
        return [_ALL_BUT + ", ".join(sorted(map(str, _list(statement[f"Not{key}"]))))]
    return [str(each) for each in _list(statement.get(key, []))]


def _principals(statement: Mapping[str, Json]) -> Iterable[str]:
    for key, prefix in (("Principal", ""), ("NotPrincipal", _ALL_BUT)):
        if key in statement:
            given = statement[key]
            if not isinstance(given, dict):
                return [f"{prefix}{given}"]
            return [f"{prefix}{kind} {each}" for kind, values in given.items() for each in _list(values)]
    return [""]


def _condition(given: Json) -> str:
    """Return a condition in one line, the same for what means the same."""
    parts = []
    for operator, tests in sorted((given or {}).items()):
        for key, values in sorted(tests.items()):
            listed = sorted(map(_word, _list(values)))
            parts.append(f"{operator} {key} = {' or '.join(listed)}")
    return "; ".join(parts)


def _word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
