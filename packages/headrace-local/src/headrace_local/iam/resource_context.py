"""Condition keys of the resource itself: its tags, the boundary of a role, the aliases of a key.

Of the services whose policies ask for them here: IAM and KMS. Tags of other resources (aws:ResourceTag) are left out.
"""

from collections.abc import Callable, Mapping

from moto.kms.models import kms_backends

from headrace_local.iam import roles
from headrace_local.iam.matching import Context
from headrace_local.iam.resource_policies import Resource

# On these iam:PermissionsBoundary is the boundary that the role has. (Where a request sets one, it is that one.)
_ON_A_BOUNDED_ROLE = frozenset(
    {
        "iam:AttachRolePolicy",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePolicy",
    }
)


def resource_context(resource: Resource, action: str) -> Context:
    """Return the condition keys of a resource for an action on it."""
    find = _READERS.get(resource.service)
    return find(resource, action) if find else {}


def _of_a_role(resource: Resource, action: str) -> Context:
    role = roles.find(resource.arn)
    if role is None:
        return {}
    found = role.tags or ()
    tags = {each["Key"]: each["Value"] for each in (found.values() if isinstance(found, dict) else found)}
    bounded = role.permissions_boundary_arn if action in _ON_A_BOUNDED_ROLE else None
    return {
        **{f"{name}:resourcetag/{key}".lower(): (tags[key],) for key in tags for name in ("aws", "iam")},
        **({"iam:permissionsboundary": (bounded,)} if bounded else {}),
    }


def _of_a_key(resource: Resource, _action: str) -> Context:
    owner = kms_backends[resource.account][resource.region]
    key = owner.keys.get(resource.name.removeprefix("key/"))
    if key is None:
        return {}
    tags = owner.tagger.get_tag_dict_for_resource(key.id)
    aliases = tuple(sorted(key.aliases))
    return {
        **{f"aws:resourcetag/{name}".lower(): (text,) for name, text in tags.items()},
        **({"kms:resourcealiases": aliases} if aliases else {}),
    }


_READERS: Mapping[str, Callable[[Resource, str], Context]] = {"iam": _of_a_role, "kms": _of_a_key}
