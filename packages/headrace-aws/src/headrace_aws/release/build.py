"""Build a release from the commit that is checked out; no credentials are needed."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from headrace_aws import commit
from headrace_aws.config.root import project_root
from headrace_aws.release.bill_of_materials import bill_of_materials
from headrace_aws.release.identity import release_id
from headrace_aws.release.image import build_image
from headrace_aws.release.manifest import (
    BILL_OF_MATERIALS,
    DEFINITIONS,
    FILE,
    IMAGE,
    PROJECT,
    REQUIREMENTS,
    STACKS,
    Manifest,
    Release,
    sha256,
    work_tree,
)

TARGET = Path("dist/release")
_PATTERNS = {STACKS: "*.yaml", REQUIREMENTS: "*.txt"}


def build(
    say: Callable[[str], None],
    *,
    image_digest: str = "",
    root: Path | None = None,
    target: Path | None = None,
) -> Release:
    """Build a release into the folder `target`, in place of what is there, and return it.

    An image that was built elsewhere can be named by its digest; then none is built.

    Raises:
        ConfigurationError: no commit holds what is in the checkout, or a model cannot be rendered.
        ReleaseError: the history is not whole, or the image cannot be built.
    """
    root = root or project_root()
    target = target or root / TARGET
    source_commit = commit.clean_commit(root)
    tree = work_tree(root)
    identity = release_id(root, source_commit)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".release-") as beside:
        folder = Path(beside) / "release"
        for name in _names(root):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, folder / name)
        shutil.copytree(root / tree.definitions, folder / DEFINITIONS)
        (folder / BILL_OF_MATERIALS).write_text(
            bill_of_materials(root, tree.project.name, identity), encoding="utf-8"
        )
        files = {file.relative_to(folder).as_posix(): sha256(file) for file in _files(folder)}
        digest = image_digest or build_image(root, folder / IMAGE, source_commit, _seconds(root))
        manifest = Manifest(
            id=identity, commit=source_commit, project=tree.project.name, image_digest=digest, files=files
        )
        (folder / FILE).write_text(f"{manifest.model_dump_json(indent=2)}\n", encoding="utf-8")
        if target.exists():
            target.rename(Path(beside) / "former")
        folder.rename(target)
    say(f"release {identity} in {target}")
    say(f"  image  {digest}")
    say(f"  files  {len(files)}, each with its hash in {FILE}")
    return Release(target, tree.project, manifest)


def _names(root: Path) -> Iterator[Path]:
    """Yield what goes into a release as it is, relative to the checkout."""
    yield Path(PROJECT)
    for folder, pattern in _PATTERNS.items():
        yield from sorted(file.relative_to(root) for file in (root / folder).glob(pattern))


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _seconds(root: Path) -> int:
    """Return when the commit was made, in seconds since 1970."""
    return int(commit.git(root, "log", "-1", "--format=%ct") or 0)
