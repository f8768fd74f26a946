"""The progress of a fit: what each round reached, when to stop, and a checkpoint that survives a cut."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xgboost

from headrace import strict_json

ROUNDS_PER_CHECKPOINT = 25
# Attributes of a checkpoint's booster.
_HISTORY, _FINGERPRINT = "headrace_history", "headrace_fingerprint"


@dataclass
class Progress:
    """The log loss of the watched rows after each round.

    XGBoost's own early stopping forgets on a resume which round was the best. Here the history lies in the
    booster's own file, since SageMaker copies a folder file by file and may be cut between two.
    """

    file: Path
    fingerprint: str  # of data and parameters: a checkpoint of another fit is not gone on from
    patience: int  # rounds without a lower log loss before the fit stops
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
        """Take up the history of the checkpoint and return its file; None where there is none to go on from."""
        if not self.file.exists():
            return None
        try:
            checkpoint = xgboost.Booster(model_file=self.file)
            attributes = checkpoint.attributes()
            history = [
                float(value) for value in strict_json.loads(attributes.get(_HISTORY) or "[]", "checkpoint")
            ]
        except (xgboost.core.XGBoostError, ValueError, TypeError):
            print(f"{self.file.name} cannot be read: beginning anew")  # noqa: T201 - the job's log
            return None
        if attributes.get(_FINGERPRINT) != self.fingerprint:
            print(f"{self.file.name} is of other data or settings: beginning anew")  # noqa: T201 - the same
            return None
        self.history = history
        print(f"resumed {self.file.stem} after round {len(self.history)}")  # noqa: T201 - the same
        return self.file

    def add(self, booster: xgboost.Booster, log_loss: float) -> Path | None:
        """Take up a round; now and then tell it, write a checkpoint and return its file."""
        self.history.append(log_loss)
        if not self.is_stopped and len(self.history) % ROUNDS_PER_CHECKPOINT:
            return None
        print(f"{self.file.stem} round {len(self.history)}: log_loss={log_loss:.6f}")  # noqa: T201 - the same
        booster.set_attr(**{_HISTORY: strict_json.dumps(self.history), _FINGERPRINT: self.fingerprint})
        partial = self.file.with_name(f"partial-{self.file.name}")
        booster.save_model(partial)
        partial.rename(self.file)
        return self.file


def without_progress(booster: xgboost.Booster) -> xgboost.Booster:
    """Return the booster without what a checkpoint added to it."""
    booster.set_attr(**{_HISTORY: None, _FINGERPRINT: None})
    return booster
