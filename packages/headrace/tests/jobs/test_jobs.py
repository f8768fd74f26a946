"""The jobs by hand: folders in, folders out, as on SageMaker, and one clear message when they fail."""

import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from toy.example_data import visits

from headrace.artefact import load_artefact
from headrace.examples import Examples
from headrace.fingerprint import fingerprint_of_files
from headrace.jobs import evaluate, prepare, train
from headrace.metrics import metrics_of

Move = Callable[[str, dict[str, str]], None]


@pytest.fixture
def base(base: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for /opt/ml in every job of a test."""
    monkeypatch.setenv("HEADRACE_COMMIT", "c0ffee")
    return base


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
    slices = json.loads((base / "processing/output/evaluation/slices.json").read_text())["slices"]
    assert {part["value"] for part in slices} == {"blue", "green", "red"}
    assert sum(part["metrics"]["rows"] for part in slices) == 400
    assert "<html" in (base / "processing/output/report/report.html").read_text()


def packed(base: Path, name: str) -> None:
    """Pack the model folder as SageMaker does, as an input of the evaluate job, and empty it."""
    archive = base / "processing" / "input" / name / "model.tar.gz"
    archive.parent.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as content:
        content.add(base / "model", ".")
    shutil.rmtree(base / "model")
    shutil.rmtree(base / "checkpoints")


def trained(base: Path, name: str, **hyperparameters: str) -> None:
    """Train with hyperparameters, and give the model to the evaluate job."""
    config = base / "input" / "config"
    config.mkdir(exist_ok=True)
    (config / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    assert train.main(["--model", "toy"]) == 0
    packed(base, name)


def evaluated(base: Path, gate: str = "{}") -> dict[str, Any]:
    """Run the evaluate job and return what it says."""
    assert evaluate.main(["--gate", gate]) == 0
    found: dict[str, Any] = json.loads((base / "processing/output/evaluation/evaluation.json").read_text())
    return found


def test_a_champion_is_scored_by_itself_on_the_same_rows(base: Path, raw: Path) -> None:
    """A champion of one round has its own, worse figures; seen from the other side it refuses the newcomer."""
    del raw
    prepared(base)
    trained(base, "model")
    trained(base, "champion", max_rounds="1")
    gate = '{"champion_tolerance": {"log_loss": 0.001}}'
    better = evaluated(base, gate)
    assert better["champion"]["log_loss"] > better["metrics"]["log_loss"] + 0.005
    assert better["champion"]["rows"] == better["metrics"]["rows"]
    assert better["verdict"]["passed"]
    inputs = base / "processing" / "input"
    for name in ("model", "champion"):
        shutil.rmtree(inputs / name / "unpacked")
    move(inputs, {"model": "other", "champion": "model"})
    move(inputs, {"other": "champion"})
    worse = evaluated(base, gate)
    assert worse["champion"] == better["metrics"]
    assert not worse["verdict"]["passed"]
    assert "log_loss not worse than the champion's by more than 0.001" in worse["verdict"]["summary"]


def rewrite(base: Path, name: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a JSON file of the champion, with a manifest that agrees."""
    folder = base / "processing" / "input" / "champion"
    with tarfile.open(folder / "model.tar.gz") as content:
        content.extractall(folder, filter="data")
    (folder / "model.tar.gz").unlink()
    content = json.loads((folder / name).read_text())
    change(content)
    (folder / name).write_text(json.dumps(content))
    manifest = json.loads((folder / "model.json").read_text())
    if name in manifest["files"]:
        manifest["files"][name] = fingerprint_of_files([folder / name], folder)
        (folder / "model.json").write_text(json.dumps(manifest))


INCOMPARABLE: dict[str, tuple[str, Callable[[dict[str, Any]], None], str]] = {
    "another definition": (
        "model.json",
        lambda manifest: manifest["features"].update(age="number col(age).__truediv__(100)"),
        "the approved model has features that are no longer made so: age",
    ),
    "trained on the test": (
        "profile.json",
        lambda profile: profile["splits"]["validation"].update(last="2026-03-20T00:00:00Z"),
        "the approved model has learnt from rows up to 2026-03-20T00:00:00Z, and the test begins before",
    ),
    "other scores": (
        "golden.json",
        lambda golden: golden["scores"].__setitem__(0, 0.99),
        "the approved model cannot be loaded: the model in",
    ),
    "another format": (
        "model.json",
        lambda manifest: manifest.update(format=99),
        "the approved model cannot be loaded: ",
    ),
    "a package that is gone": (
        "model.json",
        lambda manifest: manifest["facts"].update(package="gone"),
        "the approved model cannot be loaded: package 'gone' is not found",
    ),
}


@pytest.mark.parametrize(("name", "change", "note"), INCOMPARABLE.values(), ids=INCOMPARABLE.keys())
def test_a_champion_that_cannot_be_compared_stops_nothing(
    name: str, change: Callable[[dict[str, Any]], None], note: str, base: Path, raw: Path
) -> None:
    """The newcomer is judged by the other rules, and the evaluation says why."""
    del raw
    prepared(base)
    trained(base, "model", max_rounds="5")
    trained(base, "champion", max_rounds="5")
    rewrite(base, name, change)
    evaluation = evaluated(base, '{"champion_tolerance": {"log_loss": 0}}')
    assert evaluation["champion"] is None
    assert evaluation["champion_note"].startswith(note)
    assert [rule["name"] for rule in evaluation["verdict"]["rules"]] == [
        "log_loss below that of a constant by more than 0, beyond chance"
    ]


def test_training_again_by_hand_leaves_a_model_that_loads(base: Path, raw: Path) -> None:
    """The second training in a folder takes the place of the first."""
    del raw
    prepared(base)
    (base / "model" / "code").mkdir(parents=True)
    (base / "model" / "code" / "old.txt").write_text("of another time")
    for _ in range(2):
        assert train.main(["--model", "toy"]) == 0
    assert load_artefact(base / "model").facts.package == "toy"


def test_slices_are_the_rows_of_a_value() -> None:
    """Each slice has the metrics of its own rows, a null is a slice, and of many values the frequent are kept."""
    random = np.random.default_rng(0)
    values = pl.Series("colour", ["red", "blue", None]).sample(300, with_replacement=True, seed=0)
    many = pl.Series("shop", random.integers(0, 250, 300).astype(str))
    frame = pl.DataFrame(
        {"label": random.integers(0, 2, 300), "slice": pl.DataFrame([values, many]).to_struct()}
    )
    score = random.uniform(0.01, 0.99, 300)
    found = evaluate.slices_of(Examples(frame), score)
    by_value = {part.value: part.metrics for part in found if part.column == "colour"}
    rows = (values == "red").fill_null(value=False).to_numpy()
    assert by_value["red"] == metrics_of(Examples(frame).label[rows], score[rows])
    assert by_value["missing"].rows == values.null_count()
    assert sum(part.column == "shop" for part in found) == evaluate.SLICES_KEPT


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
    assert "depth: unknown key" in (base / "output" / "failure").read_text()
    assert not (base / "model").exists()


def test_a_missing_input_is_reported(base: Path) -> None:
    """A job run by hand without its input says what to give."""
    assert prepare.main(["--model", "toy"]) == 1
    assert "give the job an input named 'raw'" in (base / "output" / "message").read_text()
