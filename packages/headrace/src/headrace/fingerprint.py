"""Fingerprints: SHA-256 over content, so that what made a model can be told apart and found again."""

import hashlib
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path, PurePosixPath


def fingerprint_of_files(files: Iterable[Path], root: Path) -> str:
    """Return the SHA-256 over the names below `root` and the contents of files, whatever their order."""
    digests = {}
    for path in files:
        with path.open("rb") as content:
            digests[path.relative_to(root).as_posix()] = hashlib.file_digest(content, "sha256").hexdigest()
    return fingerprint_of_digests(digests)


def fingerprint_of_digests(digests: Mapping[str, str]) -> str:
    """Return the fingerprint of files from the SHA-256 of each, by its name with slashes below the root."""
    digest = hashlib.sha256()
    for name in sorted(digests, key=PurePosixPath):
        digest.update(f"{digests[name]}  {name}\n".encode())
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
