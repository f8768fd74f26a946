"""Locking the requirements."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from headrace_aws.config.root import project_root

LOCK = project_root() / "requirements" / "lock.py"


@pytest.mark.parametrize("way", [{"UV_DEFAULT_INDEX": "http://localhost:1/simple"}, {"UV_OFFLINE": "1"}])
def test_without_an_index_the_check_says_so_in_one_line(tmp_path: Path, way: dict[str, str]) -> None:
    """Offline nothing can be told of the locks: one line with the fact and the remedy, and no traceback."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    environment = {**kept, "UV_CACHE_DIR": str(tmp_path), "UV_HTTP_RETRIES": "0", "UV_NO_CONFIG": "1", **way}
    done = subprocess.run(
        [sys.executable, LOCK, "--check"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    [message] = done.stderr.splitlines()
    assert message.startswith("error: the package index cannot be reached")
    assert message.endswith("go online, or name another by UV_DEFAULT_INDEX=<url>")


@pytest.mark.parametrize(
    ("lock", "several"),
    [
        ("a==1 \\\n    --hash=sha256:0\nb==2\n", []),
        (
            "a==1 ; python_full_version < '3.12' \\\n    --hash=sha256:0\na==2 ; python_full_version >= '3.12'\n",
            ["a"],
        ),
        ("a==1 ; sys_platform == 'win32'\nb==2\n", []),
        ("b==1\na==1\nb==2\na==2\n", ["a", "b"]),
    ],
)
def test_a_package_in_several_versions_is_found(lock: str, several: list[str]) -> None:
    """A model must not differ with the Python that trains it: a lock names each package once, but for a marker."""
    found = runpy.run_path(str(LOCK))["packages_in_several_versions"](lock)
    assert found == several


def test_a_job_runs_with_the_same_packages_on_every_python() -> None:
    """What the job image carries is what a laptop with a newer Python trains with."""
    found = runpy.run_path(str(LOCK))["packages_in_several_versions"]
    assert found(LOCK.with_name("jobs.txt").read_text(encoding="utf-8")) == []
