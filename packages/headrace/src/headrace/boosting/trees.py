"""The booster: fit, predict, save and restore."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import xgboost
from numpy.typing import NDArray

from headrace import strict_json
from headrace.arrays import Scores
from headrace.boosting.encoding import Encoding, encoding_of
from headrace.boosting.hyperparameters import Hyperparameters
from headrace.boosting.progress import Progress, without_progress
from headrace.errors import ArtefactError, ConfigurationError
from headrace.examples import Examples
from headrace.features import Feature
from headrace.model import Training
from headrace.settings import record_of
from headrace.stored_files import first_line

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
        encoding = record_of(Encoding, (folder / ENCODING_FILE).read_bytes(), ENCODING_FILE)
    except (xgboost.core.XGBoostError, OSError, ValueError) as error:
        raise ArtefactError(f"the booster in {folder} cannot be read: {first_line(error)}") from error
    return BoostedTrees(booster, encoding)


def fit(
    train: Examples,
    validation: Examples,
    features: tuple[Feature, ...],
    hyperparameters: Hyperparameters,
    checkpoints: Path,
) -> Training:
    """Return what `headrace.boosting.fit` promises."""
    parameters = hyperparameters.booster_parameters() | {
        "monotone_constraints": tuple(feature.monotone for feature in features)
    }
    encoding = encoding_of(train.features, features)
    search = _Rows(encoding, train), _Rows(encoding, validation)
    booster, rounds = _fitted(
        *search,
        parameters,
        checkpoints / "search.ubj",
        hyperparameters.max_rounds,
        hyperparameters.early_stopping_rounds,
    )
    stopped = BoostedTrees(booster[:rounds], encoding)
    validation_score = stopped.predict(validation.features)
    if not hyperparameters.refit:
        return Training(stopped, validation_score)
    del search, booster  # the second fit needs their memory
    both = Examples(pl.concat([train.frame, validation.frame]))
    encoding = encoding_of(both.features, features)
    rows = _Rows(encoding, both)
    # It runs its rounds to the end: what it watches are rows that it knows.
    booster, _ = _fitted(rows, rows, parameters, checkpoints / "refit.ubj", rounds, patience=rounds)
    return Training(BoostedTrees(booster, encoding), validation_score)


class _Rows:
    """Rows as XGBoost's matrix, with a fingerprint of their content."""

    def __init__(self, encoding: Encoding, examples: Examples) -> None:
        matrix, label = encoding.matrix(examples.features), examples.label
        self.data = _data(matrix, encoding, label)
        digest = hashlib.sha256(np.ascontiguousarray(matrix).data)
        digest.update(np.ascontiguousarray(label).data)
        self.fingerprint = digest.hexdigest()


def _fitted(  # noqa: PLR0913, PLR0917 - the parts of a fit, each of another kind
    train: _Rows,
    watched: _Rows,
    parameters: dict[str, object],
    checkpoint: Path,
    max_rounds: int,
    patience: int,
) -> tuple[xgboost.Booster, int]:
    """Return the booster of all rounds that were tried, and how many of them are the best."""
    settings = strict_json.dumps(
        [parameters | {"nthread": None}, train.fingerprint, watched.fingerprint], default=str
    )
    progress = Progress(checkpoint, hashlib.sha256(settings.encode()).hexdigest(), patience)
    try:
        return _boosted(train, watched, parameters, progress, max_rounds)
    except xgboost.core.XGBoostError as error:
        # Its text begins with a place in its own source, and ends with a stack trace.
        reason = re.sub(r"^\[[\d:]+\] \S+: ", "", first_line(error))
        given = ", ".join(f"{name} = {value}" for name, value in parameters.items())
        raise ConfigurationError(
            f"XGBoost does not fit with these hyperparameters: {reason}; change one of: {given}"
        ) from error


def _boosted(
    train: _Rows, watched: _Rows, parameters: dict[str, object], progress: Progress, max_rounds: int
) -> tuple[xgboost.Booster, int]:
    cache = [train.data] if watched is train else [train.data, watched.data]
    booster = xgboost.Booster(parameters, cache, model_file=progress.restore())
    # Not xgboost.train: it counts rounds from 0 after a resume, and so draws other rows.
    while not progress.is_stopped and len(progress.history) < max_rounds:
        booster.update(train.data, len(progress.history))
        written = progress.add(booster, float(booster.eval(watched.data).rpartition(":")[2]))
        if written:
            # What draws the columns has a state that no file keeps: begin anew as a resumed fit would.
            booster = xgboost.Booster(parameters, cache, model_file=written)
    return without_progress(booster), progress.best_rounds


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
