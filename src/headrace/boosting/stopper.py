"""Early stopping that survives an interruption."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

ROUNDS_PER_CHECKPOINT = 25


@dataclass(eq=False)  # XGBoost keeps callbacks by identity
class Stopper(xgboost.callback.TrainingCallback):
    """Stops when the log loss has not fallen for `patience` rounds, and keeps booster and history on disk.

    XGBoost's own EarlyStopping forgets on a resume which round was the best.
    """

    patience: int
    folder: Path
    history: list[float] = field(default_factory=list)

    def checkpoint(self) -> xgboost.Booster | None:
        """Return the booster to go on from, with its history taken up; None at a first start."""
        path = self.folder / "history.json"
        if not path.exists():
            return None
        self.history = json.loads(path.read_text(encoding="utf-8"))
        booster = xgboost.Booster(model_file=self.folder / f"booster-{len(self.history)}.ubj")
        print(f"resumed from the checkpoint after round {len(self.history)}")  # noqa: T201 - the job's log
        return booster

    def best_round(self) -> int:
        """Return the round of the lowest log loss, from 0."""
        return int(np.argmin(self.history))

    def is_stopped(self) -> bool:
        """Tell whether the best round lies `patience` rounds back."""
        return bool(self.history) and len(self.history) - 1 - self.best_round() >= self.patience

    def after_iteration(
        self,
        model: Any,  # noqa: ANN401 - as in the class it derives from
        epoch: int,  # noqa: ARG002 - the same
        evals_log: dict[str, dict[str, list[float] | list[tuple[float, float]]]],
    ) -> bool:
        """Take up the round's log loss; return whether to stop."""
        self.history.append(float(np.ravel(evals_log["validation"]["logloss"])[-1]))
        stop = self.is_stopped()
        if stop or len(self.history) % ROUNDS_PER_CHECKPOINT == 0:
            self._save(model)
        return stop

    def _save(self, model: xgboost.Booster) -> None:
        """Write the booster first and the history that names it last, so that a cut leaves a whole pair."""
        model.save_model(self.folder / f"booster-{len(self.history)}.ubj")
        partial = self.folder / ".history.json"
        partial.write_text(json.dumps(self.history), encoding="utf-8")
        partial.rename(self.folder / "history.json")
        for old in self.folder.glob("booster-*.ubj"):
            if old.name != f"booster-{len(self.history)}.ubj":
                old.unlink()
