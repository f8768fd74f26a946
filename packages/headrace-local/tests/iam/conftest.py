"""One server that enforces IAM."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from enforced import REGION, Enforced
from local_jobs import SETTINGS

from headrace_local.lifecycle import start, stop
from headrace_local.testing import LocalAws


@pytest.fixture(scope="session")
def enforced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enforced]:
    """One server that enforces IAM."""
    home = tmp_path_factory.mktemp("enforced")
    yield Enforced(LocalAws(start(home, replace(SETTINGS, region=REGION), "enforce"), REGION))
    stop(home)
