"""Boosted trees: a resumed training ends as an uninterrupted one, and no unknown value breaks a score."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xgboost
from toy import MODEL
from toy.model import Hyperparameters

from headrace import boosting
from headrace.boosting.encoding import encoding_of
from headrace.boosting.trees import BoostedTrees
from headrace.errors import ArtefactError, ConfigurationError
from headrace.examples import Examples
from headrace.model import Training

Splits = dict[str, Examples]


def fit(splits: Splits, folder: Path, **changes: float) -> Training:
    """Fit the toy's model, with its checkpoints in a folder."""
    folder.mkdir(exist_ok=True)
    return MODEL.fit(splits["train"], splits["validation"], Hyperparameters(**changes), folder)


@pytest.mark.parametrize("cut_at", ["search", "refit"])
def test_a_resumed_training_ends_as_an_uninterrupted_one(
    cut_at: str, splits: Splits, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A training that finds the checkpoint of a cut one goes on from it, to the same scores and rounds.

    The checkpoint of a cut training is the one that a training of fewer rounds leaves behind.
    """
    settings = {"subsample": 0.7, "learning_rate": 0.02, "early_stopping_rounds": 60}
    whole = fit(splits, tmp_path / "whole", **settings, max_rounds=60)
    fit(splits, tmp_path / "cut", **settings, max_rounds=25 if cut_at == "search" else 60)
    if cut_at == "refit":
        assert shorten(tmp_path / "cut" / "refit.ubj") == 25
    capsys.readouterr()
    resumed = fit(splits, tmp_path / "cut", **settings, max_rounds=60)
    assert f"resumed {cut_at} after round 25" in capsys.readouterr().out
    assert resumed.fitted.rounds == whole.fitted.rounds
    np.testing.assert_array_equal(resumed.validation_score, whole.validation_score)
    rows = splits["test"].features
    np.testing.assert_array_equal(resumed.fitted.predict(rows), whole.fitted.predict(rows))


def shorten(file: Path) -> int:
    """Cut a checkpoint back to its first 25 rounds, as a cut training had left it; return its rounds."""
    booster = xgboost.Booster(model_file=file)
    history = json.loads(booster.attr("headrace_history") or "")[:25]
    cut = booster[:25]
    cut.set_attr(
        headrace_history=json.dumps(history), headrace_fingerprint=booster.attr("headrace_fingerprint")
    )
    cut.save_model(file)
    return int(cut.num_boosted_rounds())


def test_a_finished_search_is_not_searched_on(splits: Splits, tmp_path: Path) -> None:
    """A checkpoint of a search that has stopped only tells its rounds."""
    first = fit(splits, tmp_path, max_rounds=200, learning_rate=0.5)
    before = (tmp_path / "search.ubj").read_bytes()
    again = fit(splits, tmp_path, max_rounds=200, learning_rate=0.5)
    assert again.fitted.rounds == first.fitted.rounds
    assert (tmp_path / "search.ubj").read_bytes() == before


def test_a_checkpoint_of_other_settings_is_left_alone(
    splits: Splits, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What lies in the folder from another training does not find its way into the model."""
    fit(splits, tmp_path / "shared", max_depth=1)
    mixed = fit(splits, tmp_path / "shared", max_depth=4)
    assert "search.ubj is of other data or settings: beginning anew" in capsys.readouterr().out
    alone = fit(splits, tmp_path / "alone", max_depth=4)
    np.testing.assert_array_equal(mixed.validation_score, alone.validation_score)


def test_a_broken_checkpoint_is_left_alone(
    splits: Splits, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that was cut while it was copied begins the training anew."""
    (tmp_path / "search.ubj").write_bytes(b"{L")
    fit(splits, tmp_path)
    assert "search.ubj cannot be read: beginning anew" in capsys.readouterr().out


def test_the_model_holds_nothing_of_its_checkpoints(splits: Splits, tmp_path: Path) -> None:
    """Histories stay in the checkpoints."""
    fitted = fit(splits, tmp_path).fitted
    assert isinstance(fitted, BoostedTrees)
    assert not [name for name in fitted.booster.attributes() if name.startswith("headrace")]


def test_a_monotone_feature_never_lowers_the_score(splits: Splits, tmp_path: Path) -> None:
    """Where a number may only raise the score, every row's score grows with it."""
    features = tuple(
        replace(feature, monotone=1) if feature.name == "age" else feature for feature in MODEL.features
    )
    tmp_path.joinpath("c").mkdir()
    trees = boosting.fit(splits["train"], splits["validation"], features, Hyperparameters(), tmp_path / "c")
    rows = splits["test"].features
    scores = [trees.fitted.predict(rows.with_columns(age=pl.lit(float(age)))) for age in range(18, 90, 6)]
    assert (np.diff(scores, axis=0) >= 0).all()
    assert (np.diff(scores, axis=0) > 0).any()


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


def test_a_category_is_its_own_code_and_nothing_else(splits: Splits) -> None:
    """Codes count from 0 in the order of the encoding; null and unseen values are NaN, not a code."""
    encoding = encoding_of(splits["train"].features, MODEL.features)
    rows = pl.DataFrame(
        {"colour": ["blue", "red", "mauve", None], "age": [1.0, None, 3.0, 4.0], "hour": [0] * 4}
    )
    np.testing.assert_array_equal(encoding.matrix(rows)[:, 0], [0, 2, np.nan, np.nan])
    np.testing.assert_array_equal(encoding.matrix(rows)[:, 1], [1, np.nan, 3, 4])


def test_a_feature_of_another_type_is_reported(splits: Splits, tmp_path: Path) -> None:
    """Text where the model knows a number is an error of the artefact."""
    fitted = fit(splits, tmp_path).fitted
    with pytest.raises(ArtefactError, match="features are of other types than the model's"):
        fitted.predict(splits["test"].features.with_columns(age=pl.lit("old")))


def test_the_columns_order_does_not_matter(splits: Splits, tmp_path: Path) -> None:
    """Features are found by name."""
    fitted = fit(splits, tmp_path).fitted
    rows = splits["test"].features
    np.testing.assert_array_equal(fitted.predict(rows), fitted.predict(rows.select(sorted(rows.columns))))


def test_a_missing_feature_is_reported(splits: Splits, tmp_path: Path) -> None:
    """Data without a feature of the model is named, not scored."""
    fitted = fit(splits, tmp_path).fitted
    with pytest.raises(ArtefactError, match="the model needs features that the data does not have: age"):
        fitted.predict(splits["test"].features.drop("age"))


def test_what_xgboost_refuses_is_told(splits: Splits, tmp_path: Path) -> None:
    """Without the place in its source and its stack trace, and with the hyperparameters that it was given."""
    given = Hyperparameters().model_copy(update={"reg_lambda": -1.0})
    with pytest.raises(
        ConfigurationError, match=r"^XGBoost does not fit .*; change one of: .*reg_lambda = -1.0"
    ) as told:
        MODEL.fit(splits["train"], splits["validation"], given, tmp_path)
    assert "\n" not in str(told.value)
    assert ".cc:" not in str(told.value)


def test_importance_sums_to_one(splits: Splits, tmp_path: Path) -> None:
    """Every feature has a share of the gain, the telling ones more."""
    importance = fit(splits, tmp_path).fitted.importance()
    assert set(importance) == {"colour", "age", "hour"}
    assert sum(importance.values()) == pytest.approx(1)
    assert importance["colour"] > importance["hour"]


def test_a_damaged_booster_is_reported(tmp_path: Path) -> None:
    """A file that is no booster is an error of the artefact."""
    (tmp_path / "booster.ubj").write_bytes(b"no booster")
    with pytest.raises(ArtefactError, match="cannot be read"):
        boosting.restore(tmp_path)


def test_the_booster_is_data(splits: Splits, tmp_path: Path) -> None:
    """XGBoost alone, without headrace, reads the file."""
    fit(splits, tmp_path).fitted.save(tmp_path)
    assert xgboost.Booster(model_file=tmp_path / "booster.ubj").num_features() == 3
