"""A template's text as data: the short forms of YAML spelled out, the sections checked."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import yaml

from headrace_local import strict_json
from headrace_local.grammars.errors import TemplateError

Json: TypeAlias = Any  # a value of JSON, as it comes out of a template

SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
    }
)
RESOURCE_KEYS = frozenset(
    {"Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"}
)
POLICIES = frozenset({"Delete", "Retain", "RetainExceptOnCreate"})


@dataclass(frozen=True)
class Template:
    """The sections of a template; what is absent is empty."""

    text: str
    description: str
    metadata: Mapping[str, Json]
    parameters: Mapping[str, Mapping[str, Json]]
    mappings: Mapping[str, Json]
    conditions: Mapping[str, Json]
    resources: Mapping[str, Mapping[str, Json]]
    outputs: Mapping[str, Mapping[str, Json]]


class _Loader(yaml.CSafeLoader):  # type: ignore[misc] # PyYAML has no types
    """YAML as CloudFormation reads it: dates are text, `!Sub` and the like are functions."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _function(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> dict[str, Json]:
    value: Json
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    return {name: value}


def _float(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> float:
    number = float(loader.construct_yaml_float(node))
    if not math.isfinite(number):
        raise yaml.constructor.ConstructorError(
            None, None, f"{node.value} is no number of JSON", node.start_mark
        )
    return number


_Loader.add_multi_constructor("!", _function)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


@lru_cache(maxsize=32)
def parsed(text: str) -> Template:
    """Return the template of a text in JSON or YAML; raise `TemplateError` for what is none."""
    body = _body(text)
    unknown = sorted(set(body) - SECTIONS)
    if unknown:
        raise TemplateError(f"Template format error: the section(s) {unknown} are not supported; remove them")
    resources = _mapping(body, "Resources")
    if not resources:
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    for logical_id, resource in resources.items():
        _check_resource(logical_id, resource)
    return Template(
        text=text,
        description=body.get("Description", ""),
        metadata=_mapping(body, "Metadata"),
        parameters=_mapping(body, "Parameters"),
        mappings=_mapping(body, "Mappings"),
        conditions=_mapping(body, "Conditions"),
        resources=resources,
        outputs=_mapping(body, "Outputs"),
    )


def _body(text: str) -> dict[str, Json]:
    try:
        body = strict_json.loads(text) if text.lstrip().startswith("{") else _yaml(text)
    except json.JSONDecodeError as error:
        raise TemplateError(f"Template format error: JSON not well-formed. {error}") from error
    except yaml.YAMLError as error:
        raise TemplateError(f"Template format error: YAML not well-formed. {yaml_fault(error)}") from error
    except RecursionError:
        raise TemplateError("Template format error: it is nested too deeply.") from None
    if not isinstance(body, dict) or not all(isinstance(key, str) for key in body):
        raise TemplateError("Template format error: unsupported structure.")
    return body


def yaml_fault(error: yaml.YAMLError) -> str:
    """Return what is wrong with a YAML text, and where, in one line."""
    mark = getattr(error, "problem_mark", None)
    place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
    return f"{' '.join(str(getattr(error, 'problem', None) or error).split())}{place}"


def _yaml(text: str) -> Json:
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _mapping(body: Mapping[str, Json], section: str) -> dict[str, Json]:
    value = body.get(section) or {}
    if not isinstance(value, dict):
        raise TemplateError(f"Template format error: {section} must be an object.")
    for key in value:
        if not isinstance(key, str):
            raise TemplateError(f"Template format error: the key {key!r} of {section} must be a text.")
    return value


def _check_resource(logical_id: str, resource: Json) -> None:
    if not re.fullmatch(r"[A-Za-z0-9]{1,255}", logical_id):
        raise TemplateError(f"Template format error: Resource name {logical_id} is non alphanumeric.")
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        raise TemplateError(
            f"Template format error: [/Resources/{logical_id}] Every Resources object must have a Type"
        )
    if not isinstance(resource.get("Properties") or {}, dict):
        raise TemplateError(f"Template format error: [/Resources/{logical_id}/Properties] must be an object.")
    unknown = sorted(set(map(str, resource)) - RESOURCE_KEYS)
    if unknown:
        raise TemplateError(
            f"Template format error: resource {logical_id} has keys that are not known here: {unknown}"
        )
    for key in ("DeletionPolicy", "UpdateReplacePolicy"):
        if str(resource.get(key, "Delete")) not in POLICIES:
            raise TemplateError(
                f"Template format error: {key} of {logical_id} must be one of {sorted(POLICIES)}"
            )
