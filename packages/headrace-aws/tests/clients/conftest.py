"""A fork, and a shell beside it."""

import os
import subprocess
from collections.abc import Iterator

import pytest
from clients_shell import PROGRAMS, Shell

from headrace_aws.testing.forks import deployed_fork


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A fork with its stacks deployed, IAM enforced, no raw data; and a shell beside it."""
    assert (PROGRAMS / "aws").exists(), "the notebooks' environment is missing; `make clients` makes it"
    home = tmp_path_factory.mktemp("home")
    with deployed_fork(tmp_path_factory.mktemp("fork")) as fork:
        lines = fork.command("local", "up").stdout
        # A person's own settings may hold credentials.
        plain = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["bash", "-c", 'eval "$1" && exec env -0', "bash", lines],
            env=plain,
            capture_output=True,
            text=True,
            check=True,
        )
        yield Shell(fork, dict(line.split("=", 1) for line in done.stdout.split("\0") if line))
