"""What is said at the end of a run."""

import json
from datetime import UTC, datetime

import pytest

from headrace_aws import formatting
from headrace_aws.runs.failure import Failure
from headrace_aws.runs.history import Job, Visit
from headrace_aws.runs.summary import failure_lines, verdict_lines

METRICS = {"rows": 65000, "roc_auc": 0.7012, "log_loss": 0.51}


def test_the_verdict_lists_every_rule_and_metric_with_its_figure() -> None:
    """Each rule has its figure and limit, a failed one stands out, and a missing champion is a dash."""
    rules = [
        {"name": "roc_auc at least 0.65", "value": 0.7012, "limit": 0.65, "passed": True, "note": ""},
        {"name": "brier at most 0.1", "value": None, "limit": 0.1, "passed": False, "note": "one class only"},
    ]
    evaluation = {
        "verdict": {"summary": "The model is refused.", "rules": rules},
        "metrics": METRICS,
        "constant": METRICS | {"roc_auc": None},
        "champion": None,
    }
    assert verdict_lines(evaluation) == [
        "The model is refused.",
        "",
        "gate    rule                   found   limit",
        "passed  roc_auc at least 0.65  0.7012  0.6500",
        "FAILED  brier at most 0.1      -       0.1000  one class only",
        "",
        "metric    model   constant  champion",
        "rows      65,000  65,000    -",
        "roc_auc   0.7012  -         -",
        "log_loss  0.5100  0.5100    -",
    ]


def test_a_failure_names_state_job_words_log_and_remedy() -> None:
    """All that a person needs stands in one block: where, what it said, the end of the log, what to do."""
    visit = Visit(
        "Prepare data",
        "Task",
        datetime(2026, 1, 1, tzinfo=UTC),
        jobs=(Job("ProcessingJob", "p-0"), Job("ProcessingJob", "p-1")),
    )
    lines = failure_lines(visit, Failure("States.TaskFailed", "bad column"), ["one", "two"], "show p-1")
    assert lines == [
        "state    Prepare data",
        "job      p-1",
        "error    States.TaskFailed",
        "it said  bad column",
        "",
        "the end of its log, all of which `show p-1` prints:",
        "  one",
        "  two",
        "",
        "remedy: mend what it names and run again",
    ]


def test_a_timeout_has_a_remedy_of_its_own() -> None:
    """Errors that say nothing about their cause are reported with what helps."""
    [*_, remedy] = failure_lines(None, Failure("States.Timeout", ""), [], "")
    assert "timeout_seconds" in remedy


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            "ClientError: Failed to download data. No S3 objects found under S3 URL s3://b/m.tar.gz",
            "make reject",
        ),
        ("ClientError: Unable to download object s3://b/k: NoSuchKey: gone", "put back a former version"),
        ("ClientError: s3://b/k: KMS.DisabledException: arn:aws:kms:x is disabled.", "enable the key again"),
        ("ClientError: s3://b/k: KMS.KMSInvalidStateException: pending", "cancel its deletion"),
        ("ClientError: s3://b/k: AccessDenied: no", "the role that it names lacks a permission"),
        ("AlgorithmError: of the job's own", "mend what it names and run again"),
    ],
)
def test_an_input_that_cannot_be_given_has_its_remedy(reason: str, words: str) -> None:
    """Missing, encrypted by a key that cannot be used, and refused: each has a remedy of its own."""
    cause = json.dumps({"FailureReason": reason, "ProcessingOutputConfig": {"KmsKeyId": "arn:aws:kms:k"}})
    assert words in failure_lines(None, Failure("States.TaskFailed", cause), [], "")[-1]


def test_a_message_of_several_lines_stays_in_its_column() -> None:
    """A traceback or a list of faults is indented in the block, so that the block can be read."""
    lines = failure_lines(None, Failure("States.TaskFailed", "two faults:\n  one\n  two"), [], "")
    assert lines[:4] == [
        "state    none",
        "error    States.TaskFailed",
        "it said  two faults:",
        "           one",
    ]


def test_a_job_at_its_limit_has_the_remedy_of_a_timeout() -> None:
    """Step Functions says TaskFailed and describes the job; what helps stands in project.toml."""
    cause = '{"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxRuntimeExceeded", "StoppingCondition": '
    cause += '{"MaxRuntimeInSeconds": 3600}}'
    lines = failure_lines(None, Failure("States.TaskFailed", cause), [], "")
    assert "it said  stopped at its limit of 3,600 seconds" in lines
    assert lines[-1].startswith("remedy: raise timeout_seconds of the step in project.toml")


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    """Cells are aligned, and no line ends in blanks."""
    assert formatting.columns([["a", "bb", ""], ["ccc", "d", "e"]]) == ["a    bb", "ccc  d   e"]
