"""A team with a first release in dev."""

from collections.abc import Iterator

import pytest

from headrace_aws.testing.team import Team, bootstrapped_team
from headrace_aws.testing.workflow_runs import Run


@pytest.fixture(scope="session")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """A team whose first release runs in dev, on raw data."""
    with bootstrapped_team(tmp_path_factory.mktemp("team")) as made:
        made.make("release")
        made.make("deploy", ENV="dev", RELEASE="dist/release")
        made.make("data", ENV="dev")
        yield made


@pytest.fixture(scope="session")
def merged(team: Team) -> Run:
    """What the first merge ran: prod has a release after it."""
    team.edit("src/toy/model.py", "max_rounds: int = 40", "max_rounds: int = 41")
    team.commit("Let one more tree grow")
    return team.push()
