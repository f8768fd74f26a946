"""The images in a repository."""

from collections.abc import Callable
from typing import Any

from headrace.errors import DeployError
from headrace_aws import formatting

_AT_ONCE = 100  # what BatchDeleteImage takes


def images(ecr: Any, repository: str) -> list[str]:  # noqa: ANN401 - the stubs of ECR are not installed
    """Return the digests of a repository's images; none where there is no repository."""
    try:
        pages = list(ecr.get_paginator("list_images").paginate(repositoryName=repository))
    except ecr.exceptions.RepositoryNotFoundException:
        return []
    return sorted({image["imageDigest"] for page in pages for image in page["imageIds"]})


def remove_images(ecr: Any, repository: str, say: Callable[[str], None]) -> None:  # noqa: ANN401 - as above
    """Delete every image of a repository.

    Raises:
        DeployError: ECR kept one; the message has its reason.
    """
    found = images(ecr, repository)
    for start in range(0, len(found), _AT_ONCE):
        some = found[start : start + _AT_ONCE]
        answer = ecr.batch_delete_image(
            repositoryName=repository, imageIds=[{"imageDigest": digest} for digest in some]
        )
        for failure in answer.get("failures", []):
            raise DeployError(
                f"an image of {repository} cannot be deleted: {failure.get('failureReason')}; "
                "lift what keeps it, and repeat the command"
            )
    if found:
        say(f"deleted {formatting.count(len(found), 'image')} of repository {repository}")
