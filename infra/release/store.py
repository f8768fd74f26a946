"""Where an account keeps releases: files in the artefact bucket, images in the repository."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from headrace.errors import ReleaseError
from headrace.settings import settings_of
from infra.aws import Clients
from infra.release import image
from infra.release.artefacts import Artefacts
from infra.release.manifest import FILE, Manifest, Release, release_in
from pipelines.project import Project


def publish(found: Clients, release: Release, source: Clients | None, say: Callable[[str], None]) -> None:
    """Bring a release into an account: its image, then its files, and the manifest last.

    What is there already is left as it is. `source` is the account that the image is taken from where the folder has none.

    Raises:
        ReleaseError: another release of that name is there, or the image cannot be brought there.
    """
    artefacts = Artefacts(found, release.project)
    identity = release.sealed.id
    kept = artefacts.content(key(identity, FILE))
    kept_hash = hashlib.sha256(kept).hexdigest() if kept else None
    if kept_hash not in {None, release.manifest_hash}:
        raise ReleaseError(
            f"{artefacts.bucket} has a {release.name} that was built with other bytes; deploy that one: "
            f"make deploy ENV={found.name} RELEASE={identity}"
        )
    image.push(found, release, source, say)
    if kept_hash:
        return
    say(f"{release.name}: to {artefacts.bucket}")
    with artefacts.reached():
        for name in (*sorted(release.sealed.files), FILE):
            artefacts.s3.upload_file(str(release.folder / name), artefacts.bucket, key(identity, name))


def fetched(found: Clients, project: Project, identity: str, folder: Path) -> Release:
    """Return a release from an account, downloaded into a folder and verified.

    Raises:
        ReleaseError: the account has no such release, cannot be read, or what it has was altered.
    """
    artefacts = Artefacts(found, project)
    content = artefacts.content(key(identity, FILE))
    if content is None:
        raise ReleaseError(
            f"environment {found.name} has no release {identity}; `make releases ENV={found.name}` lists what was "
            "deployed there"
        )
    manifest = settings_of(Manifest, content.decode(), FILE)
    (folder / FILE).write_bytes(content)
    with artefacts.reached():
        for name in manifest.files:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            artefacts.s3.download_file(artefacts.bucket, key(identity, name), str(file))
    return release_in(folder)


def key(identity: str, name: str) -> str:
    """Return the key of a file of a release."""
    return f"releases/{identity}/{name}"
