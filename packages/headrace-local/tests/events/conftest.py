"""Targets to fire at."""

from typing import Any

import pytest
from event_targets import Place


@pytest.fixture(scope="session")
def place(local_aws: Any) -> Place:
    return Place(local_aws.client)
