"""The artefact: data only, and it proves itself at every load."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from toy import MODEL
from toy.model import Hyperparameters

from headrace.artefact import (
    GOLDEN_ROWS,
    Artefact,
    features_of,
    load_artefact,
    model_facts,
    tables_of,
    write_artefact,
)
from headrace.errors import ArtefactError
from headrace.examples import Examples
from headrace.profile import Profile

Splits = dict[str, Examples]


@pytest.fixture(scope="module")
def folder(splits: Splits, profile: Profile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model artefact of the toy."""
    hyperparameters = Hyperparameters()
    checkpoints = tmp_path_factory.mktemp("checkpoints")
    fitted = MODEL.fit(splits["train"], splits["validation"], hyperparameters, checkpoints).fitted
    facts = model_facts("toy", profile, "c0ffee", hyperparameters, fitted)
    made = tmp_path_factory.mktemp("model")
    artefact = Artefact(facts, profile, fitted, features_of(MODEL), tables_of(MODEL))
    write_artefact(made, artefact, splits["validation"])
    return made


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_an_artefact_tells_what_made_it(folder: Path) -> None:
    """Commit, data, code, hyperparameters, versions and profile are in the artefact."""
    loaded = load_artefact(folder)
    assert loaded.facts.commit == "c0ffee"
    assert loaded.facts.data_fingerprint == "0" * 64
    assert re.fullmatch("[0-9a-f]{64}", loaded.facts.code_fingerprint)
    assert loaded.facts.hyperparameters["max_depth"] == 3
    assert set(loaded.facts.versions) == {"python", "narwhals", "numpy", "polars", "xgboost-cpu"}
    assert set(loaded.profile.features) == {"colour", "age", "hour"}
    manifest = json.loads((folder / "model.json").read_text())
    assert manifest["tables"][0]["columns"][2]["values"] == ["blue", "green", "red"]


def test_a_loaded_model_scores_as_the_fitted_one(folder: Path, splits: Splits) -> None:
    """What is written and read again scores the golden rows as they were scored."""
    golden = json.loads((folder / "golden.json").read_text())
    assert len(golden["rows"]) == GOLDEN_ROWS
    step = len(splits["validation"].frame) // GOLDEN_ROWS
    scores = load_artefact(folder).predict(splits["validation"])[::step][:GOLDEN_ROWS]
    np.testing.assert_allclose(scores, golden["scores"], atol=1e-7)


def test_every_file_is_data(folder: Path) -> None:
    """JSON and XGBoost's own format: nothing that runs code when it is read."""
    assert {path.suffix for path in folder.iterdir()} == {".json", ".ubj"}


def change_a_score(folder: Path) -> None:
    """Make the golden rows expect another score, with a manifest that agrees."""
    golden = json.loads((folder / "golden.json").read_text())
    golden["scores"][0] += 0.01
    (folder / "golden.json").write_text(json.dumps(golden))
    refresh(folder, "golden.json")


def refresh(folder: Path, name: str) -> None:
    """Write the fingerprint of a file into the manifest."""
    from headrace.fingerprint import fingerprint_of_files  # noqa: PLC0415 - used by one case

    manifest = json.loads((folder / "model.json").read_text())
    manifest["files"][name] = fingerprint_of_files([folder / name], folder)
    (folder / "model.json").write_text(json.dumps(manifest))


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "altered file": (
        lambda folder: (folder / "profile.json").write_text("{}"),
        "profile.json in .* is altered since the training",
    ),
    "missing file": (lambda folder: (folder / "booster.ubj").unlink(), "booster.ubj in .* is missing"),
    "no manifest": (lambda folder: (folder / "model.json").unlink(), "model.json is missing"),
    "broken manifest": (
        lambda folder: (folder / "model.json").write_text("{"),
        "model.json is not JSON",
    ),
    "other scores": (change_a_score, r"scores its golden rows otherwise .* \(by up to 0\.01\)"),
}


@pytest.mark.parametrize(("spoil", "message"), SPOILED.values(), ids=SPOILED.keys())
def test_a_damaged_artefact_is_refused(spoil: Callable[[Path], object], message: str, copy: Path) -> None:
    """Whatever was altered since the training, the model does not load."""
    spoil(copy)
    with pytest.raises(ArtefactError, match=message):
        load_artefact(copy)
