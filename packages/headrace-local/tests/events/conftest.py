"""Targets to fire at."""

from typing import Any

import pytest
from event_targets import Targets


@pytest.fixture(scope="session")
def targets(local_aws: Any) -> Targets:
    return Targets(local_aws.client)
