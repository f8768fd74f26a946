"""The image of a release: built into a folder, and copied from there into registries, with the same digest everywhere.

SageMaker's CreateModel takes Docker's own manifests (version 2, schema 2) and no OCI ones, so what buildx exports is
converted once, before it gets its digest. The folder is what skopeo calls `dir:`; an OCI archive could not hold such a
manifest (skopeo refuses to read it back). No index and no attestation is part of it: SageMaker refuses them as well.
"""

import base64
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from headrace import strict_json
from headrace.errors import ReleaseError
from headrace.files import file_text
from headrace_aws import naming
from headrace_aws.release.manifest import IMAGE, Release, sha256
from headrace_aws.release.tools import docker, docker_says_yes, skopeo
from headrace_aws.session import AwsSession

PLATFORM = "linux/amd64"
_MANIFEST = "manifest.json"
_DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_DIGEST_LENGTH = 12  # of the digest, in a tag


def build_image(root: Path, folder: Path, commit: str, seconds: int) -> str:
    """Build the image from the Dockerfile in `root` into `folder`, and return its digest.

    Args:
        root: the checkout.
        folder: does not exist yet.
        commit: goes into the image as a label.
        seconds: since 1970, the time of everything in the image, so that the same commit gives the same bytes.

    Raises:
        ReleaseError: docker or skopeo is missing, or failed.

    """
    _check_docker()
    builder = "headrace"
    if not docker_says_yes("buildx", "inspect", builder):
        # The default builder cannot export an archive.
        docker("buildx", "create", "--name", builder, "--driver", "docker-container")
    archive = folder.with_suffix(".oci.tar")
    docker(
        *("buildx", "build", "--builder", builder, "--platform", PLATFORM),
        *("--provenance=false", "--sbom=false", "--build-arg", f"COMMIT={commit}"),
        *("--output", f"type=oci,dest={archive},rewrite-timestamp=true"),
        *_cache(),
        str(root),
        environment={**os.environ, "SOURCE_DATE_EPOCH": str(seconds)},
    )
    skopeo("copy", "--quiet", "--format", "v2s2", f"oci-archive:{archive}", f"dir:{folder}")
    archive.unlink()
    return digest_of(folder)


def digest_of(folder: Path) -> str:
    """Return the digest of the image in a folder; raise `ReleaseError` when SageMaker would refuse it."""
    file = folder / _MANIFEST
    media_type = strict_json.loads(file_text(file), str(file)).get("mediaType")
    if media_type != _DOCKER_MANIFEST:
        raise ReleaseError(
            f"{file} is {media_type}; SageMaker takes {_DOCKER_MANIFEST} only: build it by `make release`"
        )
    return f"sha256:{sha256(file)}"


def push(
    aws: AwsSession,
    release: Release,
    source: AwsSession | None,
    say: Callable[[str], None],
    *,
    prefix: str = "release-",
) -> None:
    """Bring the image into the account's repository, unless it is there: from the folder, or from another account.

    `prefix` begins its tag; by it the repository knows the images that it need not keep for long.

    Raises `ReleaseError` when it cannot be found anywhere, or is not there afterwards.
    """
    manifest = release.required_manifest
    if has_image(aws, release):
        return
    folder = release.folder / IMAGE
    if folder.is_dir():
        if (digest := digest_of(folder)) != manifest.image_digest:
            raise ReleaseError(
                f"{folder} has the digest {digest}, but {manifest.id} was built with {manifest.image_digest}; "
                "copy it again from where it was built, or build it again: `make release`"
            )
        origin = f"dir:{folder}"
    elif source:
        origin = f"docker://{release.image_uri(source.environment)}"
    else:
        raise ReleaseError(missing_image(aws, release))
    # Tags are immutable. One that holds the digest, too, is free when the same commit was built twice.
    tag = f"{prefix}{manifest.commit}-{manifest.image_digest.removeprefix('sha256:')[:_DIGEST_LENGTH]}"
    target = f"{naming.repository_uri(release.project, aws.environment)}:{tag}"
    say(f"{release.name}: image to {target}")
    with _logged_in(release, aws, source) as credentials:
        skopeo(
            *(
                "copy",
                "--quiet",
                "--preserve-digests",
                "--authfile",
                credentials,
                origin,
                f"docker://{target}",
            )
        )
    if not has_image(aws, release):
        raise ReleaseError(f"{target} was pushed, but has another digest than {manifest.image_digest}")


def missing_image(aws: AwsSession, release: Release) -> str:
    """Return the message for an image that is neither in the folder nor in the repository."""
    return (
        f"{release.name} names the image {release.required_manifest.image_digest}, which is neither in {release.folder / IMAGE} "
        f"nor in {naming.repository_uri(release.project, aws.environment)}; push it there, or build one: `make release`"
    )


def has_image(aws: AwsSession, release: Release) -> bool:
    """Return whether the account's repository has the image of a release."""
    ecr = aws.client("ecr")
    identities = [{"imageDigest": release.required_manifest.image_digest}]
    try:
        ecr.describe_images(registryId=aws.account, repositoryName=release.project.name, imageIds=identities)
    except ecr.exceptions.ImageNotFoundException:
        return False
    return True


@contextmanager
def _logged_in(release: Release, *places: AwsSession | None) -> Iterator[str]:
    """Yield a file with which skopeo may reach the registries of these accounts."""
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "auth.json")
        for place in filter(None, places):
            # A token is of the caller, and opens every registry of the region that lets the caller in.
            [answer] = place.client("ecr").get_authorization_token()["authorizationData"]
            user, _, password = base64.b64decode(answer["authorizationToken"]).decode().partition(":")
            registry = naming.repository_uri(release.project, place.environment).partition("/")[0]
            skopeo(
                *("login", "--authfile", file, "--username", user, "--password-stdin", registry),
                given=password,
            )
        yield file


def _check_docker() -> None:
    if not docker_says_yes("version"):  # which asks the daemon, too
        raise ReleaseError("the Docker daemon does not answer; start it, and see what `docker version` says")
    if not docker_says_yes("buildx", "version"):
        raise ReleaseError(
            "docker has no buildx; install the package docker-buildx-plugin, or Docker Desktop"
        )


def _cache() -> tuple[str, ...]:
    """Return where layers are kept between builds: in GitHub's cache, or by the builder itself."""
    # Set for steps that use the cache's own action, or pass them on.
    if os.environ.get("ACTIONS_RUNTIME_TOKEN") and os.environ.get("ACTIONS_RESULTS_URL"):
        return ("--cache-from", "type=gha", "--cache-to", "type=gha,mode=max")
    return ()
