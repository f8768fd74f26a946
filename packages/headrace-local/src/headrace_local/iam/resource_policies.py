"""Resource-based policies: buckets, keys, topics, queues, image repositories, roles (trust).

Other resources of AWS have them too (tables, log groups, event buses, functions), but not here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.ecr.models import ecr_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from headrace_local import strict_json
from headrace_local.iam import roles


@dataclass(frozen=True)
class Resource:
    """The parts of an ARN. `account` is the owner's, whether the ARN names it or not."""

    arn: str
    service: str
    region: str
    account: str
    name: str


def resource_of(arn: str, account: str) -> Resource:
    """Return the parts of an ARN, or of `*`; one that names no account is of `account`, save a bucket's."""
    parts = arn.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004 - an ARN has six parts
        return Resource(arn, "", "", account, arn)
    _, _, service, region, owner, name = parts
    if service == "s3":
        _, owner = s3_backends.bucket_accounts.get(name.partition("/")[0], ("", account))
    return Resource(arn, service, region, owner or account, name)


def policy_of(resource: Resource) -> str | None:
    """Return the document of the policy on a resource; None when it has none, or is not there."""
    find = _POLICIES.get(resource.service)
    found = find(resource) if find else None
    if not found:
        return None
    return (
        found.decode()
        if isinstance(found, bytes)
        else found if isinstance(found, str) else strict_json.dumps(found)
    )


def _of_a_bucket(resource: Resource) -> Any:  # noqa: ANN401 - moto keeps text, bytes or JSON
    buckets = s3_backends[resource.account]["aws"].buckets
    bucket = buckets.get(resource.name.partition("/")[0])
    return bucket.policy if bucket else None


def _of_a_key(resource: Resource) -> Any:  # noqa: ANN401
    key = kms_backends[resource.account][resource.region].keys.get(resource.name.removeprefix("key/"))
    return key.policy if key else None


def _of_a_topic(resource: Resource) -> Any:  # noqa: ANN401
    topic = sns_backends[resource.account][resource.region].topics.get(resource.arn)
    return topic.policy if topic else None


def _of_a_queue(resource: Resource) -> Any:  # noqa: ANN401
    queue = sqs_backends[resource.account][resource.region].queues.get(resource.name)
    return queue.policy if queue else None


def _of_a_repository(resource: Resource) -> Any:  # noqa: ANN401
    repositories = ecr_backends[resource.account][resource.region].repositories
    repository = repositories.get(resource.name.removeprefix("repository/"))
    return repository.policy if repository else None


def _of_a_role(resource: Resource) -> str | None:
    role = roles.find(resource.arn)
    return roles.trust_policy(role) if role else None


_POLICIES: dict[str, Callable[[Resource], Any]] = {
    "ecr": _of_a_repository,
    "s3": _of_a_bucket,
    "kms": _of_a_key,
    "sns": _of_a_topic,
    "sqs": _of_a_queue,
    "iam": _of_a_role,
}
