"""Which API a Task calls, by its Resource, and the shape of what that API takes."""

import re
from dataclasses import dataclass
from functools import lru_cache

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, ServiceModel

# Step Functions' name of a service, where botocore has another.
BOTOCORE_NAMES = {"states": "stepfunctions", "sfn": "stepfunctions", "eventbridge": "events"}

_RESOURCE = re.compile(
    r"arn:aws[a-z-]*:states:::(?P<sdk>aws-sdk:)?(?P<service>[a-z0-9]+):(?P<operation>[a-zA-Z0-9]+)"
    r"(?:\.(?P<pattern>sync(?::2)?|waitForTaskToken))?"
)


@dataclass(frozen=True)
class Api:
    """One API call of a Task: `sagemaker`, `CreateTrainingJob`, waited for by the pattern `sync`."""

    service: str
    operation: str
    pattern: str | None
    optimised: bool

    @property
    def synchronous(self) -> bool:
        """Whether the Task waits for the end of the job that it starts."""
        return (self.pattern or "").startswith("sync")


def api(resource: str) -> Api | None:
    """Return the API that a Resource names, or None when it names none."""
    found = _RESOURCE.fullmatch(resource)
    if found is None:
        return None
    operation = found["operation"]
    return Api(
        found["service"], operation[0].upper() + operation[1:], found["pattern"], optimised=not found["sdk"]
    )


@lru_cache
def service_model(service: str) -> ServiceModel | None:
    """Return what botocore knows of a service, or None when there is none."""
    try:
        session = botocore.session.get_session()
        return session.get_service_model(BOTOCORE_NAMES.get(service, service))
    except UnknownServiceError:
        return None


@lru_cache
def operation_model(call: Api) -> OperationModel | None:
    """Return what botocore knows of an operation, or None when there is none; the case of letters counts."""
    model = service_model(call.service)
    if model is None or call.operation not in model.operation_names:
        return None
    return model.operation_model(call.operation)
