"""Payload templates: JSON of a definition in which a key that ends in `.$` holds a path or a function."""

from typing import Any

from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.utils import json_path

from headrace_local.grammars.intrinsic_syntax import parse
from headrace_local.stepfunctions.intrinsics import Intrinsic

Json = Any


def filled(template: Json, given: Json, env: Environment) -> Json:
    """Return a template with the values that its paths and functions give, `given` being `$`."""
    if isinstance(template, list):
        return [filled(item, given, env) for item in template]
    if not isinstance(template, dict):
        return template
    return {
        key.removesuffix(".$"): value_of(item, given, env) if key.endswith(".$") else filled(item, given, env)
        for key, item in template.items()
    }


def value_of(expression: str, given: Json, env: Environment) -> Json:
    """Return what a path or a function gives."""
    if expression.startswith("$$"):
        return json_path.extract_json(expression[1:], env.states.context_object.context_object_data)
    if expression.startswith("$"):
        return json_path.extract_json(expression, given)
    env.stack.append(given)
    Intrinsic(parse(expression)).eval(env)
    value = env.stack.pop()
    env.stack.pop()
    return value


def field(state: dict[str, Json], name: str, given: Json, env: Environment) -> Json:
    """Return a field of a state, or what the path in `<name>Path` gives; None when it has neither."""
    path = state.get(f"{name}Path")
    return value_of(path, given, env) if path is not None else state.get(name)
