"""Rows that the tests of the report share."""

import pytest
from reports import Examples, examples


@pytest.fixture(scope="session")
def some() -> Examples:
    return examples(600)


@pytest.fixture(scope="session")
def many() -> Examples:
    """As many rows as the test part of a real table."""
    return examples(65_000)
