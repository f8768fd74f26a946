"""The progress of a training: what each round reached, when to stop, and checkpoints that survive a cut."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xgboost

ROUNDS_PER_CHECKPOINT = 25


@dataclass
class Progress:
    """The log loss of the validation rows after each round.

    XGBoost's own early stopping forgets on a resume which round was the best; this one keeps it on disk.
    """

    patience: int  # rounds without a lower log loss before the training stops
    folder: Path
    history: list[float] = field(default_factory=list)

    @property
    def best_rounds(self) -> int:
        """How many rounds give the lowest log loss."""
        return int(np.argmin(self.history)) + 1

    @property
    def is_stopped(self) -> bool:
        """Whether the last `patience` rounds were in vain."""
        return bool(self.history) and len(self.history) - self.best_rounds >= self.patience

    def restore(self) -> Path | None:
        """Take up the history of a checkpoint and return its booster's file; None at a first start."""
        path = self.folder / "history.json"
        if not path.exists():
            return None
        self.history = json.loads(path.read_text(encoding="utf-8"))
        print(f"resumed from the checkpoint after round {len(self.history)}")  # noqa: T201 - the job's log
        return self._booster_file()

    def add(self, booster: xgboost.Booster, log_loss: float) -> Path | None:
        """Take up a round; now and then tell it, and return the booster's file of a checkpoint."""
        self.history.append(log_loss)
        if not self.is_stopped and len(self.history) % ROUNDS_PER_CHECKPOINT:
            return None
        print(f"round {len(self.history)}: validation log_loss={log_loss:.6f}")  # noqa: T201 - the job's log
        return self._saved(booster)

    def _saved(self, booster: xgboost.Booster) -> Path:
        """Write the booster first and the history that names it last, so that a cut leaves a whole pair."""
        file = self._booster_file()
        booster.save_model(file)
        partial = self.folder / ".history.json"
        partial.write_text(json.dumps(self.history), encoding="utf-8")
        partial.rename(self.folder / "history.json")
        for path in self.folder.glob("booster-*.ubj"):
            if path != file:
                path.unlink()
        return file

    def _booster_file(self) -> Path:
        return self.folder / f"booster-{len(self.history)}.ubj"
