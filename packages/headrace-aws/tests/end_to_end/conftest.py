"""A fork of the template: another model and another project.toml. Each test has a copy, with a local AWS of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace_aws.testing.forks import Fork, copied_fork, deployed_fork
from headrace_aws.testing.shared import made_once


@pytest.fixture(scope="session")
def untrained_fork(tmp_path_factory: pytest.TempPathFactory) -> Fork:
    """A fork with its stacks and raw data, where nothing starts by itself; it is at rest, to be copied."""

    def make(folder: Path) -> None:
        with deployed_fork(folder / "fork") as made:
            made.succeed("data")

    return Fork(made_once(tmp_path_factory, "untrained-fork", make) / "fork")


@pytest.fixture(scope="session")
def trained_fork(untrained_fork: Fork, tmp_path_factory: pytest.TempPathFactory) -> Fork:
    """The fork with an approved model; it is at rest, to be copied."""

    def make(folder: Path) -> None:
        with copied_fork(untrained_fork, folder / "fork") as made:
            made.succeed("run")

    return Fork(made_once(tmp_path_factory, "trained-fork", make) / "fork")


@pytest.fixture
def fork(untrained_fork: Fork, tmp_path: Path) -> Iterator[Fork]:
    """A fork with its stacks and raw data."""
    with copied_fork(untrained_fork, tmp_path / "fork") as made:
        yield made


@pytest.fixture
def trained(trained_fork: Fork, tmp_path: Path) -> Iterator[Fork]:
    """A fork with an approved model."""
    with copied_fork(trained_fork, tmp_path / "fork") as made:
        yield made
