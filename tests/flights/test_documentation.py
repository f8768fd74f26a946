"""What the documentation says of the example is true: its commands run, in a fresh copy, in their order."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from headrace_aws.config.root import project_root

ROOT = project_root()

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What runs this very test.
NOT_HERE = {"make test"}


def commands(document: Path) -> list[str]:
    """Return the lines of a document's `sh` blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What git would clone of the work tree, in a folder of its own."""
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a script in a copy, with the environment of these tests instead of one of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    if not (folder / ".venv").exists():
        (folder / ".venv").symlink_to(sys.prefix)
    return subprocess.run(
        ["bash", "-ec", script],
        cwd=folder,
        env=environment | {"READY": "", "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_commands_of_a_document_run_in_their_order(document: Path, clone: Path) -> None:
    """A newcomer who types what a page says, from its first line to its last, meets no error."""
    lines = [line for line in commands(document) if line not in NOT_HERE]
    if not shutil.which("aws"):
        lines = [line for line in lines if not line.startswith("aws ")]
    try:
        done = run("\n".join(lines), clone)
        assert done.returncode == 0, done.stdout + done.stderr
        if document.name == "README.md":
            assert "registered after" in done.stdout
            assert list((clone / "runs").glob("*/report.html"))
    finally:
        run("make down", clone)


def test_the_notebook_runs(clone: Path) -> None:
    """Every cell of the notebook works on the raw data in S3."""
    try:
        done = run("make up deploy data && .venv/bin/python notebooks/explore_flights.py", clone)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "23.7% of 327,346 flights are late" in done.stdout
    finally:
        run("make down", clone)
