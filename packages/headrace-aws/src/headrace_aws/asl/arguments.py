"""Settings and hyperparameters in the forms that SageMaker takes."""

from collections.abc import Mapping

from headrace import strict_json
from headrace.errors import DefinitionError
from headrace.settings import Settings
from headrace_aws.asl.expressions import Payload

ARGUMENT_LENGTH = 256  # characters that SageMaker takes in one argument


def argument_object(settings: Settings) -> dict[str, Payload]:
    """Return settings as an object that a job takes as JSON text; raise `DefinitionError` when it is too long."""
    members: dict[str, Payload] = settings.model_dump(mode="json", exclude_none=True)
    length = len(strict_json.dumps(members))
    if length > ARGUMENT_LENGTH:
        raise DefinitionError(
            f"{type(settings).__name__} is {length} characters as JSON and SageMaker takes {ARGUMENT_LENGTH} "
            f"in one argument; name fewer metrics, dates or values in project.toml"
        )
    return members


def hyperparameter_texts(hyperparameters: Mapping[str, str | float | bool]) -> dict[str, str]:
    """Return hyperparameters as the texts that SageMaker carries; true and false as JSON writes them."""
    return {
        key: value if isinstance(value, str) else strict_json.dumps(value)
        for key, value in hyperparameters.items()
    }
