"""The aggregate job of a cross-validation: evaluations and failures in, the candidate to take out."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from toy_trials import failed, given_to, message, report, results_of, summary

from headrace.jobs import aggregate, evaluate

FOLDS = '{"folds": 3}'
CROSS_VALIDATION = ["--pipeline", "cross-validation", "--metric", "log_loss"]


@pytest.fixture(scope="module")
def cross_validated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Inputs of the job: a cross-validation of two candidates on three folds, by the real jobs."""
    return results_of(
        tmp_path_factory.mktemp("cross-validation"),
        ["--folds", FOLDS, "--search", '{"grid": {"max_rounds": [2, 40]}}'],
        lambda: evaluate.main(["--no-report"]),
        {"test": "test", "profile": "profile"},
        "evaluation",
    )


def test_a_cross_validation_ends_in_the_better_candidate(base: Path, cross_validated: Path) -> None:
    """Forty rounds beat two in every fold; the summary has the figures of the evaluations, and the report too."""
    results = given_to(base, cross_validated)
    assert aggregate.main(CROSS_VALIDATION) == 0
    found = summary(base)
    assert found["best"]["candidate"] == "candidate-2"
    assert found["best"]["hyperparameters"] == {"max_rounds": "40"}
    values = [
        json.loads((results / f"fold-{fold}-candidate-2" / "evaluation.json").read_text())["metrics"][
            "log_loss"
        ]
        for fold in (1, 2, 3)
    ]
    assert found["metrics"]["log_loss"] == pytest.approx(sum(values) / 3)
    assert found["metrics"]["log_loss_low"] < min(values) <= max(values) < found["metrics"]["log_loss_high"]
    assert all(isinstance(value, int | float) for value in found["metrics"].values())
    assert found["failed"] == []
    assert len(found["data_fingerprint"]) == 64
    document = report(base)
    assert found["summary"] in document.text
    assert "candidate-1 max_rounds = 2" in document.text
    assert f"{values[0]:.4f}" in document.text


def test_a_failed_trial_is_tolerated_and_reported(base: Path, cross_validated: Path) -> None:
    """One of six: its candidate is not compared, its reason stands in the summary and in the report."""
    results = given_to(base, cross_validated)
    cause = json.dumps({"TrainingJobName": "job", "FailureReason": "AlgorithmError: <b>out of memory</b>"})
    failed(results, "fold-1-candidate-2", {"Error": "States.TaskFailed", "Cause": cause})
    assert aggregate.main(CROSS_VALIDATION) == 0
    found = summary(base)
    assert found["failed"] == [
        {"trial": "fold-1-candidate-2", "reason": "AlgorithmError: <b>out of memory</b>"}
    ]
    assert found["best"]["candidate"] == "candidate-1"
    assert {each["candidate"]: each["compared"] for each in found["candidates"]} == {
        "candidate-1": True,
        "candidate-2": False,
    }
    assert found["metrics"]["failed"] == 1
    document = report(base)
    assert "fold-1-candidate-2 AlgorithmError: <b>out of memory</b>" in document.text
    assert "1 of 6 trials left no result" in document.text
    assert "not compared" in document.text


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ({"Error": "States.Timeout", "Cause": ""}, "States.Timeout"),
        ({"Error": "E", "Cause": '{"ExitMessage": "column is missing"}'}, "column is missing"),
        ({"Error": "SageMaker.X", "Cause": "no instance"}, "SageMaker.X: no instance"),
        ({}, "no reason is given"),
    ],
)
def test_more_failures_than_tolerated_fail_the_job(
    failure: dict[str, str], reason: str, base: Path, cross_validated: Path
) -> None:
    """Two of six are more than a fifth: the counts and the first reason are reported, in the job's own words."""
    results = given_to(base, cross_validated)
    failed(results, "fold-2-candidate-1", failure)
    shutil.rmtree(results / "fold-3-candidate-1")
    assert aggregate.main(CROSS_VALIDATION) == 1
    assert message(base) == (
        f"2 of 6 trials failed and 20% are tolerated; the first, fold-2-candidate-1: {reason}"
    )
    assert not (base / "processing" / "output" / "summary").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "evaluation.json is empty"),
        (b'{"metrics": {"rows"', "evaluation.json is not JSON"),
        (b"[]", "evaluation.json cannot be used"),
        (b'{"format": 2}', "metrics: is missing"),
        (b"\x1f\x8b\xff", "evaluation.json is no UTF-8"),
    ],
)
def test_a_damaged_evaluation_is_a_failed_trial(
    content: bytes, reason: str, base: Path, cross_validated: Path
) -> None:
    """As a missing one: the others are compared, and the reason is told."""
    (given_to(base, cross_validated) / "fold-1-candidate-2" / "evaluation.json").write_bytes(content)
    assert aggregate.main(CROSS_VALIDATION) == 0
    (failure,) = summary(base)["failed"]
    assert failure["trial"] == "fold-1-candidate-2"
    assert reason in failure["reason"]


def test_all_failures_are_never_tolerated(base: Path, cross_validated: Path) -> None:
    """Nothing to aggregate is a failure, whatever is tolerated; an absent folder is reported too."""
    shutil.rmtree(given_to(base, cross_validated))
    assert aggregate.main([*CROSS_VALIDATION, "--tolerated", "1"]) == 1
    assert "6 of 6 trials failed" in message(base)
    assert "it left neither a result nor a failure" in message(base)


def test_where_every_candidate_misses_a_fold_they_are_compared_on_those_of_all(
    base: Path, cross_validated: Path
) -> None:
    """Both have the third fold; one fold is too few to tell them apart."""
    results = given_to(base, cross_validated)
    failed(results, "fold-1-candidate-1", {"Error": "E"})
    failed(results, "fold-2-candidate-2", {"Error": "E"})
    assert aggregate.main([*CROSS_VALIDATION, "--tolerated", "0.5"]) == 1
    assert "candidates can be compared on 1 fold(s) only, and it takes 2" in message(base)


def rewritten(results: Path, values: Mapping[str, float]) -> None:
    """Let trials have had another log loss."""
    for trial, value in values.items():
        path = results / trial / "evaluation.json"
        evaluation = json.loads(path.read_text())
        evaluation["metrics"]["log_loss"] = value
        path.write_text(json.dumps(evaluation))


def test_one_standard_error_picks_the_simpler(base: Path, cross_validated: Path) -> None:
    """Two rounds are simpler than forty: less than a standard error behind they win, and more behind they do not."""
    results = given_to(base, cross_validated)
    forty = {f"fold-{fold}-candidate-2": 0.5 + fold / 10 for fold in (1, 2, 3)}
    near = {
        f"fold-{fold}-candidate-1": 0.5 + fold / 10 + by for fold, by in ((1, 0.02), (2, -0.01), (3, 0.002))
    }
    rewritten(results, forty | near)
    assert aggregate.main(CROSS_VALIDATION) == 0
    found = summary(base)
    assert found["best"]["candidate"] == "candidate-1"
    assert found["best"]["one_standard_error"]["best_mean"] == "candidate-2"
    assert found["best"]["one_standard_error"]["behind"] == pytest.approx(0.004)
    assert found["best"]["one_standard_error"]["standard_error"] == pytest.approx(0.0088, abs=1e-4)
    assert "candidate-1 is simpler" in found["summary"]
    # As far behind, but always: the folds differ by far more than the candidates, and that tells nothing.
    rewritten(results, {f"fold-{fold}-candidate-1": 0.504 + fold / 10 for fold in (1, 2, 3)})
    assert aggregate.main(CROSS_VALIDATION) == 0
    assert summary(base)["best"]["candidate"] == "candidate-2"


def test_random_folds_have_wider_intervals(base: Path, cross_validated: Path) -> None:
    """What folds by time show is not corrected; the same figures of random folds are, for the rows that they share."""
    given_to(base, cross_validated)
    assert aggregate.main(CROSS_VALIDATION) == 0
    plain = summary(base)["metrics"]["log_loss_standard_error"]
    assert "no correction is known for them" in report(base).text
    path = base / "processing" / "input" / "trials" / "trials.json"
    trials = json.loads(path.read_text())
    trials["settings"]["folds"]["method"] = "stratified"
    path.write_text(json.dumps(trials))
    assert aggregate.main(CROSS_VALIDATION) == 0
    parts = trials["parts"]
    overlap = sum(p["rows"]["test"] / (p["rows"]["train"] + p["rows"]["validation"]) for p in parts) / len(
        parts
    )
    assert summary(base)["metrics"]["log_loss_standard_error"] == pytest.approx(
        plain * (1 + 3 * overlap) ** 0.5
    )
    assert "Nadeau and Bengio, 2003" in report(base).text


def test_a_share_is_no_percentage(base: Path) -> None:
    """Whoever writes 20 for 20 % would tolerate everything."""
    with pytest.raises(SystemExit, match="2"):
        aggregate.main([*CROSS_VALIDATION, "--tolerated", "20"])
    assert message(base) == "argument --tolerated: '20' is not a share of the trials, from 0 to 1"


def test_without_trials_the_job_says_what_to_run(base: Path) -> None:
    """An input by hand that is not there."""
    assert aggregate.main(CROSS_VALIDATION) == 1
    assert "trials.json is missing" in message(base)
    assert "run the job `split` first" in message(base)
