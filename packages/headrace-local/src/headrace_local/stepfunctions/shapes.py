"""Values on their way between a state's JSON and an API: names in AWS's case, plain JSON in results.

Step Functions calls through AWS's Java SDK 2, so names of parameters and results are that SDK's, in Pascal case:
`KMSKeyId` is `KmsKeyId` there, and camel case APIs (Step Functions' own, CloudWatch Logs) are in Pascal case as well.
"""

import base64
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from moto.stepfunctions.parser.utils import camel_to_snake_case, snake_to_camel_case

from headrace_local import strict_json

Json = Any


def cased(member: str) -> str:
    """Return an API's member name as Step Functions writes it: SSEKMSKeyId -> SsekmsKeyId, name -> Name."""
    return str(snake_to_camel_case(camel_to_snake_case(member)))


def request(value: Json, shape: Shape | None, place: str = "Parameters") -> Json:
    """Return a parameter of a state with the API's own names; raise `ValueError` that names an unknown one."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        names = {cased(member): member for member in shape.members} | {
            member: member for member in shape.members
        }
        unknown = sorted(value.keys() - names.keys())
        if unknown:
            raise ValueError(f"The field {unknown[0]!r} is not supported by Step Functions at {place}")
        return {
            names[key]: request(item, shape.members[names[key]], f"{place}/{key}")
            for key, item in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [request(item, shape.member, f"{place}[{index}]") for index, item in enumerate(value)]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: request(item, shape.value, f"{place}/{key}") for key, item in value.items()}
    if shape is not None and shape.type_name == "blob" and not isinstance(value, bytes):
        # Always JSON, so a text keeps its quotes: "text". An object is written without spaces.
        return strict_json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return value


def response(value: Any, shape: Shape | None) -> Json:
    """Return an API's answer as a state gets it: Pascal case, times as ISO text, streams as text."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            cased(key): response(item, shape.members.get(key))
            for key, item in value.items()
            if key != "ResponseMetadata"
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [response(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: response(item, shape.value) for key, item in value.items()}
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return _text(value)
    return iso(value) if isinstance(value, datetime) else value


def epoch(value: Any) -> Json:
    """Return an answer as the optimised integrations give it: the API's names, times in milliseconds since 1970."""
    if isinstance(value, dict):
        return {key: epoch(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [epoch(item) for item in value]
    return round(value.timestamp() * 1000) if isinstance(value, datetime) else value


def iso(time: datetime) -> str:
    """Return a time as AWS writes it: 2026-11-22T11:23:09.456Z."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()
