"""The files of `packages/`, and their manifest: what the template says that they are.

An update of the template replaces these files. So a fork that has changed one hears of it by `make check`, and not by
the update; a maintainer of the template, or who keeps a change on purpose, writes the manifest anew in the same commit.
"""

import argparse
import hashlib
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from headrace_aws.cli import exit_status, say
from headrace_aws.config.root import project_root
from headrace_aws.whole_files import write_whole

FOLDER = "packages"
MANIFEST = "MANIFEST.sha256"  # as `sha256sum` writes it, for the folder
_BUILT = ("__pycache__", ".egg-info", ".pyc")


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the files with the manifest, or write it; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="headrace packages", description="Compare the files of packages/ with the template's."
    )
    parser.add_argument("--write", action="store_true", help="write the manifest anew instead")
    options = parser.parse_args(arguments)
    return exit_status(lambda: _write() if options.write else _check())


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a folder by its path in it, without what Python builds there."""
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    return {
        name: hashlib.sha256(file.read_bytes()).hexdigest()
        for name, file in sorted(files.items())
        if name != MANIFEST and not any(part.endswith(_BUILT) or part[0] == "." for part in name.split("/"))
    }


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Return which files are changed, added or missing, one line each."""
    lines = []
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            fault = "added" if name not in expected else "missing" if name not in found else "changed"
            lines.append(f"{FOLDER}/{name}: {fault}")
    return lines


def _write() -> int:
    folder = project_root() / FOLDER
    text = "".join(f"{digest}  {name}\n" for name, digest in hashes(folder).items())
    write_whole(folder / MANIFEST, text)
    return 0


def _check() -> int:
    folder = project_root() / FOLDER
    if not folder.is_dir():  # the packages are installed as wheels
        return 0
    manifest = folder / MANIFEST
    listed = manifest.read_text(encoding="utf-8").splitlines() if manifest.is_file() else []
    expected = {name: digest for digest, name in (line.split("  ", 1) for line in listed)}
    lines = differences(expected, hashes(folder))
    if not lines:
        return 0
    for line in lines:
        say(line)
    sys.stderr.write(
        f"error: packages/ differs from version {version('headrace-aws')} of the template in {len(lines)} files: an "
        "update replaces them. Send the change upstream, or move it into src/ or pipelines/. To keep it all the same, "
        "or as a maintainer of the template, run `.venv/bin/headrace packages --write` and commit packages/MANIFEST.sha256: an update that "
        "touches such a file is then a conflict.\n"
    )
    return 1
