"""The principal of a request: the session of an assumed role, or the user of this machine, who is administrator."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.iam.models import Role, iam_backends
from moto.sts.models import AssumedRole, sts_backends

from headrace_local.iam import roles
from headrace_local.iam.matching import Context
from headrace_local.iam.policies import PolicyError

# The role with which AWS Organizations makes an account, so that the account that made it can enter it. Here every
# account has it, allowed everything, as long as nobody makes one of that name.
ACCOUNT_ACCESS_ROLE = "OrganizationAccountAccessRole"
EVERYTHING = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'

_PREFIX = "ASIA"  # of the keys that sts makes (moto/iam/models.py:2876)
_sessions: dict[str, AssumedRole] = {}


@dataclass(frozen=True)
class Session:
    """A role that somebody has assumed. `policy` is the session policy, or None."""

    arn: str
    role_arn: str
    account: str
    role: Role | None
    user_id: str = ""
    policy: str | None = None

    @property
    def name(self) -> str:
        """The name of the role, without its path."""
        return self.role_arn.rpartition("/")[2]

    @property
    def policies(self) -> Iterator[str]:
        """The documents of the identity-based policies: inline ones, then attached ones."""
        if self.role is None:
            if self.name == ACCOUNT_ACCESS_ROLE:
                yield EVERYTHING
            return
        yield from list(self.role.policies.values())
        for policy in list(self.role.managed_policies.values()):
            yield _document(policy)

    @property
    def boundary(self) -> str | None:
        """The document of the permissions boundary; raise `PolicyError` when there is none of that ARN."""
        arn = self.role.permissions_boundary_arn if self.role else None
        if not arn:
            return None
        for policy in iam_backends[self.account][arn.split(":")[1]].managed_policies.values():
            if policy.arn == arn:
                return _document(policy)
        raise PolicyError(
            f"the permissions boundary {arn} of {self.role_arn} is not known here: the local AWS has the policies of "
            "its accounts, and none of AWS's own"
        )

    @property
    def context(self) -> Context:
        """The part of the request context that is of the principal."""
        tags = self.role.tags if self.role else {}
        values = {
            each["Key"]: each["Value"] for each in (tags.values() if isinstance(tags, dict) else tags or ())
        }
        return {
            "aws:principalarn": (self.role_arn,),
            "aws:principalaccount": (self.account,),
            "aws:principaltype": ("AssumedRole",),
            "aws:userid": (self.user_id,),
            **{f"aws:principaltag/{key.lower()}": (value,) for key, value in values.items()},
        }


def session_of(access_key: str) -> Session | None:
    """Return the session that an access key belongs to; None for any other key."""
    if not access_key.startswith(_PREFIX):
        return None
    found = _sessions.get(access_key) or _found(access_key)
    if found is None:
        return None
    _sessions[access_key] = found
    return Session(
        arn=found.arn,
        role_arn=found.role_arn,
        account=found.account_id,
        role=roles.find(found.role_arn),
        user_id=found.user_id,
        policy=found.policy or None,
    )


def session_named(role_arn: str, name: str) -> Session:
    """Return the session that a service has when it acts as a role, under the name that it gives to it."""
    _, partition, _, _, account, resource = role_arn.split(":", 5)
    role = resource.rpartition("/")[2]
    return Session(
        arn=f"arn:{partition}:sts::{account}:assumed-role/{role}/{name}",
        role_arn=role_arn,
        account=account,
        role=roles.find(role_arn),
    )


def _found(access_key: str) -> AssumedRole | None:
    for account in list(sts_backends.values()):
        for backend in list(account.values()):
            found = backend.get_assumed_role_from_access_key(access_key)
            if found is not None:
                return found
    return None


def _document(policy: Any) -> str:  # noqa: ANN401 - moto's classes have no types here
    version = next(each for each in policy.versions if each.version_id == policy.default_version_id)
    return str(version.document)
