"""Operations that nobody has written: answered by name, where moto answers 500 and a page of HTML.

A client takes a 500 for a fault that passes, asks four times more, and shows the page. The codes are AWS's own for an
operation that a service does not have: InvalidAction in the query protocol, UnknownOperationException elsewhere.
"""

from http import HTTPStatus
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model

from headrace_local.patching import replace

_NOT_WRITTEN = "action has not been implemented"  # moto/core/responses.py:483
_QUERY = "query"


class UnknownOperationError(ServiceException):
    """A service has no such operation. A class of our own: moto looks for a model of AWS where its own are defined."""


def install() -> None:
    """Have every service answer so."""
    stock = BaseResponse.call_action

    def call_action(response: Any) -> Any:  # noqa: ANN401 - moto's own types
        try:
            return stock(response)
        except NotImplementedError as error:
            if _NOT_WRITTEN not in str(error):
                raise
            return _refusal(response)

    replace(BaseResponse, "call_action", call_action)


def _refusal(response: Any) -> tuple[int, dict[str, str], Any]:  # noqa: ANN401 - moto's own types
    service = response.boto3_service_name
    is_query = get_service_model(service).metadata["protocol"] == _QUERY
    code = "InvalidAction" if is_query else "UnknownOperationException"
    operation = response._get_action()  # noqa: SLF001 - moto's own way to the name
    fault = UnknownOperationError(code, f"The local AWS does not know {operation} of {service}.")
    _, headers, body = response.serialized(ActionResult(fault))
    return HTTPStatus.BAD_REQUEST, headers, body
