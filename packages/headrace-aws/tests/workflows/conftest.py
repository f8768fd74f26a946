"""A team with a release in dev, and in prod. Each test has a copy, with accounts of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace_aws.testing.shared import made_once
from headrace_aws.testing.team import Team, copied_team, deployed_team


@pytest.fixture(scope="session")
def dev_team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a team whose first release is in dev; it is at rest, to be copied."""

    def make(folder: Path) -> None:
        with deployed_team(folder):
            pass

    return made_once(tmp_path_factory, "dev-team", make)


@pytest.fixture(scope="session")
def prod_team(dev_team: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the team after its first merge, whose release is in prod; it is at rest, to be copied."""

    def make(folder: Path) -> None:
        with copied_team(dev_team, folder) as made:
            made.edit("src/toy/model.py", "max_rounds: int = 40", "max_rounds: int = 41")
            made.commit("Let one more tree grow")
            done = made.push()
            assert done.jobs == {"release": "success", "dev": "success", "prod": "success"}, done.output

    return made_once(tmp_path_factory, "prod-team", make)


@pytest.fixture
def team(dev_team: Path, tmp_path: Path) -> Iterator[Team]:
    """A team whose first release runs in dev, on raw data."""
    with copied_team(dev_team, tmp_path) as made:
        yield made


@pytest.fixture
def merged(prod_team: Path, tmp_path: Path) -> Iterator[Team]:
    """A team whose second release is in dev and in prod."""
    with copied_team(prod_team, tmp_path) as made:
        yield made
