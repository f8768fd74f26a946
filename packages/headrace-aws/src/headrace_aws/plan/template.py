"""A CloudFormation template as data: the short forms of YAML spelled out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

Json: TypeAlias = Any  # a value of JSON, as it comes out of a template


@dataclass(frozen=True)
class Template:
    """The sections of a template that a plan reads; what is absent is empty."""

    parameters: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    mappings: Mapping[str, Json] = field(default_factory=dict)
    conditions: Mapping[str, Json] = field(default_factory=dict)
    resources: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)


def template_of(body: str | Mapping[str, Json]) -> Template:
    """Return the template of a text in YAML or JSON, or of the object that GetTemplate makes of JSON."""
    content = _content(body) if isinstance(body, str) else body
    sections = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
    return Template(*(content.get(section) or {} for section in sections))


def _content(text: str) -> Mapping[str, Json]:
    content: Mapping[str, Json]
    if text.lstrip().startswith("{"):
        content = json.loads(text)
        return content
    loader = _Loader(text)
    try:
        content = loader.get_single_data()
    finally:
        loader.dispose()
    return content


class _Loader(yaml.CSafeLoader):  # type: ignore[misc] # PyYAML has no types
    """YAML as CloudFormation reads it: dates are text, `!Sub` and its like are functions."""


_Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _function(loader: yaml.CSafeLoader, name: str, node: yaml.Node) -> dict[str, Json]:
    value: Json
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _function)
