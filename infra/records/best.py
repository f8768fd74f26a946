"""The best hyperparameters that a cross-validation found."""

from typing import Any

from headrace.errors import ConfigurationError
from infra.aws import Clients
from infra.records.place import Place
from infra.records.table import runs
from pipelines.project import Project

PIPELINE = "cross-validation"
SUMMARISED = "summarised"


def best_hyperparameters(found: Clients, project: Project, model: str) -> tuple[dict[str, Any], str]:
    """Return the winner of the newest cross-validation that ended well, and the name of its execution.

    The hyperparameters are those that differ from the model's own, none when there was nothing to choose from.
    Raises `ConfigurationError` when there is no such cross-validation.
    """
    summarised = runs(Place(found, project, model), pipeline=PIPELINE, status=SUMMARISED)
    newest = next(summarised, None)
    if newest is None:
        raise ConfigurationError(
            f"no cross-validation of {model} in {found.name} has ended with a summary; "
            f"`make run PIPELINE={PIPELINE}` makes one"
        )
    return dict(newest.best), newest.name
