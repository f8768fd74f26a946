"""The best hyperparameters that a cross-validation found."""

from typing import Any

from headrace.errors import ConfigurationError
from headrace_aws.config.project import Project
from headrace_aws.model_context import ModelContext
from headrace_aws.runs.records.table import runs
from headrace_aws.session import AwsSession

PIPELINE = "cross-validation"
SUMMARISED = "summarised"


def best_hyperparameters(aws: AwsSession, project: Project, model: str) -> tuple[dict[str, Any], str]:
    """Return the winner of the newest cross-validation that ended well, and the name of its execution.

    The hyperparameters are those that differ from the model's own, none when there was nothing to choose from.
    Raises `ConfigurationError` when there is no such cross-validation.
    """
    summarised = runs(ModelContext(aws, project, model), pipeline=PIPELINE, status=SUMMARISED)
    newest = next(summarised, None)
    if newest is None:
        raise ConfigurationError(
            f"no cross-validation of {model} in {aws.name} has ended with a summary; "
            f"`make run PIPELINE={PIPELINE}` makes one"
        )
    return dict(newest.best), newest.name
