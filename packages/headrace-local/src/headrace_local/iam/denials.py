"""The answer that denies a request, as each service of AWS words and sends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4
from xml.sax.saxutils import escape

from headrace_local import strict_json
from headrace_local.iam.requests import Call

_FORBIDDEN, _BAD_REQUEST = 403, 400
# Services whose error has another code than their protocol's, or another status.
_CODES = {"ec2": "UnauthorizedOperation", "sns": "AuthorizationError"}
# How a service writes an action in its message.
_WRITTEN: Mapping[str, Callable[[str], str]] = {
    "sns": lambda action: action.replace("sns:", "SNS:"),
    "sqs": str.lower,
}
_OLDER_CODE = "AccessDenied"  # of services that once had the query protocol, in a header for older clients
_ONCE_QUERY = {"cloudwatch", "sqs"}


@dataclass(frozen=True)
class Answer:
    """What is sent: status, headers, body."""

    status: int
    headers: Mapping[str, str]
    body: str


def message(service: str, principal: str, action: str, resource: str, reason: str) -> str:
    """Return AWS's message for what a principal may not do. `reason` says which policy is why."""
    written = _WRITTEN.get(service, str)
    quoted = f'"{resource}"' if service == "s3" and action.startswith("s3:") else resource
    about = "" if resource == "*" else f" on resource: {quoted}"
    reason = reason.replace(action, written(action))
    return f"User: {principal} is not authorized to perform: {written(action)}{about} {reason}"


def answer(call: Call, text: str) -> Answer:
    """Return the answer that denies a request, in its own protocol."""
    request_id = str(uuid4())
    made = _ANSWERS[call.protocol](call, text, request_id)
    headers = {"x-amzn-RequestId": request_id, **made.headers}
    # No client reads the body of an answer to HEAD; S3's says nothing more than the status either.
    return Answer(made.status, headers, "" if call.method == "HEAD" else made.body)


def _in_json(call: Call, text: str, _: str) -> Answer:
    code = "AccessDeniedException"
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-ErrorType": code}
    if call.service in _ONCE_QUERY:
        headers["x-amzn-query-error"] = f"{_OLDER_CODE};Sender"
    is_forbidden = call.service in _ONCE_QUERY or call.protocol == "rest-json"
    body = strict_json.dumps({"__type": code, "message": text, "Message": text})
    return Answer(_FORBIDDEN if is_forbidden else _BAD_REQUEST, headers, body)


def _in_xml(call: Call, text: str, request_id: str) -> Answer:
    code = _CODES.get(call.service, _OLDER_CODE)
    error = f"<Code>{code}</Code><Message>{escape(text)}</Message>"
    if call.service == "ec2":
        body = (
            f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
        )
    else:
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>{request_id}</RequestId>"
            "</ErrorResponse>"
        )
    return Answer(_FORBIDDEN, {"Content-Type": "text/xml"}, body)


def _of_s3(_: Call, text: str, request_id: str) -> Answer:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{_OLDER_CODE}</Code><Message>{escape(text)}</Message><RequestId>{request_id}</RequestId></Error>"
    )
    return Answer(_FORBIDDEN, {"Content-Type": "application/xml", "x-amz-request-id": request_id}, body)


_ANSWERS: Mapping[str, Callable[[Call, str, str], Answer]] = {
    "json": _in_json,
    "query": _in_xml,
    "rest-json": _in_json,
    "rest-xml": _of_s3,
}
