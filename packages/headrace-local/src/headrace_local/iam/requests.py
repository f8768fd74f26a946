"""A request on the wire, read far enough to know what it asks for: service, operation, parameters.

The body is read only where the parameters are in it, and put back for the application behind. Of S3 it never is, save
the list of keys of DeleteObjects.
"""

import gzip
import io
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.core.request import Request
from moto.core.routing import get_service_router
from werkzeug.exceptions import NotFound

from headrace_local import strict_json

_CREDENTIAL = re.compile(r"Credential=([^/,]+)/[^/]+/([^/]*)/([^/]+)/aws4_request")
# Services that sign under another name than the one of their actions.
_PREFIXES = {"monitoring": "cloudwatch", "email": "ses"}
# Services with paths, whose botocore model is not that of the name they sign with.
_MODELS = {"sagemaker": "sagemaker-runtime"}
_FORM = "application/x-www-form-urlencoded"
_LIST_MARK = re.compile(r"(?:\.(?:member|entry|Entry))?\.\d+(?=\.|$)")
UNKNOWN = ""  # an operation that no model has
_VIRTUAL_HOST = ".localhost"


@dataclass(frozen=True)
class Call:
    """What a request asks for. `protocol` is json, query, rest-json or rest-xml; `parameters` are by AWS's names."""

    access_key: str
    service: str
    operation: str
    region: str
    protocol: str
    parameters: dict[str, Any]
    headers: dict[str, str]
    method: str


@dataclass(frozen=True)
class Signature:
    """The signer of a request, and the service and region that it is signed for."""

    access_key: str
    region: str
    service: str


def signature_of(environ: dict[str, Any]) -> Signature | None:
    """Return the signature of a request, or None when it is not signed and so has no principal."""
    found = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", "")) or _presigned(environ)
    return Signature(*found.groups()) if found else None


def call_of(environ: dict[str, Any], signature: Signature) -> Call:
    """Return what a signed request asks for."""
    key, region, signing_name = signature.access_key, signature.region, signature.service
    service = _PREFIXES.get(signing_name, signing_name)
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        protocol, operation, parameters = "json", target.rpartition(".")[2], _json(environ)
    elif service != "s3" and "Action" in (form := _form(environ)):
        protocol, operation, parameters = "query", form.pop("Action", UNKNOWN), form
    else:
        protocol, operation, parameters = _by_path(environ, service)
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    method = environ["REQUEST_METHOD"]
    return Call(key, service, operation, region, protocol, parameters, headers, method)


def _presigned(environ: dict[str, Any]) -> re.Match[str] | None:
    found = parse_qs(environ.get("QUERY_STRING", "")).get("X-Amz-Credential")
    return _CREDENTIAL.search(f"Credential={found[0]}") if found else None


def _by_path(environ: dict[str, Any], service: str) -> tuple[str, str, dict[str, Any]]:
    """Return protocol, operation and parameters of a service whose operations are methods on paths."""
    protocol = "rest-xml" if service == "s3" else "rest-json"
    query = {
        name: values[0]
        for name, values in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True).items()
    }
    try:
        operation, found = _router(_MODELS.get(service, service)).match(Request(_with_path(environ, service)))
    except (NotFound, NotImplementedError, ValueError):
        return protocol, UNKNOWN, query
    name = str(operation.name)
    parameters = query | {key: unquote(str(value)) for key, value in found.items()}
    if name == "DeleteObjects":
        parameters["Keys"] = re.findall(r"<Key>([^<]*)</Key>", _body(environ).decode(errors="replace"))
    elif protocol == "rest-json":
        parameters |= _named(operation, query)
        if "json" in environ.get("CONTENT_TYPE", ""):
            parameters |= _json(environ)
    return protocol, name, parameters


def _named(operation: Any, query: dict[str, str]) -> dict[str, str]:  # noqa: ANN401 - untyped in botocore
    """Return the parameters that a query has under names of its own (groupName) by AWS's (GroupName)."""
    members = operation.input_shape.members if operation.input_shape else {}
    wire = {name: shape.serialization.get("name", name) for name, shape in members.items()}
    return {name: query[other] for name, other in wire.items() if other in query}


@cache
def _router(model: str) -> Any:  # noqa: ANN401 - moto's class has no types
    return get_service_router(model)


def _with_path(environ: dict[str, Any], service: str) -> dict[str, Any]:
    """Return a request's facts with the bucket in the path, where S3's virtual-hosted style has it in the host."""
    name = environ.get("HTTP_HOST", "").partition(":")[0]
    if service != "s3" or not name.endswith(_VIRTUAL_HOST):
        return environ
    bucket, path = name.removesuffix(_VIRTUAL_HOST), environ.get("PATH_INFO", "/")
    return {**environ, "RAW_URI": f"/{bucket}{environ.get('RAW_URI', path)}", "PATH_INFO": f"/{bucket}{path}"}


def _json(environ: dict[str, Any]) -> dict[str, Any]:
    try:
        found = strict_json.loads(_body(environ) or b"{}")
    except ValueError:
        return {}  # the service says what is wrong with it
    return found if isinstance(found, dict) else {}


def _form(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of the query protocol, the values of a list under the name of the list."""
    text = environ.get("QUERY_STRING", "")
    if environ.get("CONTENT_TYPE", "").startswith(_FORM):
        text = _body(environ).decode(errors="replace") or text
    found: dict[str, Any] = {}
    for name, values in parse_qs(text, keep_blank_values=True).items():
        plain = _LIST_MARK.sub("[]", name)
        if plain == name:
            found[name] = values[0]
        else:
            found.setdefault(plain, []).extend(values)
    return found


def _body(environ: dict[str, Any]) -> bytes:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return gzip.decompress(body) if environ.get("HTTP_CONTENT_ENCODING") == "gzip" else bytes(body)
