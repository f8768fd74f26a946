"""Locking the requirements."""

import os
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
