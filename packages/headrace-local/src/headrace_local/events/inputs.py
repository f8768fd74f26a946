"""The input of a target: the whole event, a part of it, a constant, or a filled template.

The forms are those of AWS's "Input transformation": a variable outside quotes is put in as JSON, one inside quotes as
its text; JSON that is put inside quotes loses its own; a variable whose path finds nothing is empty.
"""

import re
from collections.abc import Mapping

from headrace_local import strict_json
from headrace_local.events.event import Event, Json

_ABSENT = object()
_STEP = re.compile(r"\.([\w\-/@:]+)|\[(\d+|\*)\]|\[['\"]([^'\"]+)['\"]\]")
_VARIABLE = re.compile(r"<([\w.\-]+)>")


def text(target: Mapping[str, Json], event: Event, rule_arn: str, rule_name: str) -> str:
    """Return the text that a target of a rule receives."""
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath") is not None:
        found = at(target["InputPath"], event)
        return strict_json.dumps({} if found is _ABSENT else found)
    if target.get("InputTransformer"):
        transformer = target["InputTransformer"]
        values = {
            name: at(path, event) for name, path in (transformer.get("InputPathsMap") or {}).items()
        } | {
            "aws.events.rule-arn": rule_arn,
            "aws.events.rule-name": rule_name,
            "aws.events.event.ingestion-time": event["time"],
            "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
            "aws.events.event.json": event,
        }
        return filled(transformer["InputTemplate"], values)
    return strict_json.dumps(event)


def at(path: str, event: Event) -> Json:
    """Return what is at a path such as `$.detail.items[0].name`, or a mark of absence."""
    found: Json = event
    for name, index, quoted in _STEP.findall(path.removeprefix("$")):
        if index == "*" and isinstance(found, list):
            continue
        key = name or quoted
        if index and isinstance(found, list) and int(index) < len(found):
            found = found[int(index)]
        elif key and isinstance(found, Mapping) and key in found:
            found = found[key]
        else:
            return _ABSENT
    return found


def filled(template: str, values: Mapping[str, Json]) -> str:
    """Return a template with its variables filled in; a word in angle brackets that is no variable stays."""
    parts: list[str] = []
    end, quoted = 0, False
    for found in _VARIABLE.finditer(template):
        before = template[end : found.start()]
        quoted ^= _quotes(before) % 2 == 1
        name = found.group(1)
        parts += [before, _put(values[name], quoted=quoted) if name in values else found.group(0)]
        end = found.end()
    return "".join([*parts, template[end:]])


def _quotes(part: str) -> int:
    """Return how many quotes begin or end a string."""
    return len(re.findall(r'"', re.sub(r"\\.", "", part)))


def _put(value: Json, *, quoted: bool) -> str:
    if not quoted:
        return '""' if value is _ABSENT else strict_json.dumps(value)
    if value is _ABSENT:
        return ""
    if isinstance(value, str):
        return strict_json.dumps(value)[1:-1]
    return strict_json.dumps(value).replace('"', "")
