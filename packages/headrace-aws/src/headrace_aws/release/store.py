"""Where an account keeps releases: files in the artefact bucket, images in the repository."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from botocore.exceptions import ClientError

from headrace.errors import ReleaseError
from headrace.settings import settings_of
from headrace_aws.config.project import Project
from headrace_aws.release import image
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.manifest import FILE, Manifest, Release, check_hash, release_in
from headrace_aws.s3_objects import download, uri_of
from headrace_aws.session import AwsSession

_REMEDY = "put back a former version of the object, or deploy another release"


def publish(aws: AwsSession, release: Release, source: AwsSession | None, say: Callable[[str], None]) -> None:
    """Bring a release into an account: its image, then its files, and the manifest last.

    What is there already is left as it is. `source` is the account that the image is taken from where the folder has none.

    Raises:
        ReleaseError: another release of that name is there, or the image cannot be brought there.
    """
    artefacts = Artefacts(aws, release.project)
    identity = release.required_manifest.id
    kept = artefacts.content(key(identity, FILE))
    kept_hash = hashlib.sha256(kept).hexdigest() if kept else None
    if kept_hash not in {None, release.manifest_hash}:
        raise ReleaseError(
            f"{artefacts.bucket} has a {release.name} that was built with other bytes; deploy that one: "
            f"make deploy ENV={aws.name} RELEASE={identity}"
        )
    image.push(aws, release, source, say)
    if kept_hash:
        return
    say(f"{release.name}: to {artefacts.bucket}")
    for name in (*sorted(release.required_manifest.files), FILE):
        _put(artefacts, key(identity, name), (release.folder / name).read_bytes())


def fetch(aws: AwsSession, project: Project, identity: str, folder: Path, manifest_hash: str = "") -> Release:
    """Return a release from an account, downloaded into a folder and verified.

    `manifest_hash` is the SHA-256 that its manifest must have, where one is known.

    Raises:
        ConfigurationError: its manifest cannot be read, or names what no release has.
        ReleaseError: the account has no such release, cannot be read, or what it has was altered.
    """
    artefacts = Artefacts(aws, project)
    content = artefacts.content(key(identity, FILE))
    if content is None:
        raise ReleaseError(
            f"environment {aws.name} has no release {identity}; `make releases ENV={aws.name}` lists what was "
            "deployed there"
        )
    name = uri_of(artefacts.bucket, key(identity, FILE))
    check_hash(content, manifest_hash, name)
    manifest = settings_of(Manifest, content, name)
    if manifest.id != identity:
        raise ReleaseError(f"{name} is of release {manifest.id}; somebody altered it: build a new release")
    (folder / FILE).write_bytes(content)
    purpose = f"a file of release {identity} in {aws.name}"
    for file_name in manifest.files:
        uri = uri_of(artefacts.bucket, key(identity, file_name))
        download(artefacts.s3, uri, folder / file_name, purpose, _REMEDY)
    return release_in(folder)


def key(identity: str, name: str) -> str:
    """Return the key of a file of a release."""
    return f"releases/{identity}/{name}"


def _put(artefacts: Artefacts, place: str, content: bytes) -> None:
    """Put a file of a release where nothing is: a release is never written over.

    The same bytes are there when an upload was cut off. Raises `ReleaseError` when there are others.
    """
    with artefacts.readable_errors():
        try:
            artefacts.s3.put_object(Bucket=artefacts.bucket, Key=place, Body=content, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            if artefacts.content(place) != content:
                raise ReleaseError(
                    f"{artefacts.bucket} has {place} with other bytes, and a release is never written over; "
                    "find out who put it there, and deploy a release of a new commit"
                ) from error
