"""Fingerprints: SHA-256 over content, so that what made a model can be told apart and found again."""

import hashlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path


def fingerprint_of_files(files: Iterable[Path], root: Path) -> str:
    """Return the SHA-256 over the names below `root` and the contents of files, whatever their order."""
    digest = hashlib.sha256()
    for path in sorted(files):
        with path.open("rb") as content:
            file_digest = hashlib.file_digest(content, "sha256").hexdigest()
        digest.update(f"{file_digest}  {path.relative_to(root).as_posix()}\n".encode())
    return digest.hexdigest()


def fingerprint_of_code(package: str) -> str:
    """Return the fingerprint of the Python source of headrace and of a model package."""
    digest = hashlib.sha256()
    for name in ("headrace", package):
        spec = find_spec(name)
        for folder in spec.submodule_search_locations or () if spec else ():
            root = Path(folder)
            digest.update(f"{name} {fingerprint_of_files(root.rglob('*.py'), root)}\n".encode())
    return digest.hexdigest()
