"""The hyperparameters that a cross-validation recommends."""

from datetime import timedelta

import pytest
from run_records import NOON, ModelRecords

from headrace.errors import ConfigurationError
from headrace_aws.runs.records.best import best_hyperparameters


def test_the_newest_summary_gives_the_best(records: ModelRecords) -> None:
    """Older ones, failed ones and other pipelines do not count."""
    common = {"pipeline": "cross-validation", "status": "summarised"}
    records.put_run("old", NOON, best={"max_depth": "3"}, **common)
    records.put_run("new", NOON + timedelta(days=1), best={"max_depth": "6", "booster": "dart"}, **common)
    records.put_run(
        "broken", NOON + timedelta(days=2), pipeline="cross-validation", status="failed", error="E"
    )
    records.put_run("trained", NOON + timedelta(days=3))
    context = records.context
    assert best_hyperparameters(context.aws, context.project, context.model) == (
        {"max_depth": 6, "booster": "dart"},
        "new",
    )


def test_without_a_cross_validation_it_says_how_to_get_one(records: ModelRecords) -> None:
    """The message holds the command."""
    context = records.context
    with pytest.raises(ConfigurationError, match="make run PIPELINE=cross-validation"):
        best_hyperparameters(context.aws, context.project, context.model)
