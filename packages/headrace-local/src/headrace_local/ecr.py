"""ECR as AWS has it, where moto differs: digests, tags that may not move, and repositories of another account.

Left out: that the layers of a manifest have been uploaded before it, and that the images of an index have.
"""

from hashlib import sha256

from moto.core.exceptions import ServiceException
from moto.ecr.exceptions import ImageAlreadyExistsException, RepositoryNotFoundException
from moto.ecr.models import ECRBackend, Image, Repository, ecr_backends
from moto.ecr.responses import ECRResponse

from headrace_local.patching import replace


class ImageRefusedError(ServiceException):
    """An image that ECR does not take. A class of our own, as `headrace_local.unimplemented` says."""


def install() -> None:
    """Put these in the place of moto's."""
    replace(Image, "_create_digest", _set_digest)
    replace(ECRResponse, "ecr_backend", property(_registry))
    stock = ECRBackend.put_image

    def put_image(
        backend: ECRBackend, repository_name: str, image_manifest: str, *others: str | None
    ) -> Image:
        repository = backend.repositories.get(repository_name)
        if repository is None:
            raise RepositoryNotFoundException(repository_name, backend.account_id)
        image_tag, _, image_digest = others
        _check(repository, image_manifest, image_tag, image_digest)
        return stock(backend, repository_name, image_manifest, *others)  # type: ignore[arg-type] # a tag may be None

    replace(ECRBackend, "put_image", put_image)


def digest_of(manifest: str) -> str:
    """Return the digest of an image: that of the bytes of its manifest."""
    return f"sha256:{sha256(manifest.encode()).hexdigest()}"


def _set_digest(image: Image) -> None:
    """Moto (ecr/models.py:380) takes the digest of the layers' digests, or of a random number."""
    image._image_digest = digest_of(image.image_manifest)  # noqa: SLF001 - moto keeps it there


def _registry(response: ECRResponse) -> ECRBackend:
    """Return the registry that a request names, which may be another account's: its policies are IAM's matter."""
    account = response._get_param("registryId") or response.current_account  # noqa: SLF001 - moto's own way
    return ecr_backends[account][response.region]


def _check(repository: Repository, manifest: str, tag: str | None, digest: str | None) -> None:
    """Raise what ECR answers to an image that it does not take."""
    made = digest_of(manifest)
    if digest not in (None, made):
        raise ImageRefusedError(
            "ImageDigestDoesNotMatchException",
            f"The provided image digest '{digest}' does not match the digest '{made}' of the image manifest.",
        )
    others = [image for image in repository.images if tag in image.image_tags and image.image_digest != made]
    if tag and others and repository.image_tag_mutability == "IMMUTABLE":
        raise ImageRefusedError(
            "ImageTagAlreadyExistsException",
            f"The image tag '{tag}' already exists in the '{repository.name}' repository and cannot be overwritten "
            "because the tag is immutable.",
        )
    if tag is None and made in {image.image_digest for image in repository.images}:
        raise ImageAlreadyExistsException(repository.name, repository.registry_id, made, "null")
