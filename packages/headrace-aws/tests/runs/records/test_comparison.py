"""Runs side by side."""

import re
from datetime import timedelta

import pytest
from run_records import NOON, ModelRecords, profile

from headrace.errors import ConfigurationError
from headrace_aws.runs.records.command import compare

NOTE = "the runs did not read the same data"


def compared(records: ModelRecords, *names: str) -> list[str]:
    """Return the lines of a comparison."""
    said: list[str] = []
    assert compare(records.context, names, said.append) == 0
    return said


def row(lines: list[str], name: str) -> list[str]:
    """Return the cells of the one row with that name, its mark first when it has one."""
    (found,) = (line for line in lines if re.match(rf"[* ] +{re.escape(name)}(  |$)", line))
    return re.split(r"\s{2,}", found.strip())


def test_what_differs_is_marked_and_measured(records: ModelRecords) -> None:
    """Parameters, code and metrics of two runs: only rows that differ bear a mark, and metrics say who is better."""
    common = {"data_fingerprint": "d1", "image": "mill:1"}
    records.put_run(
        "shallow",
        hyperparameters={"max_depth": 3, "eta": 0.1},
        metrics={"rows": 400, "log_loss": 0.5, "roc_auc": 0.7, "brier": 0.16, "mean_score": 0.20001},
        **common,
    )
    records.put_run(
        "deep",
        NOON + timedelta(hours=1),
        hyperparameters={"max_depth": 6, "eta": 0.1},
        metrics={"rows": 400, "log_loss": 0.49, "roc_auc": 0.69, "brier": 0.16, "mean_score": 0.20002},
        commit="fedcba",
        **common,
    )
    lines = compared(records, "shallow", "deep")
    assert lines[0].split() == ["shallow", "deep"]
    assert row(lines, "max_depth") == ["*", "max_depth", "3", "6"]
    assert row(lines, "eta") == ["eta", "0.1000", "0.1000"]
    assert row(lines, "commit") == ["*", "commit", "0123abcdef", "fedcba"]
    assert row(lines, "image") == ["image", "mill:1", "mill:1"]
    assert row(lines, "fingerprint") == ["fingerprint", "d1", "d1"]
    assert row(lines, "log_loss") == ["*", "log_loss", "0.5000", "0.4900", "-0.0100, deep is better"]
    assert row(lines, "roc_auc") == ["*", "roc_auc", "0.7000", "0.6900", "-0.0100, shallow is better"]
    assert row(lines, "brier") == ["brier", "0.1600", "0.1600"]
    assert row(lines, "mean_score") == ["*", "mean_score", "0.2000", "0.2000", "+1.0e-05"]
    assert row(lines, "status") == ["status", "registered", "registered"]
    assert not any(NOTE in line for line in lines)


def test_three_runs_have_a_best(records: ModelRecords) -> None:
    """With more than two, the best of each metric is named; a run without the metric is a dash and nobody is best."""
    for number, (loss, brier) in enumerate(((0.5, 0.2), (0.4, 0.1), (0.6, None))):
        records.put_run(f"run-{number}", metrics={"log_loss": loss, "brier": brier}, data_fingerprint="d")
    lines = compared(records, "run-0,run-1", "run-2")
    assert row(lines, "log_loss")[-1] == "best: run-1"
    assert row(lines, "brier") == ["*", "brier", "0.2000", "0.1000", "-"]


def test_the_data_of_the_runs_is_shown_from_their_profiles(records: ModelRecords) -> None:
    """Rows and times come from each run's own folder; other test rows make metrics incomparable, and it is said."""
    for name, rows in (("a", 400), ("b", 500)):
        records.put_profile(
            records.put_run(name, data_fingerprint="d", metrics={"log_loss": 0.5}), profile("d", rows)
        )
    lines = compared(records, "a", "b")
    assert row(lines, "raw visits, rows") == ["raw visits, rows", "2,000", "2,000"]
    assert row(lines, "test, rows") == ["*", "test, rows", "400", "500"]
    assert row(lines, "train, first") == ["train, first", "2026-01-01T00:00:00", "2026-01-01T00:00:00"]
    assert NOTE in lines[-1]


def test_other_data_is_said(records: ModelRecords) -> None:
    """Without profiles the fingerprints alone tell that the runs read other data."""
    records.put_run("a", data_fingerprint="d1", metrics={"log_loss": 0.5})
    records.put_run("b", data_fingerprint="d2", metrics={"log_loss": 0.4})
    assert NOTE in compared(records, "a", "b")[-1]


def test_hashes_are_cut_short_and_compared_whole(records: ModelRecords) -> None:
    """Two that begin alike still differ, and a row stays readable."""
    for name, end in (("a", "0"), ("b", "1")):
        image = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/mill@sha256:{'0' * 63}{end}"
        records.put_run(name, data_fingerprint="f" * 63 + end, image=image)
    lines = compared(records, "a", "b")
    assert row(lines, "fingerprint") == ["*", "fingerprint", "f" * 12 + "...", "f" * 12 + "..."]
    assert row(lines, "image") == ["*", "image", *["mill@sha256:000000000000..."] * 2]


def test_data_that_is_not_recorded_is_said(records: ModelRecords) -> None:
    """Without fingerprints nobody can say that the data was the same, nor that it was not."""
    records.put_run("a", metrics={"log_loss": 0.5})
    records.put_run("b", metrics={"log_loss": 0.4}, data_fingerprint="d")
    assert "is not recorded" in compared(records, "a", "b")[-1]


def test_a_failed_run_can_be_compared(records: ModelRecords) -> None:
    """Its hyperparameters were kept as texts, and count as the numbers that they say."""
    records.put_run("good", hyperparameters={"max_depth": 4}, metrics={"log_loss": 0.5}, data_fingerprint="d")
    records.put_run("bad", status="failed", error="States.TaskFailed", hyperparameters={"max_depth": "4"})
    lines = compared(records, "good", "bad")
    assert row(lines, "max_depth") == ["max_depth", "4", "4"]
    assert row(lines, "error") == ["*", "error", "-", "States.TaskFailed"]
    assert row(lines, "log_loss") == ["*", "log_loss", "0.5000", "-"]
    assert lines[-1] == "* differs"


def test_a_name_may_be_cut_short_or_be_an_arn(records: ModelRecords) -> None:
    """What identifies one run is enough; a whole name wins over names that it begins."""
    arn = records.put_run("20261122T120000-abc")
    records.put_run("20261123T120000-def")
    records.put_run("20261122")
    assert compared(records, arn, "20261123")[0].split() == ["20261122T120000-abc", "20261123T120000-def"]
    assert compared(records, "20261122", "20261122T")[0].split() == ["20261122", "20261122T120000-abc"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["a-1"], "1 run to compare.*RUN=a RUN=b; write RUN=a,b"),
        ([], "0 runs to compare"),
        (["a-1", "nobody"], "is 'nobody' or begins so; a run is recorded when it ends"),
        (
            ["a-1", "a"],
            r"'a' may be any of 2 runs .*: a-2 \(training\), a-1 \(training\); give more of its name",
        ),
        (["a-1", "a-1"], "'a-1' and 'a-1' are the same run"),
        (["same", "a-1"], r"'same' may be any of 2 runs .*\(quality\).*give its ARN"),
    ],
)
def test_what_does_not_name_two_runs_is_reported(
    records: ModelRecords, given: list[str], message: str
) -> None:
    """Too few, unknown, ambiguous and repeated names each have their own message with a remedy."""
    records.put_run("a-1")
    records.put_run("a-2", NOON + timedelta(minutes=1))
    records.put_run("same", NOON)
    records.put_run("same", NOON + timedelta(minutes=1), pipeline="quality", status="measured")
    with pytest.raises(ConfigurationError, match=message):
        compared(records, *given)
