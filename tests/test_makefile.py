"""The Makefile hands on what it is given, and runs none of it."""

import os
import re
import subprocess
import sys
from pathlib import Path

from headrace_aws.config.root import project_root

ROOT = project_root()

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LISTED = re.search(r"^KNOBS := (.*)", MAKEFILE.replace("\\\n", ""), re.MULTILINE)
assert LISTED
KNOBS = ["ENV", "PIPELINE", *LISTED[1].split()]
TARGETS = sorted(set(re.findall(r"^([a-z-]+):.* ## ", MAKEFILE, re.MULTILINE)))


def test_no_text_of_a_knob_is_run(tmp_path: Path) -> None:
    """Make expands no variable that a workflow sets from a form, and the recipes name it to the shell as a variable."""
    given = {knob: f"$(shell touch {tmp_path / knob})" for knob in KNOBS}
    done = subprocess.run(
        ["make", "--dry-run", "READY=", *TARGETS],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHON": sys.executable, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) not in done.stdout
    assert not list(tmp_path.iterdir())


def test_every_target_is_in_the_help() -> None:
    """`make help` lists each public target, with what it does."""
    assert sorted(set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))) == TARGETS
