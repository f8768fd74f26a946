"""What the tests share: one local AWS, whose jobs run the models of this checkout."""

from collections.abc import Iterator

import pytest

from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from headrace_aws.local_aws import settings
from headrace_aws.testing.shared import long_first
from headrace_local.testing import LocalAws, served


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = long_first(items)


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """One server for the whole session; tests keep apart by the names that they give to things."""
    home = tmp_path_factory.mktemp("local-aws")
    with served(home, settings(load_project(), project_root())) as running:
        yield running
