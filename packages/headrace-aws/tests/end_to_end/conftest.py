"""A fork of the template: another model and another project.toml, and its own local AWS."""

from collections.abc import Iterator

import pytest

from headrace_aws.testing.forks import Fork, deployed_fork


@pytest.fixture(scope="session")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fork]:
    """A fork with its raw data put, where nothing starts by itself."""
    with deployed_fork(tmp_path_factory.mktemp("fork")) as made:
        done = made.command("data")
        assert done.returncode == 0, done.stdout + done.stderr
        yield made


@pytest.fixture(scope="session")
def trained(fork: Fork) -> Fork:
    """The fork with an approved model."""
    if not fork.packages():
        done = fork.train()
        assert done.returncode == 0, done.stdout + done.stderr
    return fork
