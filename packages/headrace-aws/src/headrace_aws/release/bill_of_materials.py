"""What is in the image, as a CycloneDX document: the base image and every locked package, with its hashes.

Debian's own packages are those of the base image, which is named by its digest.
"""

import re
from pathlib import Path
from typing import Any

from headrace import strict_json
from headrace.errors import ReleaseError
from headrace.files import file_text
from headrace_aws.release.manifest import REQUIREMENTS

_LOCK = REQUIREMENTS / "jobs.txt"
_BASE = re.compile(r"^FROM (?P<name>[\w./-]+):(?P<tag>[\w.-]+)@sha256:(?P<digest>[0-9a-f]{64})", re.MULTILINE)
_PACKAGE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill_of_materials(root: Path, project: str, version: str) -> str:
    """Return the document for the Dockerfile and the lock in a checkout, as of the project's release `version`.

    Raises `ReleaseError` when the base image is not pinned, or a package has no hash.
    """
    base = _BASE.search(file_text(root / "Dockerfile"))
    if base is None:
        raise ReleaseError("the Dockerfile names no base image by digest: FROM name:tag@sha256:...")
    image = {
        "type": "container",
        "name": base["name"],
        "version": base["tag"],
        "purl": f"pkg:oci/{base['name']}@sha256%3A{base['digest']}?tag={base['tag']}",
        "hashes": [{"alg": "SHA-256", "content": base["digest"]}],
    }
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": project, "version": version}},
        "components": [image, *_packages(file_text(root / _LOCK))],
    }
    return strict_json.dumps(document, indent=2) + "\n"


def _packages(lock: str) -> list[dict[str, Any]]:
    """Return a component for each package of a lock. A package has a hash for each of its files."""
    found = list(_PACKAGE.finditer(lock))
    ends = [following.start() for following in found[1:]] + [len(lock)]
    components = []
    for package, end in zip(found, ends, strict=True):
        hashes = _HASH.findall(lock[package.end() : end])
        name = package["name"].lower()
        if not hashes:
            raise ReleaseError(f"{_LOCK}: {name} has no hash; `make lock` writes it")
        components.append(
            {
                "type": "library",
                "name": name,
                "version": package["version"],
                "purl": f"pkg:pypi/{name}@{package['version']}",
                # Any of these files may have been installed: which one depends on the platform.
                "externalReferences": [
                    {
                        "type": "distribution",
                        "url": f"pkg:pypi/{name}@{package['version']}",
                        "hashes": [{"alg": "SHA-256", "content": one} for one in hashes],
                    }
                ],
            }
        )
    return components
