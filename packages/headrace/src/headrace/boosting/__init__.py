"""Gradient-boosted trees by XGBoost, for a model package to use: native categoricals, early stopping, resume.

XGBoost takes more than a second to import and only fitting and scoring need it, so it is imported there.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from headrace.boosting.hyperparameters import Hyperparameters
from headrace.examples import Examples
from headrace.features import Feature
from headrace.model import Training

if TYPE_CHECKING:
    from headrace.boosting.trees import BoostedTrees

__all__ = ["Hyperparameters", "fit", "restore"]


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
    from headrace.boosting import trees  # noqa: PLC0415 - see the module's docstring

    return trees.fit(train, validation, features, hyperparameters, checkpoints)


def restore(folder: Path) -> "BoostedTrees":
    """Return the trees of a folder; raise `ArtefactError` when they cannot be read."""
    from headrace.boosting import trees  # noqa: PLC0415 - see the module's docstring

    return trees.restore(folder)
