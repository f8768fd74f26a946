"""What the tests share: one local AWS."""

from collections.abc import Iterator

import pytest
from local_jobs import SETTINGS

from headrace_local.testing import LocalAws, served


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """One server for the whole session; tests keep apart by the names that they give to things."""
    with served(tmp_path_factory.mktemp("local-aws"), SETTINGS) as running:
        yield running
