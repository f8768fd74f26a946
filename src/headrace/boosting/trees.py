"""The booster: fit, predict, save and restore."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import xgboost
from numpy.typing import NDArray

from headrace.boosting.encoding import Encoding, encoding_of
from headrace.boosting.hyperparameters import Hyperparameters
from headrace.boosting.progress import Progress
from headrace.errors import ArtefactError
from headrace.evaluation import Scores
from headrace.examples import Examples
from headrace.features import Feature
from headrace.model import Training

BOOSTER_FILE = "booster.ubj"
ENCODING_FILE = "encoding.json"


@dataclass(frozen=True)
class BoostedTrees:
    """A booster with the encoding that it was fitted with."""

    booster: xgboost.Booster
    encoding: Encoding

    @property
    def rounds(self) -> int:
        """Boosting rounds kept."""
        return int(self.booster.num_boosted_rounds())

    def predict(self, features: pl.DataFrame) -> Scores:
        """Return the probability of class 1 of each row, shape (rows,)."""
        matrix = self.encoding.matrix(features)
        return np.asarray(self.booster.predict(_data(matrix, self.encoding)), dtype=np.float64)

    def importance(self) -> Mapping[str, float]:
        """Return each feature's share of the total gain, by XGBoost's `total_gain`."""
        score = self.booster.get_score(importance_type="total_gain")
        gain = {name: float(np.sum(score.get(name, 0.0))) for name in self.encoding.features}
        total = sum(gain.values()) or 1.0  # a model of no splits has no gain
        return {name: value / total for name, value in gain.items()}

    def save(self, folder: Path) -> None:
        """Write the booster in XGBoost's own format, and the encoding as JSON."""
        self.booster.save_model(folder / BOOSTER_FILE)
        (folder / ENCODING_FILE).write_text(self.encoding.model_dump_json(indent=2), encoding="utf-8")


def restore(folder: Path) -> BoostedTrees:
    """Return what `BoostedTrees.save` wrote; raise `ArtefactError` when it cannot be read."""
    try:
        booster = xgboost.Booster(model_file=folder / BOOSTER_FILE)
        encoding = Encoding.model_validate_json((folder / ENCODING_FILE).read_text(encoding="utf-8"))
    except (xgboost.core.XGBoostError, OSError, ValueError) as error:
        raise ArtefactError(f"the booster in {folder} cannot be read: {error}") from error
    return BoostedTrees(booster, encoding)


def fit(
    train: Examples,
    validation: Examples,
    features: tuple[Feature, ...],
    hyperparameters: Hyperparameters,
    checkpoints: Path,
) -> Training:
    """Fit on the training rows until the log loss of the validation rows no longer falls.

    Progress is kept in `checkpoints` every 25 rounds, and a training that finds some goes on from there to
    the same result. With `refit`, a second fit with the rounds found takes the validation rows in.
    """
    encoding = encoding_of(train.features, features)
    data, watched = _labelled(train, encoding), _labelled(validation, encoding)
    parameters = hyperparameters.booster_parameters() | {
        "monotone_constraints": tuple(feature.monotone for feature in features)
    }
    progress = Progress(hyperparameters.early_stopping_rounds, checkpoints)
    booster = xgboost.Booster(parameters, [data, watched], model_file=progress.restore())
    # Not xgboost.train: it counts rounds from 0 after a resume, and so draws other rows.
    while not progress.is_stopped and len(progress.history) < hyperparameters.max_rounds:
        booster.update(data, len(progress.history))
        checkpoint = progress.add(booster, float(booster.eval(watched).rpartition(":")[2]))
        if checkpoint:
            # What draws the columns has a state that no file keeps: begin anew as a resumed training would.
            booster = xgboost.Booster(parameters, [data, watched], model_file=checkpoint)
    rounds = progress.best_rounds
    stopped = BoostedTrees(booster[:rounds], encoding)
    validation_score = stopped.predict(validation.features)
    if not hyperparameters.refit:
        return Training(stopped, validation_score)
    both = Examples(pl.concat([train.frame, validation.frame]))
    encoding = encoding_of(both.features, features)
    refitted = xgboost.train(parameters, _labelled(both, encoding), num_boost_round=rounds)
    return Training(BoostedTrees(refitted, encoding), validation_score)


def _labelled(examples: Examples, encoding: Encoding) -> xgboost.DMatrix:
    return _data(encoding.matrix(examples.features), encoding, examples.label)


def _data(
    matrix: NDArray[np.float32], encoding: Encoding, label: NDArray[np.int8] | None = None
) -> xgboost.DMatrix:
    return xgboost.DMatrix(
        matrix,
        label=label,
        feature_names=list(encoding.features),
        feature_types=encoding.feature_types(),
        enable_categorical=True,
    )
