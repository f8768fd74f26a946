"""Boosted trees: a resumed training ends as an uninterrupted one, and no unknown value breaks a score."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xgboost
from toy import MODEL
from toy.model import Hyperparameters

from headrace import boosting
from headrace.boosting.progress import Progress
from headrace.errors import ArtefactError
from headrace.examples import Examples
from headrace.model import Training

Splits = dict[str, Examples]


def fit(splits: Splits, folder: Path, **changes: float) -> Training:
    """Fit the toy's model, with its checkpoints in a folder."""
    folder.mkdir(exist_ok=True)
    return MODEL.fit(splits["train"], splits["validation"], Hyperparameters(**changes), folder)


class Interruption(BaseException):
    """What a spot instance meets."""


def test_a_resumed_training_ends_as_an_uninterrupted_one(
    splits: Splits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training cut after round 30 goes on from its checkpoint of round 25 to the same scores and rounds."""
    settings = {"subsample": 0.7, "learning_rate": 0.02, "max_rounds": 60}
    whole = fit(splits, tmp_path / "whole", **settings)
    add = Progress.add

    def cut(self: Progress, booster: xgboost.Booster, log_loss: float) -> Path | None:
        if len(self.history) == 30:
            raise Interruption
        return add(self, booster, log_loss)

    with monkeypatch.context() as patched:
        patched.setattr(Progress, "add", cut)
        with pytest.raises(Interruption):
            fit(splits, tmp_path / "cut", **settings)
    assert [path.name for path in (tmp_path / "cut").glob("booster-*")] == ["booster-25.ubj"]
    resumed = fit(splits, tmp_path / "cut", **settings)
    assert resumed.fitted.rounds == whole.fitted.rounds
    np.testing.assert_allclose(resumed.validation_score, whole.validation_score, atol=1e-6)


def test_a_training_cut_after_its_end_only_refits(splits: Splits, tmp_path: Path) -> None:
    """A checkpoint of a finished search is not searched on."""
    first = fit(splits, tmp_path)
    history = (tmp_path / "history.json").read_text()
    again = fit(splits, tmp_path)
    assert again.fitted.rounds == first.fitted.rounds
    assert (tmp_path / "history.json").read_text() == history


def test_early_stopping_keeps_the_best_round(splits: Splits, tmp_path: Path) -> None:
    """Without refit the booster has as many rounds as the lowest log loss needed, not all that were tried."""
    fitted = fit(splits, tmp_path, refit=False, max_rounds=200, learning_rate=0.5).fitted
    assert fitted.rounds is not None
    assert fitted.rounds < 100


def test_validation_scores_are_of_a_model_that_has_not_seen_the_rows(splits: Splits, tmp_path: Path) -> None:
    """The refit takes the validation rows in, and the scores that judge do not come from it."""
    kept = fit(splits, tmp_path / "a", refit=False)
    refitted = fit(splits, tmp_path / "b", refit=True)
    np.testing.assert_array_equal(kept.validation_score, refitted.validation_score)
    after = refitted.fitted.predict(splits["validation"].features)
    assert not np.allclose(after, refitted.validation_score)


def test_unseen_and_missing_values_are_scored(splits: Splits, tmp_path: Path) -> None:
    """A category that training never saw counts as missing, and scores as missing does."""
    fitted = fit(splits, tmp_path).fitted
    rows = pl.DataFrame({"colour": ["mauve", None], "age": [None, None], "hour": [3, 3]})
    unseen, missing = fitted.predict(rows)
    assert 0 < unseen < 1
    assert unseen == missing


def test_the_columns_order_does_not_matter(splits: Splits, tmp_path: Path) -> None:
    """Features are found by name."""
    fitted = fit(splits, tmp_path).fitted
    rows = splits["test"].features
    np.testing.assert_array_equal(fitted.predict(rows), fitted.predict(rows.select(sorted(rows.columns))))


def test_a_missing_feature_is_told(splits: Splits, tmp_path: Path) -> None:
    """Data without a feature of the model is named, not scored."""
    fitted = fit(splits, tmp_path).fitted
    with pytest.raises(ArtefactError, match="the model needs features that the data does not have: age"):
        fitted.predict(splits["test"].features.drop("age"))


def test_importance_sums_to_one(splits: Splits, tmp_path: Path) -> None:
    """Every feature has a share of the gain, the telling ones more."""
    importance = fit(splits, tmp_path).fitted.importance()
    assert set(importance) == {"colour", "age", "hour"}
    assert sum(importance.values()) == pytest.approx(1)
    assert importance["colour"] > importance["hour"]


def test_a_damaged_booster_is_told(tmp_path: Path) -> None:
    """A file that is no booster is an error of the artefact."""
    (tmp_path / "booster.ubj").write_bytes(b"no booster")
    with pytest.raises(ArtefactError, match="cannot be read"):
        boosting.restore(tmp_path)


def test_the_booster_is_data(splits: Splits, tmp_path: Path) -> None:
    """XGBoost alone, without headrace, reads the file."""
    fit(splits, tmp_path).fitted.save(tmp_path)
    assert xgboost.Booster(model_file=tmp_path / "booster.ubj").num_features() == 3
