"""The hyperparameters that a cross-validation recommends."""

from datetime import timedelta

import pytest

from headrace.errors import ConfigurationError
from headrace_aws.runs.records.best import best_hyperparameters
from run_records import NOON, Mill


def test_the_newest_summary_gives_the_best(mill: Mill) -> None:
    """Older ones, failed ones and other pipelines do not count."""
    common = {"pipeline": "cross-validation", "status": "summarised"}
    mill.put_run("old", NOON, best={"max_depth": "3"}, **common)
    mill.put_run("new", NOON + timedelta(days=1), best={"max_depth": "6", "booster": "dart"}, **common)
    mill.put_run("broken", NOON + timedelta(days=2), pipeline="cross-validation", status="failed", error="E")
    mill.put_run("trained", NOON + timedelta(days=3))
    place = mill.place
    assert best_hyperparameters(place.aws, place.project, place.model) == (
        {"max_depth": 6, "booster": "dart"},
        "new",
    )


def test_without_a_cross_validation_it_says_how_to_get_one(mill: Mill) -> None:
    """The message holds the command."""
    place = mill.place
    with pytest.raises(ConfigurationError, match="make run PIPELINE=cross-validation"):
        best_hyperparameters(place.aws, place.project, place.model)
