"""What the documentation says of the example is true: its commands run, in a fresh copy, in their order."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from headrace_aws.config.root import project_root

ROOT = project_root()
DOCUMENTS = [ROOT / "README.md", ROOT / "AGENTS.md", *sorted((ROOT / "docs").glob("*.md"))]
NOT_HERE = {"make test"}  # runs this very test


def commands(document: Path) -> list[str]:
    """Return the lines of a document's `sh` blocks; those of its `text` blocks need an account or much time."""
    blocks = re.findall(r"^```sh\n(.*?)^```", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line and line not in NOT_HERE]
    return lines if shutil.which("aws") else [line for line in lines if not line.startswith("aws ")]


def copy_work_tree(folder: Path) -> None:
    """Copy into a folder what git would clone of the work tree."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def link_environment(folder: Path) -> None:
    """Give a copy this environment: its parts are links, so that one that is made anew leaves this one as it is."""
    folder.mkdir()
    for part in Path(sys.prefix).iterdir():
        (folder / part.name).symlink_to(part)


def run(script: str, folder: Path) -> str:
    """Run a script in a copy, with the environment of these tests instead of one of its own; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    done = subprocess.run(
        ["bash", "-ec", script],
        cwd=folder,
        env=environment | {"MAKEFLAGS": "READY=", "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_commands_of_the_documentation_run_in_their_order(tmp_path: Path) -> None:
    """Who types what the pages say, from the first line to the last, meets no error; then the notebook runs."""
    copy_work_tree(tmp_path)
    link_environment(tmp_path / ".venv")
    try:
        printed = {page.name: run("\n".join(commands(page)), tmp_path) for page in DOCUMENTS}
        explored = run("make up && .venv/bin/python notebooks/explore_flights.py", tmp_path)
    finally:
        run("make down", tmp_path)
    assert "registered after" in printed["README.md"]
    assert list((tmp_path / "runs").glob("*/report.html"))
    assert "23.7% of 327,346 flights are late" in explored
