"""Parameters of a stack: what the caller gave, what the template allows, what they come to."""

import re
from collections.abc import Callable, Mapping, Sequence

from headrace_local.cloudformation.errors import invalid
from headrace_local.grammars.template import Json, Template

HIDDEN = "****"  # shown in place of a NoEcho value

_LISTS = ("CommaDelimitedList", "List<")
_FROM_STORE = re.compile(r"^AWS::SSM::Parameter::Value<(.+)>$")


def given(
    template: Template, entries: Sequence[Mapping[str, Json]], previous: Mapping[str, str]
) -> dict[str, str]:
    """Return the text of each parameter: from the request, from before (UsePreviousValue), or the default.

    `entries` are the request's ParameterKey, ParameterValue, UsePreviousValue. Raise ValidationError for one
    that the template does not have, one without a value, and one that breaks its constraints.
    """
    unknown = [entry["ParameterKey"] for entry in entries if entry["ParameterKey"] not in template.parameters]
    if unknown:
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    texts: dict[str, str] = {}
    for entry in entries:
        name = entry["ParameterKey"]
        if entry.get("UsePreviousValue"):
            if name not in previous:
                raise invalid(f"Parameters: [{name}] has no previous value")
            texts[name] = previous[name]
        elif "ParameterValue" in entry:
            texts[name] = entry["ParameterValue"]
    for name, declaration in template.parameters.items():
        if name not in texts and "Default" in declaration:
            texts[name] = _text(declaration["Default"])
    missing = [name for name in template.parameters if name not in texts]
    if missing:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    for name, text in texts.items():
        _check(name, text, template.parameters[name])
    return texts


def values(template: Template, texts: Mapping[str, str], stored: Callable[[str], str]) -> dict[str, Json]:
    """Return what Ref gives for each parameter; `stored(name)` looks into the SSM parameter store."""
    return {name: _value(texts[name], template.parameters[name], stored) for name in template.parameters}


def is_hidden(declaration: Mapping[str, Json]) -> bool:
    """Tell whether a parameter's value must not be shown."""
    return str(declaration.get("NoEcho", False)).lower() == "true"


def _text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(text: str, declaration: Mapping[str, Json], stored: Callable[[str], str]) -> Json:
    kind = declaration.get("Type", "String")
    if match := _FROM_STORE.match(kind):
        text, kind = stored(text), match.group(1)
    if kind.startswith(_LISTS):
        return [item.strip() for item in text.split(",")] if text else []
    return text


def _check(name: str, text: str, declaration: Mapping[str, Json]) -> None:
    kind = declaration.get("Type", "String")
    items = text.split(",") if kind.startswith(_LISTS) else [text]
    for item in map(str.strip, items) if kind.startswith(_LISTS) else items:
        allowed = declaration.get("AllowedValues")
        if allowed is not None and item not in map(_text, allowed):
            shown = ", ".join(map(_text, allowed))
            raise invalid(f"Parameter '{name}' must be one of AllowedValues [{shown}]")
        if kind in {"Number", "List<Number>"}:
            _check_number(name, item, declaration)
    rule = next(filter(None, (_broken_rule(item, declaration) for item in items)), None)
    if rule:
        described = declaration.get("ConstraintDescription") or rule
        raise invalid(f"Parameter '{name}' failed to satisfy constraint: {described}")


def _broken_rule(text: str, declaration: Mapping[str, Json]) -> str | None:
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(pattern, text):
        return f"must match pattern {pattern}"
    if len(text) < int(declaration.get("MinLength", 0)):
        return f"must have at least {declaration['MinLength']} character(s)"
    if "MaxLength" in declaration and len(text) > int(declaration["MaxLength"]):
        return f"must have at most {declaration['MaxLength']} character(s)"
    return None


def _check_number(name: str, text: str, declaration: Mapping[str, Json]) -> None:
    try:
        number = float(text)
    except ValueError as error:
        raise invalid(f"Parameter '{name}' must be a number.") from error
    if "MinValue" in declaration and number < float(declaration["MinValue"]):
        raise invalid(f"Parameter '{name}' must be a number not less than {declaration['MinValue']}")
    if "MaxValue" in declaration and number > float(declaration["MaxValue"]):
        raise invalid(f"Parameter '{name}' must be a number not greater than {declaration['MaxValue']}")
