"""Settings: strings become numbers, and what cannot be used is reported with what is known."""

import pytest

from headrace.boosting import Hyperparameters
from headrace.errors import ConfigurationError
from headrace.settings import Cutoffs, Folds, Gate, Split, settings_of


def test_sagemakers_strings_become_numbers() -> None:
    """SageMaker gives every hyperparameter as a string."""
    found = settings_of(Hyperparameters, {"max_depth": "4", "learning_rate": "0.1", "refit": "false"}, "h")
    assert (found.max_depth, found.learning_rate, found.refit) == (4, 0.1, False)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (
            Hyperparameters,
            {"depth": "4"},
            r"depth: unknown key; did you mean max_depth\?",
        ),
        (Hyperparameters, {"max_depth": "deep"}, "max_depth: has to be a whole number \\(found 'deep'\\)"),
        (Hyperparameters, {"learning_rate": "2"}, "learning_rate: has to be less than 1"),
        (Split, '{"test": 0.6, "validation": 0.5}', "test and validation together leave no rows to train on"),
        (Split, "{", "these settings is not JSON: line 1, column 2, where it ends"),
        (
            Folds,
            '{"method": "stratified", "label_delay_days": 1}',
            "label_delay_days belong to the method time: other folds train on rows from after their tests",
        ),
        (Cutoffs, '{"tolerated_cost": 1}', "tolerated_cost: has to be less than 1"),
        (Cutoffs, '{"label_delay_days": -1}', "label_delay_days: has to be 0 or more"),
        (Gate, '{"floor": {"roc_auc": 65}}', "floor: roc_auc can never be 65"),
        (
            Gate,
            '{"floor": {"accuracy": 0.9}}',
            "floor: a key in it has to be 'roc_auc', 'average_precision'.*'accuracy'",
        ),
    ],
)
def test_what_cannot_be_used_is_reported(kind: type, given: object, message: str) -> None:
    """The message names the key, the fault, the value, and the keys that exist."""
    with pytest.raises(ConfigurationError, match=message):
        settings_of(kind, given, "these settings")  # type: ignore[arg-type,type-var]
