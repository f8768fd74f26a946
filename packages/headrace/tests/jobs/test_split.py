"""The job that splits: raw tables in, one folder a part and the trials to run on them out."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from toy.example_data import visits

from headrace.examples import read_examples
from headrace.jobs import split
from headrace.profile import read_profile


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for /opt/ml, with the toy's raw table as input."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    raw = tmp_path / "processing" / "input" / "raw"
    raw.mkdir(parents=True)
    visits().write_csv(raw / "visits.csv")
    return tmp_path


def trials(base: Path) -> dict[str, Any]:
    """Return what the job tells the state machine."""
    found: dict[str, Any] = json.loads((base / "processing/output/trials/trials.json").read_text())
    return found


def rows(base: Path, part: str, name: str) -> pl.DataFrame:
    """Return the examples of one split of a part."""
    return read_examples(base / "processing" / "output" / "parts" / part / name).frame


def test_folds_are_written_with_a_trial_for_each_candidate(base: Path) -> None:
    """Each part has what a training needs; of two candidates on three folds there are six trials."""
    folds = '{"folds": 3, "holdout": 0.25}'
    assert (
        split.main(["--model", "toy", "--folds", folds, "--search", '{"grid": {"max_depth": [2, 4]}}']) == 0
    )
    found = trials(base)
    assert [trial["trial"] for trial in found["trials"]] == [
        f"fold-{fold}-candidate-{candidate}" for fold in (1, 2, 3) for candidate in (1, 2)
    ]
    assert found["trials"][1] == {
        "trial": "fold-1-candidate-2",
        "part": "fold-1",
        "candidate": "candidate-2",
        "hyperparameters": {"max_depth": "4"},
    }
    assert [part["part"] for part in found["parts"]] == ["fold-1", "fold-2", "fold-3"]
    assert found["settings"]["folds"]["folds"] == 3
    for part in found["parts"]:
        train, validation, test = (rows(base, part["part"], name) for name in ("train", "validation", "test"))
        assert part["rows"] == {"train": len(train), "validation": len(validation), "test": len(test)}
        assert part["positives"]["test"] == test["label"].sum()
        assert train["time"].max() < validation["time"].min() < test["time"].min()  # type: ignore[operator]
        profile = read_profile(base / "processing" / "output" / "parts" / part["part"] / "profile")
        assert profile.data_fingerprint == found["data_fingerprint"]
        assert profile.splits["train"].rows == len(train)
        assert profile.splits["test"].first == part["test_first"]


def test_cutoffs_are_written_with_all_that_comes_after(base: Path) -> None:
    """The toy's 83 days hold five cut-offs; the first model's test rows reach to the last one's horizon."""
    cutoffs = '{"initial_days": 30, "step_days": 10, "horizon_days": 10}'
    assert split.main(["--model", "toy", "--cutoffs", cutoffs]) == 0
    found = trials(base)
    assert found["trials"][0] == {
        "trial": "cutoff-1",
        "part": "cutoff-1",
        "candidate": "candidate-1",
        "hyperparameters": {},
    }
    assert [part["cutoff"][:10] for part in found["parts"]] == [
        "2026-01-31",
        "2026-02-10",
        "2026-02-20",
        "2026-03-02",
        "2026-03-12",
    ]
    assert {part["test_last"] for part in found["parts"]} == {"2026-03-21T23:00:00Z"}
    assert [part["rows"]["test"] for part in found["parts"]] == [1200, 960, 720, 480, 240]


def test_a_sliding_window_forgets(base: Path) -> None:
    """Each model trains on the last 30 days before its cut-off."""
    cutoffs = '{"initial_days": 30, "step_days": 10, "horizon_days": 10, "window": "sliding"}'
    assert split.main(["--model", "toy", "--cutoffs", cutoffs]) == 0
    for part in trials(base)["parts"]:
        assert part["rows"]["train"] + part["rows"]["validation"] == 30 * 24


@pytest.mark.parametrize(
    ("arguments", "cut"),
    [
        (["--folds", '{"folds": 3, "label_delay_days": 2.5}'], "test_first"),
        (["--cutoffs", '{"initial_days": 30, "step_days": 20, "label_delay_days": 2.5}'], "cutoff"),
    ],
)
def test_labels_that_come_late_are_not_learned_from(base: Path, arguments: list[str], cut: str) -> None:
    """What trains and stops ends 60 hours before the test, to the hour; the settings tell the report."""
    assert split.main(["--model", "toy", *arguments]) == 0
    found = trials(base)
    assert found["settings"][arguments[0].removeprefix("--")]["label_delay_days"] == 2.5
    for part in found["parts"]:
        last = datetime.fromisoformat(part["validation_last"])
        assert datetime.fromisoformat(part[cut]) - last == timedelta(hours=60)
        assert max(rows(base, part["part"], name)["time"].max() for name in ("train", "validation")) == last  # type: ignore[type-var]


def test_rows_without_a_label_are_in_no_part(base: Path) -> None:
    """They are counted in the profile."""
    table = visits().with_columns(spent=pl.when(pl.col("visitor") > 1900).then(None).otherwise("spent"))
    table.write_csv(base / "processing" / "input" / "raw" / "visits.csv")
    assert (
        split.main(["--model", "toy", "--folds", '{"method": "stratified", "folds": 2, "holdout": 0}']) == 0
    )
    assert sum(trials(base)["parts"][0]["rows"].values()) == 1900
    profile = read_profile(base / "processing" / "output" / "parts" / "fold-1" / "profile")
    assert profile.unlabelled_rows == 100


BAD = {
    "unknown hyperparameter": (
        ["--folds", "{}", "--search", '{"grid": {"depth": [3]}}'],
        "depth: unknown key",
    ),
    "too many trials": (
        [
            "--folds",
            '{"folds": 50}',
            "--search",
            '{"grid": {"max_depth": [1, 2, 3], "max_bin": [8, 9, 10, 11]}}',
        ],
        "the search has 12 candidates and 10 can be tried",
    ),
    "too many cut-offs": (
        ["--cutoffs", '{"initial_days": 10, "step_days": 0.1, "horizon_days": 1}'],
        "724 cut-offs are more than the 100 that a backtest can have; take longer steps",
    ),
    "unknown group": (
        ["--folds", '{"method": "grouped", "group": "city"}'],
        "no column 'city' to group folds by; the model's entity and slice columns are: visitor, colour",
    ),
    "group of another method": (["--folds", '{"group": "colour"}'], "a group belongs to the method grouped"),
    "cut-off outside the data": (
        ["--cutoffs", '{"at": ["2027-01-01"]}'],
        "cut-off 2027-01-01T00:00:00Z lies outside the data: the data has labelled rows from 2026-01-01T00:00:00Z",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_split_is_reported_and_nothing_is_written(
    arguments: list[str], message: str, base: Path
) -> None:
    """The message is where SageMaker reads it, and no training can begin."""
    assert split.main(["--model", "toy", *arguments]) == 1
    assert message in (base / "output" / "message").read_text()
    assert not list((base / "processing").glob("output/**/*.json"))


def test_a_fold_without_positives_is_named(base: Path) -> None:
    """Visitors who spend much in January only leave later folds without a positive row."""
    table = visits().with_columns(spent=pl.when(pl.col("visitor") < 700).then("spent").otherwise(1.0))
    table.write_csv(base / "processing" / "input" / "raw" / "visits.csv")
    assert split.main(["--model", "toy", "--folds", '{"folds": 4}']) == 1
    message = (base / "output" / "message").read_text()
    assert (
        "fold-3 has no positive row to stop the training by (rows: train 816 with 245 positive, validation 144"
        in message
    )


def test_a_backtest_searches_nothing(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Cut-offs and a search together are wrong use."""
    del base
    with pytest.raises(SystemExit, match="2"):
        split.main(["--model", "toy", "--cutoffs", "{}", "--search", "{}"])
    assert "give --search with --folds" in capsys.readouterr().err
