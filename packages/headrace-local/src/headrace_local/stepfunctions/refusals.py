"""Operations of Step Functions that moto does not have: refused by name."""

from typing import Any

from botocore import xform_name
from moto.core.exceptions import AWSError
from moto.stepfunctions.responses import StepFunctionResponse

from headrace_local.patching import add
from headrace_local.stepfunctions.services import service_model


class UnknownOperationError(AWSError):
    """The local AWS has no such operation."""

    TYPE = "UnknownOperationException"
    STATUS = 400


def install() -> None:
    """Refuse what there is not."""
    refuse_unknown_operations()


def refuse_unknown_operations() -> None:
    """Refuse an operation such as TestState by name: moto/core/responses.py answers it with an error 500."""
    for operation in service_model("stepfunctions").operation_names:
        if not hasattr(StepFunctionResponse, xform_name(operation)):
            add(StepFunctionResponse, xform_name(operation), _refusing(operation))


def _refusing(operation: str) -> Any:
    def refuse(_response: Any) -> None:
        raise UnknownOperationError(f"The local AWS does not know {operation} of Step Functions.")

    return refuse
