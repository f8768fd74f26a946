"""What may be tuned in gradient-boosted trees."""

import os
from typing import Annotated

from pydantic import Field

from headrace.settings import Settings, Share


class Hyperparameters(Settings):
    """What may be tuned; the names are XGBoost's, but for the rounds."""

    learning_rate: Share = 0.05
    max_depth: Annotated[int, Field(ge=1, le=16)] = 5
    max_bin: Annotated[int, Field(ge=2, le=1024)] = 128
    max_cat_to_onehot: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    min_child_weight: Annotated[float, Field(ge=0, le=1e9)] = 100
    subsample: Annotated[float, Field(gt=0, le=1)] = 0.7
    colsample_bynode: Annotated[float, Field(gt=0, le=1)] = 0.5
    reg_lambda: Annotated[float, Field(ge=0, le=1e9)] = 5
    max_rounds: Annotated[int, Field(ge=1, le=10_000)] = 150
    early_stopping_rounds: Annotated[int, Field(ge=1, le=10_000)] = 50
    refit: bool = Field(
        default=True, description="Fit again on training and validation rows together, with the rounds found."
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0

    @property
    def complexity(self) -> tuple[float, ...]:
        """Deeper trees first, then smaller leaves, then more trees, then less shrinkage of their leaves."""
        return (self.max_depth, -self.min_child_weight, self.max_rounds, -self.reg_lambda)

    def booster_parameters(self) -> dict[str, object]:
        """Return the parameters of a booster of trees for a binary label."""
        return self.model_dump(exclude={"max_rounds", "early_stopping_rounds", "refit"}) | {
            "objective": "binary:logistic",
            "eval_metric": "logloss",
            "tree_method": "hist",
            "nthread": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            # A resumed training then draws the rows and columns that it would have drawn.
            "seed_per_iteration": True,
        }
