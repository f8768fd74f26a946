"""Judging a model by many trainings: cross-validation over folds, backtesting over cut-offs.

How the data is cut (`parts.py`, `folds.py`, `cutoffs.py`), what is tried on each part (`candidates.py`, `trials.py`), and
what the results tell (`results.py`, `cross_validation.py`, `backtesting.py`, `retraining.py`).
"""
