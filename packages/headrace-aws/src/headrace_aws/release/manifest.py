"""What a release is made of: a folder laid out as the repository is, and the hash of each of its files."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from headrace.errors import ReleaseError
from headrace.settings import Settings, settings_of
from headrace_aws import commit, naming
from headrace_aws.asl import render
from headrace_aws.config.environment import Environment
from headrace_aws.config.project import Project, load_project
from headrace_aws.config.root import project_root

FILE = "release.json"
PROJECT = "project.toml"
STACKS = Path("infra/stacks")
DEFINITIONS = Path("pipelines/definitions")  # in a release; a work tree renders them into another folder
REQUIREMENTS = Path("requirements")
IDENTITY = re.compile(r"\d{6}-[0-9a-f]{12}")
BILL_OF_MATERIALS = "sbom.cdx.json"
IMAGE = "image"  # the folder of the image, whose files have its digest and no place in the manifest

_WORD = "[A-Za-z0-9_-]+"
_NAME = "|".join(
    [
        re.escape(PROJECT),
        re.escape(BILL_OF_MATERIALS),
        rf"{STACKS.as_posix()}/{_WORD}\.yaml",
        rf"{DEFINITIONS.as_posix()}/{_WORD}\.asl\.json",
        rf"{REQUIREMENTS.as_posix()}/{_WORD}\.txt",
    ]
)
_REMEDY = "copy it again from where it was built, or build it again: `make release`"


class Manifest(Settings):
    """`release.json`. Files are named relative to the folder, with `/`; hashes are SHA-256 in hex.

    It may come from another account: no other name than those that a release has is a path here.
    """

    id: str = Field(
        pattern=f"^{IDENTITY.pattern}$", description="Number of the commit on main, and its beginning."
    )
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    project: str
    image_digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")
    files: Mapping[
        Annotated[str, StringConstraints(pattern=f"^({_NAME})$")],
        Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")],
    ]


@dataclass(frozen=True)
class Release:
    """A release in a folder; without a manifest it is the work tree, which only the local AWS takes."""

    folder: Path
    project: Project
    manifest: Manifest | None = None

    @property
    def commit(self) -> str:
        """The commit it was made from; of a work tree perhaps `unknown`, or with `-dirty`."""
        return self.manifest.commit if self.manifest else commit.git_commit(self.folder)

    @property
    def required_manifest(self) -> Manifest:
        """Its manifest; raise `ReleaseError` when there is none."""
        if self.manifest is None:
            raise ReleaseError("the work tree is no release; `make release` builds one from a commit")
        return self.manifest

    @property
    def manifest_hash(self) -> str:
        """SHA-256 of the manifest, and so of all that the release is made of, in hex."""
        return sha256(self.folder / FILE)

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return f"release {self.manifest.id}" if self.manifest else "the work tree"

    def template(self, stack: str) -> Path:
        """Return the template of a stack, such as `data`."""
        return self.folder / STACKS / f"{stack}.yaml"

    def definition(self, model: str, pipeline: str) -> Path:
        """Return the rendered definition of a pipeline of a model."""
        return self.folder / self.definitions / f"{model}-{pipeline}.asl.json"

    @property
    def definitions(self) -> Path:
        """The folder of the rendered definitions, relative to that of the release."""
        return DEFINITIONS if self.manifest else render.DEFINITIONS

    def image_uri(self, environment: Environment) -> str:
        """Return the image of the jobs in an environment: the same digest in each account's own repository."""
        repository = naming.repository_uri(self.project, environment)
        return f"{repository}@{self.manifest.image_digest}" if self.manifest else f"{repository}:worktree"


def work_tree(root: Path | None = None, project: Project | None = None) -> Release:
    """Return what is in the work tree, as the local AWS takes it; its definitions are rendered first."""
    root = root or project_root()
    project = project or load_project(root / PROJECT)
    render.render(project, root)
    return Release(root, project)


def release_in(folder: Path, manifest_hash: str = "") -> Release:
    """Return the release that is in a folder, once every file is what its manifest says.

    `manifest_hash` is the SHA-256 that the manifest must have, where one is known.

    Raises:
        ReleaseError: no release is there, another than is asked for, or a file is missing, altered or unknown.
        ConfigurationError: its manifest or its `project.toml` cannot be read.
    """
    file = folder / FILE
    if not file.is_file():
        raise ReleaseError(f"{folder} holds no {FILE}; `make release` builds a release into dist/release")
    content = file.read_bytes()
    check_hash(content, manifest_hash, str(file))
    manifest = settings_of(Manifest, content, str(file))
    check_files(folder, manifest)
    return Release(folder, load_project(folder / PROJECT), manifest)


def check_hash(content: bytes, expected: str, name: str) -> None:
    """Raise `ReleaseError` when a manifest has another SHA-256 than is expected; nothing expected is any."""
    found = hashlib.sha256(content).hexdigest()
    if expected and found != expected:
        raise ReleaseError(
            f"{name} is not the manifest that was asked for: expected SHA-256 {expected}, found {found}; {_REMEDY}"
        )


def check_files(folder: Path, manifest: Manifest) -> None:
    """Raise `ReleaseError` that lists each file of a release that is not what its manifest says."""
    faults = []
    for name, expected in sorted(manifest.files.items()):
        file = folder / name
        found = sha256(file) if file.is_file() else "no file"
        if found != expected:
            faults.append(f"  {name}: expected SHA-256 {expected}, found {found}")
    faults += [f"  {name}: is not in {FILE}" for name in sorted(_unknown(folder, manifest))]
    if faults:
        raise ReleaseError(
            "\n".join([f"release {manifest.id} in {folder} is not what was built:", *faults, _REMEDY])
        )


def _unknown(folder: Path, manifest: Manifest) -> set[str]:
    """Return the files that a release does not name, beside its manifest and its image."""
    there = {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if (file.is_file() or file.is_symlink()) and file.relative_to(folder).parts[0] != IMAGE
    }
    return there - manifest.files.keys() - {FILE}


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file's content, in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
