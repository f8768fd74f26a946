"""The pipelines of every model, one file each. `PIPELINES` lists those that are rendered and deployed."""

from pipelines import (
    backtesting,
    bookkeeping,
    cross_validation,
    inference,
    quality,
    retraining,
    smoke,
    training,
)

PIPELINES = (training, inference, quality, cross_validation, backtesting, retraining, smoke, bookkeeping)
