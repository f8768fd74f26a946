"""JSON in requests is JSON: NaN, infinity and 1e999 are refused, which Python's parser, and so moto's, takes.

The body of a request, and the members that are JSON texts themselves: an execution's input, an event, a pattern.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from headrace_local import dynamodb_numbers, strict_json
from headrace_local.request_guard import Application

_SCHEDULES = "/schedules/"  # EventBridge Scheduler has paths in place of operations
# What a number that is none has to have in it, so that hardly any other body is parsed here.
_SUSPECT = re.compile(rb"NaN|Infinity|[eE]\+?\d{3}|\d{309}")
# The members that are JSON texts, by operation, and the error of one that is none. State machines are checked by
# `stepfunctions.definition`, and the output of a task by `stepfunctions.callbacks`.
_TEXTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "StartExecution": (("input",), "InvalidExecutionInput"),
    "PutEvents": (("Entries", "Detail"), "ValidationException"),
    "PutRule": (("EventPattern",), "InvalidEventPatternException"),
    "PutTargets": (("Targets", "Input"), "ValidationException"),
    "TestEventPattern": (("Event",), "ValidationException"),
    _SCHEDULES: (("Target", "Input"), "ValidationException"),
}


def checked(application: Application) -> Application:
    """Return the application behind a check that answers 400, as AWS does, to JSON that is none."""

    def check(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        found = _refusal(environ) if _has_json(environ) else None
        if found is None:
            return application(environ, start_response)
        code, message = found
        headers = [
            ("Content-Type", "application/x-amz-json-1.0"),
            ("x-amzn-ErrorType", code),
            ("x-amzn-RequestId", str(uuid4())),
        ]
        start_response("400 Bad Request", headers)
        return [strict_json.dumps({"__type": code, "message": message, "Message": message}).encode()]

    return check


def _has_json(environ: dict[str, Any]) -> bool:
    return "HTTP_X_AMZ_TARGET" in environ or "json" in environ.get("CONTENT_TYPE", "")


def _refusal(environ: dict[str, Any]) -> tuple[str, str] | None:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    is_dynamodb = target.startswith("DynamoDB_")
    if not is_dynamodb and not _SUSPECT.search(body):
        return None
    code, place = "SerializationException", "the request"
    try:
        request = strict_json.loads(body)
        if is_dynamodb and (fault := dynamodb_numbers.fault(request)):
            return "ValidationException", fault
        operation = target.rpartition(".")[2]
        if environ.get("PATH_INFO", "").startswith(_SCHEDULES):
            operation = _SCHEDULES
        path, code = _TEXTS.get(operation, ((), code))
        place = path[-1] if path else place
        for text in _members(request, path):
            strict_json.loads(text)
    except json.JSONDecodeError as error:
        return code, f"{place} is not valid JSON: {error}"
    return None


def _members(value: object, path: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts at a path, which leads through each element of a list."""
    if isinstance(value, list):
        for element in value:
            yield from _members(element, path)
    elif isinstance(value, dict) and path:
        yield from _members(value.get(path[0]), path[1:])
    elif isinstance(value, str) and not path:
        yield value
