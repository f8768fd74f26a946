"""The jobs by hand: folders in, folders out, as on SageMaker, and one clear message when they fail."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from toy.example_data import visits

from headrace.jobs import evaluate, prepare, train

Move = Callable[[str, dict[str, str]], None]


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for /opt/ml in every job of a test."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setenv("HEADRACE_COMMIT", "c0ffee")
    return tmp_path


@pytest.fixture
def raw(base: Path) -> Path:
    """The prepare job's input, with the toy's raw table."""
    folder = base / "processing" / "input" / "raw"
    folder.mkdir(parents=True)
    visits().write_csv(folder / "visits.csv")
    return folder


def move(base: Path, moves: dict[str, str]) -> None:
    """Rename folders below the base, as S3 lies between jobs."""
    for source, target in moves.items():
        (base / target).parent.mkdir(parents=True, exist_ok=True)
        (base / source).rename(base / target)


def prepared(base: Path) -> None:
    """Run the prepare job and put its outputs where the other two find them."""
    assert prepare.main(["--model", "toy"]) == 0
    output = "processing/output"
    (base / "processing/input/profile").mkdir()
    profile = (base / output / "profile" / "profile.json").read_bytes()
    (base / "processing/input/profile/profile.json").write_bytes(profile)
    move(
        base,
        {
            f"{output}/train": "input/data/train",
            f"{output}/validation": "input/data/validation",
            f"{output}/profile": "input/data/profile",
            f"{output}/test": "processing/input/test",
        },
    )


def test_prepare_train_evaluate(base: Path, raw: Path) -> None:
    """The three jobs in turn, as three processes on SageMaker, end in a verdict and a report."""
    del raw
    prepared(base)
    assert train.main(["--model", "toy"]) == 0
    packed = base / "processing" / "input" / "model" / "model.tar.gz"
    packed.parent.mkdir(parents=True)
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(base / "model", ".")
    assert evaluate.main(["--gate", '{"floor": {"roc_auc": 0.55}}']) == 0
    evaluation = json.loads((base / "processing/output/evaluation/evaluation.json").read_text())
    assert evaluation["verdict"]["decision"] == "pass"
    assert evaluation["model"]["commit"] == "c0ffee"
    assert evaluation["metrics"]["rows"] == 400
    assert evaluation["metrics"]["log_loss"] < evaluation["constant"]["log_loss"]
    assert evaluation["champion"] is None
    assert {part["value"] for part in evaluation["slices"]} == {"blue", "green", "red"}
    assert "<html" in (base / "processing/output/report/report.html").read_text()


def test_a_champion_is_scored_on_the_same_rows(base: Path, raw: Path) -> None:
    """The model as its own champion has the same metrics."""
    del raw
    prepared(base)
    assert train.main(["--model", "toy"]) == 0
    for name in ("model", "champion"):
        packed = base / "processing" / "input" / name / "model.tar.gz"
        packed.parent.mkdir(parents=True)
        with tarfile.open(packed, "w:gz") as archive:
            archive.add(base / "model", ".")
    assert evaluate.main(["--gate", '{"champion_tolerance": {"log_loss": 0}}']) == 0
    evaluation = json.loads((base / "processing/output/evaluation/evaluation.json").read_text())
    assert evaluation["champion"] == evaluation["metrics"]
    assert "log_loss not worse than the champion's by more than 0" in [
        rule["name"] for rule in evaluation["verdict"]["rules"] if rule["passed"]
    ]


def spoiled(column: str, value: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return a change of the first value of a column."""
    return lambda rows: rows.with_columns(
        pl.when(pl.int_range(pl.len()) == 0)
        .then(pl.lit(value))
        .otherwise(pl.col(column).cast(pl.String))
        .alias(column)
    )


BAD = {
    "missing column": (lambda rows: rows.drop("colour"), "column 'colour' is missing in visits.csv"),
    "wrong type": (
        spoiled("age", "old"),
        "column 'age' of visits.csv has 1 value that no number can be: 'old'",
    ),
    "out of range": (spoiled("age", "130"), "column 'age' of visits.csv has 1 value outside 0 to 120: 130.0"),
    "duplicate key": (
        spoiled("visitor", "2"),
        "key (visitor) of table 'visits' is repeated in 2 rows: visitor=2",
    ),
    "null in a required column": (
        spoiled("colour", ""),
        "column 'colour' of visits.csv has 1 missing value(s)",
    ),
    "empty table": (lambda rows: rows.clear(), "table 'visits' has no rows"),
    "one class only": (
        lambda rows: rows.with_columns(spent=pl.lit(1.0)),
        "rows have label 0; a model needs both classes",
    ),
    "unparsable date": (
        spoiled("at", "soon"),
        "column 'at' of visits.csv has 1 value that no timestamp can be",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD.keys())
def test_bad_data_fails_with_its_message_and_publishes_nothing(
    spoil: Callable[[pl.DataFrame], pl.DataFrame], message: str, base: Path, raw: Path
) -> None:
    """The message is where SageMaker reads it, and no output folder has a file."""
    spoil(visits()).write_csv(raw / "visits.csv")
    assert prepare.main(["--model", "toy"]) == 1
    assert message in (base / "output" / "message").read_text()
    assert not [path for path in (base / "processing").glob("output/**/*") if path.is_file()]


def test_an_unknown_hyperparameter_fails_the_training(base: Path, raw: Path) -> None:
    """SageMaker passes any hyperparameter; the job refuses what the model does not know."""
    del raw
    prepared(base)
    config = base / "input" / "config"
    config.mkdir()
    (config / "hyperparameters.json").write_text('{"depth": "3"}')
    assert train.main(["--model", "toy"]) == 1
    assert "depth: Extra inputs are not permitted" in (base / "output" / "failure").read_text()
    assert not (base / "model").exists()


def test_a_missing_input_is_told(base: Path) -> None:
    """A job run by hand without its input says what to give."""
    assert prepare.main(["--model", "toy"]) == 1
    assert "give the job an input named 'raw'" in (base / "output" / "message").read_text()
