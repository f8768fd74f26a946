"""What AWS publishes of each resource type: its properties, and which of them cannot be changed in place.

The schemas are those that cfn-lint ships, read as files (importing cfn-lint would take a second).
"""

import importlib.util
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from headrace_local import strict_json
from headrace_local.grammars.template import Json
from headrace_local.grammars.template_functions import UNKNOWN, as_text

_REGION = "us-east-1"  # the region that has every type; the schemas hardly differ between regions


@cache
def _folder() -> Path:
    found = importlib.util.find_spec("cfnlint")
    if found is None or found.origin is None:
        raise ModuleNotFoundError(
            "cfn-lint is not installed: its resource schemas are needed; run `pip install cfn-lint`"
        )
    return Path(found.origin).parent / "data" / "schemas"


@cache
def _index() -> dict[str, str]:
    index: dict[str, str] = strict_json.loads((_folder() / "providers" / f"{_REGION}.json").read_bytes())
    return index


@cache
def schema(type_name: str) -> Mapping[str, Any]:
    """Return the schema of a type that AWS has."""
    body: dict[str, Any] = strict_json.loads(
        (_folder() / "resources" / f"{_index()[type_name]}.json").read_bytes()
    )
    return body


def exists(type_name: str) -> bool:
    """Tell whether AWS has this type."""
    return type_name in _index()


@cache
def create_only(type_name: str) -> frozenset[tuple[str, ...]]:
    """Return the paths of the properties whose change needs a new resource, such as (Budget, BudgetName)."""
    body = schema(type_name)
    paths = [*body.get("createOnlyProperties", []), *body.get("conditionalCreateOnlyProperties", [])]
    return frozenset(tuple(path.split("/")[2:]) for path in paths)


@cache
def read_only(type_name: str) -> frozenset[str]:
    """Return the properties that AWS gives and a template cannot set."""
    paths = (path.split("/") for path in schema(type_name).get("readOnlyProperties", []))
    return frozenset(path[2] for path in paths if len(path) == 3)  # noqa: PLR2004 - /properties/<name>


@cache
def write_only(type_name: str) -> frozenset[str]:
    """Return the properties that AWS takes and never tells again."""
    paths = (path.split("/") for path in schema(type_name).get("writeOnlyProperties", []))
    return frozenset(path[2] for path in paths if len(path) == 3)  # noqa: PLR2004 - /properties/<name>


def conformed(type_name: str, properties: Mapping[str, Json]) -> tuple[dict[str, Json], list[str]]:
    """Return the properties in the types that the schema wants ("90" as 90), and what is wrong with them."""
    faults: list[str] = []
    body = schema(type_name)
    root = {"type": "object", **{key: body[key] for key in ("properties", "required") if key in body}}
    root["additionalProperties"] = False
    value = _conformed(properties, root, body, "#", faults)
    faults += [f"#: {name} cannot be set: AWS gives it" for name in sorted(read_only(type_name) & set(value))]
    return value, faults


def _conformed(
    value: Json, rule: Mapping[str, Any], body: Mapping[str, Any], path: str, faults: list[str]
) -> Json:
    if isinstance(value, str) and UNKNOWN in value:
        return value
    rule = _followed(rule, body)
    kinds = _kinds(rule)
    if isinstance(value, dict) and ("properties" in rule or "patternProperties" in rule):
        return _object(value, rule, body, path, faults)
    if isinstance(value, list) and "array" in kinds:
        items = rule.get("items", {})
        if len(value) < rule.get("minItems", 0) or len(value) > rule.get("maxItems", len(value)):
            faults.append(f"{path}: has {len(value)} item(s)")
        return [_conformed(item, items, body, f"{path}/{index}", faults) for index, item in enumerate(value)]
    if kinds:
        value = _cast(value, kinds, path, faults)
    _check_scalar(value, rule, path, faults)
    return value


def _followed(rule: Mapping[str, Any], body: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in rule:
        found: Any = body
        for key in rule["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        rule = found
    return rule


def _kinds(rule: Mapping[str, Any]) -> tuple[str, ...]:
    kinds = rule.get("type", ())
    return (kinds,) if isinstance(kinds, str) else tuple(kinds)


def _object(
    value: dict[str, Json], rule: Mapping[str, Any], body: Mapping[str, Any], path: str, faults: list[str]
) -> dict[str, Json]:
    known = rule.get("properties", {})
    patterns = rule.get("patternProperties", {})
    result = {}
    for key, item in value.items():
        inner = known.get(key) or next((rule for text, rule in patterns.items() if _matches(text, key)), None)
        if inner is None and rule.get("additionalProperties", True) is False:
            faults.append(f"{path}: extraneous key [{key}] is not permitted")
            continue
        result[key] = _conformed(item, inner or {}, body, f"{path}/{key}", faults)
    faults += [
        f"{path}: required key [{key}] not found" for key in rule.get("required", []) if key not in value
    ]
    return result


def _cast(value: Json, kinds: tuple[str, ...], path: str, faults: list[str]) -> Json:
    """Return the value as one of the kinds; CloudFormation takes "90" for 90 and "true" for true."""
    for kind in kinds:
        if _IS[kind](value):
            return value
    text = as_text(value) if isinstance(value, str | int | float) else None
    if text is not None:
        if "boolean" in kinds and text in {"true", "false"}:
            return text == "true"
        if "integer" in kinds and re.fullmatch(r"-?\d+", text):
            return int(text)
        if "number" in kinds and re.fullmatch(r"-?\d+(\.\d+)?([eE]-?\d+)?", text):
            return float(text)
        if "string" in kinds:
            return text
    faults.append(f"{path}: expected type: {' or '.join(kinds)}, found: {type(value).__name__} {value!r}")
    return value


_IS = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}


def _check_scalar(value: Json, rule: Mapping[str, Any], path: str, faults: list[str]) -> None:
    if "enum" in rule and value not in rule["enum"]:
        faults.append(f"{path}: {value} is not a valid enum value; AWS has {rule['enum']}")
    if isinstance(value, str):
        pattern = rule.get("pattern")
        if pattern and not _matches(pattern, value):
            faults.append(f"{path}: string [{value}] does not match pattern {pattern}")
        if len(value) > rule.get("maxLength", len(value)) or len(value) < rule.get("minLength", 0):
            faults.append(f"{path}: string [{value}] has {len(value)} characters")
    elif _IS["number"](value) and not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        faults.append(f"{path}: {value} is out of range")


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True  # a pattern of another dialect: AWS itself has the last word on it
