"""The golden job by hand: what the golden rows score here, told and not judged."""

import json
from pathlib import Path

import pytest
from toy import MODEL
from toy.model import Hyperparameters

from headrace.artefact import GOLDEN_ROWS, Artefact, features_of, model_facts, tables_of, write_artefact
from headrace.examples import Examples
from headrace.fingerprint import fingerprint_of_files
from headrace.golden import GoldenScores
from headrace.jobs import golden
from headrace.profile import Profile


@pytest.fixture
def base(
    splits: dict[str, Examples], profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A job's folders, with a model of the toy as its input."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    model = tmp_path / "processing" / "input" / "model"
    for folder in (model, tmp_path / "checkpoints"):
        folder.mkdir(parents=True)
    hyperparameters = Hyperparameters(max_rounds=5)
    fitted = MODEL.fit(
        splits["train"], splits["validation"], hyperparameters, tmp_path / "checkpoints"
    ).fitted
    facts = model_facts("toy", profile, "c0ffee", hyperparameters, fitted)
    artefact = Artefact(facts, profile, fitted, features_of(MODEL), tables_of(MODEL))
    write_artefact(model, artefact, splits["validation"])
    return tmp_path


def changed(base: Path, name: str, path: list[str | int], value: object) -> None:
    """Change a value in a file of the model, with a manifest that agrees."""
    folder = base / "processing" / "input" / "model"
    content = json.loads((folder / name).read_text())
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    (folder / name).write_text(json.dumps(content))
    if name != "model.json":
        manifest = json.loads((folder / "model.json").read_text())
        manifest["files"][name] = fingerprint_of_files([folder / name], folder)
        (folder / "model.json").write_text(json.dumps(manifest))


def found(base: Path) -> GoldenScores:
    """Run the job, and return what it wrote."""
    assert golden.main(["--image", "toy@sha256:0"]) == 0
    text = (base / "processing" / "output" / "golden" / "golden.json").read_text()
    return GoldenScores.model_validate_json(text)


def test_golden_rows_score_as_at_the_training(base: Path) -> None:
    """Each row has the score of its training and the score here, to the last bit, and what scored is reported."""
    scored = found(base)
    assert len(scored.rows) == len(scored.trained) == GOLDEN_ROWS
    assert scored.scores == scored.trained
    assert (scored.image, scored.trained_by, scored.disagreement) == ("toy@sha256:0", "c0ffee", "")
    assert set(scored.versions) == {"python", "narwhals", "numpy", "polars", "xgboost-cpu"}
    assert found(base).artefact == scored.artefact


def test_another_score_is_written_down(base: Path) -> None:
    """A model that scores otherwise than at its training fails nothing: both scores are there to be shown."""
    before = found(base)
    changed(base, "golden.json", ["scores", 3], 0.5)
    scored = found(base)
    assert scored.trained[3] == 0.5
    assert scored.scores == before.scores
    assert scored.artefact != before.artefact


def test_features_that_the_code_no_longer_makes_are_reported(base: Path) -> None:
    """The model scores its golden rows, whose features are made, and the reason why it cannot predict is there."""
    changed(base, "model.json", ["features", "age"], "number old_age")
    scored = found(base)
    assert scored.scores == scored.trained
    assert "feature 'age' has changed" in scored.disagreement


def test_a_damaged_model_fails_the_job(base: Path) -> None:
    """What was altered since the training is not scored."""
    path = base / "processing" / "input" / "model" / "profile.json"
    path.write_text(path.read_text() + " ")
    assert golden.main([]) == 1
    assert "profile.json" in (base / "output" / "message").read_text()
