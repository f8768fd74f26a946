"""The aggregate job of a backtest: predictions and failures in, how often to retrain out."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from toy_trials import failed, given_to, message, report, results_of, summary

from headrace.jobs import aggregate, predict

CUTOFFS = '{"initial_days": 30, "step_days": 10, "horizon_days": 10}'
BACKTESTING = ["--pipeline", "backtesting", "--metric", "log_loss", "--cutoffs", CUTOFFS]


@pytest.fixture(scope="module")
def backtested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Inputs of the job: a backtest of five cut-offs."""
    return results_of(
        tmp_path_factory.mktemp("backtesting"),
        ["--cutoffs", CUTOFFS],
        lambda: predict.main([]),
        {"examples": "test"},
        "predictions",
    )


def test_a_backtest_ends_in_an_answer(base: Path, backtested: Path) -> None:
    """Five cut-offs have ages up to four steps; the report opens with the sentence of the summary."""
    results = given_to(base, backtested)
    assert aggregate.main(BACKTESTING) == 0
    found = summary(base)
    assert [each["cutoff"][:10] for each in found["cutoffs"]][:2] == ["2026-01-31", "2026-02-10"]
    assert [(each["days"], each["cost"]["count"]) for each in found["ages"]] == [
        (0, 5),
        (10, 4),
        (20, 3),
        (30, 2),
        (40, 1),
    ]
    assert found["cutoffs"][0]["frozen"] == found["cutoffs"][0]["retrained"]
    assert found["cutoffs"][4]["rows"] == len(pl.read_parquet(results / "cutoff-5" / "part-0.parquet"))
    assert found["metrics"]["cutoffs"] == 5
    assert (found["recommended_interval_days"] is None) == ("No retraining interval" in found["summary"])
    document = report(base)
    assert found["summary"] in document.text
    assert "2026-01-31 2026-02-10 240" in document.text


def test_a_failed_cutoff_is_tolerated(base: Path, backtested: Path) -> None:
    """The others are compared as before, and the report says what is missing."""
    results = given_to(base, backtested)
    failed(results, "cutoff-2", {"Error": "SageMaker.Capacity", "Cause": "none"})
    assert aggregate.main(BACKTESTING) == 0
    found = summary(base)
    assert [each["number"] for each in found["cutoffs"]] == [1, 3, 4, 5]
    assert found["failed"][0]["reason"] == "SageMaker.Capacity: none"
    assert "1 of 5 trials left no result" in report(base).text


BAD = {
    "other rows": (lambda rows: rows[:-1], "predictions of cutoff-1 and cutoff-2 are not of the same rows"),
}
DAMAGED = {
    "no score": (
        lambda path: changed(path, lambda rows: rows.with_columns(score=pl.lit(None, pl.Float64))),
        "have no label or a score that is no probability",
    ),
    "no column": (lambda path: changed(path, lambda rows: rows.drop("score")), "cannot be read: "),
    "empty": (lambda path: path.write_bytes(b""), "cannot be read: "),
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:200]), "cannot be read: "),
    "missing": (Path.unlink, "it left neither a result nor a failure"),
}


def changed(path: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Change the rows of a file."""
    change(pl.read_parquet(path)).write_parquet(path)


@pytest.mark.parametrize(("spoil", "reason"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_result_is_a_failed_trial(
    spoil: Callable[[Path], object], reason: str, base: Path, backtested: Path
) -> None:
    """Predictions that are missing, and those that cannot be used, are told alike, and the others are compared."""
    spoil(given_to(base, backtested) / "cutoff-2" / "part-0.parquet")
    assert aggregate.main(BACKTESTING) == 0
    (failure,) = summary(base)["failed"]
    assert failure["trial"] == "cutoff-2"
    assert reason in failure["reason"]
    assert aggregate.main([*BACKTESTING, "--tolerated", "0"]) == 1
    assert "1 of 5 trials failed and 0% are tolerated; the first, cutoff-2: " in message(base)


@pytest.mark.parametrize(("spoil", "text"), BAD.values(), ids=BAD.keys())
def test_predictions_that_cannot_be_compared_are_reported(
    spoil: Callable[[pl.DataFrame], pl.DataFrame], text: str, base: Path, backtested: Path
) -> None:
    """Two models must have scored the same rows, all of them."""
    path = given_to(base, backtested) / "cutoff-1" / "part-0.parquet"
    spoil(pl.read_parquet(path)).write_parquet(path)
    assert aggregate.main(BACKTESTING) == 1
    assert text in message(base)


def test_trials_of_another_kind_are_reported(base: Path, backtested: Path) -> None:
    """The wrong pipeline, and cut-offs that are not those of the split."""
    given_to(base, backtested)
    assert aggregate.main(["--pipeline", "cross-validation"]) == 1
    assert "the trials are not of the pipeline cross-validation" in message(base)
    assert aggregate.main([*BACKTESTING[:-1], '{"initial_days": 31}']) == 1
    assert "--cutoffs are not those that the job `split` was told" in message(base)
